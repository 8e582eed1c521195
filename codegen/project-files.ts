import { globSync } from "tinyglobby";
import type { Finding } from "../src/diagnostics/finding.ts";
import { buildDiagnostics, startOf } from "./config-diagnostics.ts";

/** Which files of a project are looked for. */
export interface FilePatterns {
  /** Patterns, relative to the project's folder; those with `!` in front take away. */
  readonly patterns: readonly string[];
  /** Project-relative output folder: nothing in it is a source. */
  readonly out: string;
  /** `sources`: TypeScript that is no declaration and was not generated. `data`: any file. */
  readonly kind: "sources" | "data";
}

/**
 * Files that match, as project-relative POSIX paths in the order of their UTF-16 units: the same on every machine. Packages
 * (`node_modules`) and outputs never match.
 */
export function projectFiles(root: string, { patterns, out, kind }: FilePatterns): readonly string[] {
  if (patterns.length === 0) return [];
  const ignore = ["**/node_modules/**", `${escaped(out)}/**`, ...(kind === "sources" ? NO_SOURCES : [])];
  const files = globSync([...patterns], {
    cwd: root,
    ignore,
    onlyFiles: true,
    expandDirectories: false,
    caseSensitiveMatch: true,
  });
  // A link may lead out of the project, and patterns may overlap.
  return [...new Set(files)].filter((file) => !file.startsWith("..")).sort();
}

/** Modules that may register experiments; none at all is a mistake. */
export function experimentFiles(
  root: string,
  { patterns, out, configFile }: Omit<FilePatterns, "kind"> & { readonly configFile: string },
): { readonly files: readonly string[]; readonly findings: readonly Finding[] } {
  const files = projectFiles(root, { patterns, out, kind: "sources" });
  if (files.length > 0) return { files, findings: [] };
  return { files, findings: [buildDiagnostics["no-experiment-files"]({ patterns }, { at: startOf(configFile) })] };
}

const NO_SOURCES = ["**/*.d.{ts,mts,cts}", "**/*.gen.ts"];

/** A path as a pattern that matches only itself. */
function escaped(path: string): string {
  return path.replaceAll(/[\\()[\]{}!*?@+]/g, String.raw`\$&`);
}
