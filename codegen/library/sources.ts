import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { Finding } from "../../src/diagnostics/finding.ts";
import type { DeclaredFile, SourceReader } from "../source-reader.ts";

/** The library's sources as syntax shows them. Files are named `assay:<path>`: no project has such a path. */
export interface LibrarySources {
  readonly files: ReadonlyMap<string, DeclaredFile>;
  /** The modules behind `assay`, `assay/plugins` and `assay/experiments`. */
  readonly entries: readonly string[];
  readonly resolve: (from: string, specifier: string) => string | null;
  readonly findings: readonly Finding[];
}

const ENTRIES: Readonly<Record<string, string>> = {
  assay: "src/index.ts",
  "assay/plugin": "src/plugin/index.ts",
  "assay/plugins": "plugins/index.ts",
  "assay/experiments": "experiments/index.ts",
};
const SCHEME = "assay:";

/** Name of one of the library's sources. */
export function sourceName(path: string): string {
  return `${SCHEME}${path}`;
}

/** Reads all modules that authors reach from the public ones. */
export function readLibrary(root: string, reader: SourceReader): LibrarySources {
  const resolve = (from: string, specifier: string): string | null => {
    const path = specifier.startsWith(".")
      ? posix.join(posix.dirname(from.slice(SCHEME.length)), specifier)
      : ENTRIES[specifier];
    return path !== undefined && existsSync(join(root, path)) ? sourceName(path) : null;
  };
  const entries = ["assay", "assay/plugins", "assay/experiments"].flatMap((name) => resolve("", name) ?? []);
  const files = new Map<string, DeclaredFile>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    const declared = reader.read(file, readFileSync(join(root, file.slice(SCHEME.length)), "utf8"));
    files.set(file, declared);
    for (const { module } of [...declared.imports, ...declared.reexports]) {
      const next = resolve(file, module);
      if (next !== null) waiting.push(next);
    }
  }
  return { files, entries, resolve, findings: [...files.values()].flatMap(({ findings }) => findings) };
}
