import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { type Cache, createPathsMatcher, findTsconfig, parseTsconfig, type TsConfigResult } from "get-tsconfig";
import { defineDiagnostics } from "../src/diagnostics/define.ts";
import type { Finding, Place } from "../src/diagnostics/finding.ts";
import { buildDiagnostics, startOf } from "./config-diagnostics.ts";
import type { TranspileFlags } from "./evaluate/protocol.ts";

/** Codes of a project's compiler settings. */
export const tsconfigDiagnostics = defineDiagnostics("codegen", {
  "decorators-off": {
    severity: "error",
    message: ({ flags }: { flags: readonly string[] }) =>
      `the compiler's settings turn off what experiment classes need: ${flags.map((flag) => `\`${flag}\``).join(" and ")}`,
    help: ({ flags }) => `add to \`compilerOptions\`: ${flags.map((flag) => `"${flag}": true`).join(", ")}`,
  },
});

/** A project's compiler settings, as far as running its code depends on them. */
export interface Tsconfig {
  readonly flags: TranspileFlags;
  /** Ending of a source in an import: `.ts` where the compiler admits it. */
  readonly importEnding: ".ts" | ".js";
  /** All files that were read for it, absolute: the `tsconfig.json` first, then what it extends. */
  readonly files: readonly string[];
  /** Files that were looked for and are not there, absolute: if one appears, the settings may change. */
  readonly absent: readonly string[];
  /** Absolute folders that sources are compiled from and to; `null` where the settings say nothing. */
  readonly rootDir: string | null;
  readonly outDir: string | null;
  readonly findings: readonly Finding[];
}

/** Reads the nearest `tsconfig.json` from the project's folder upward, with all that it extends. */
export function readTsconfig(root: string): Tsconfig {
  const cache: Cache = new Map();
  try {
    const path = findTsconfig(root, "tsconfig.json", cache);
    if (path === undefined) return withoutFile(cache);
    const config = parseTsconfig(path, cache);
    const flags = flagsOf({ path, config }, root);
    const { allowImportingTsExtensions, rewriteRelativeImportExtensions } = config.compilerOptions ?? {};
    const importEnding = allowImportingTsExtensions || rewriteRelativeImportExtensions ? ".ts" : ".js";
    const folders = { rootDir: folderOf(path, config, "rootDir"), outDir: folderOf(path, config, "outDir") };
    return { flags, importEnding, ...folders, ...filesOf(cache, path), findings: decoratorFindings(flags, path, root) };
  } catch (error) {
    const path = filesOf(cache, null).files[0];
    const at = path === undefined ? NO_TSCONFIG : startOf(shownPath(root, path));
    const reason = error instanceof Error ? error.message.replaceAll(root + sep, "") : String(error);
    return {
      flags: OFF,
      importEnding: ".js",
      ...NO_FOLDERS,
      ...filesOf(cache, null),
      findings: [buildDiagnostics.tsconfig({ reason }, { at })],
    };
  }
}

const OFF: TranspileFlags = {
  experimentalDecorators: false,
  emitDecoratorMetadata: false,
  useDefineForClassFields: true,
  paths: {},
};

const NO_TSCONFIG: Place = { kind: "nowhere", reason: "the project has no `tsconfig.json`" };

function withoutFile(cache: Cache): Tsconfig {
  const findings = [tsconfigDiagnostics["decorators-off"]({ flags: [...NEEDED] }, { at: NO_TSCONFIG })];
  return { flags: OFF, importEnding: ".js", ...NO_FOLDERS, ...filesOf(cache, null), findings };
}

const NO_FOLDERS = { rootDir: null, outDir: null };

function folderOf(
  path: string,
  { compilerOptions }: TsConfigResult["config"],
  name: "rootDir" | "outDir",
): string | null {
  const folder = compilerOptions?.[name];
  return folder === undefined ? null : resolve(dirname(path), folder);
}

const NEEDED = ["experimentalDecorators", "emitDecoratorMetadata"] as const;

function flagsOf(tsconfig: TsConfigResult, root: string): TranspileFlags {
  const options = tsconfig.config.compilerOptions ?? {};
  return {
    experimentalDecorators: options.experimentalDecorators === true,
    emitDecoratorMetadata: options.emitDecoratorMetadata === true,
    useDefineForClassFields: options.useDefineForClassFields ?? definesFields(options.target),
    paths: pathsOf(tsconfig, root),
  };
}

/** From ES2022 on fields are defined; a project without `target` has the compiler's own, which is newer. */
function definesFields(target: string | undefined): boolean {
  const year = /^es(\d{4})$/i.exec(target ?? "")?.[1];
  if (year !== undefined) return Number(year) >= 2022;
  return target === undefined || target.toLowerCase() === "esnext";
}

/** Each pattern of `paths` with its candidates; the package knows what these are relative to. */
function pathsOf(tsconfig: TsConfigResult, root: string): TranspileFlags["paths"] {
  const candidatesOf = createPathsMatcher(tsconfig);
  const patterns = Object.keys(tsconfig.config.compilerOptions?.paths ?? {});
  if (candidatesOf === null) return {};
  return Object.fromEntries(
    // A pattern matches itself, and its star stands for a star.
    patterns.sort().map((pattern) => [pattern, candidatesOf(pattern).map((path) => shownPath(root, path))]),
  );
}

function decoratorFindings(flags: TranspileFlags, path: string, root: string): readonly Finding[] {
  const missing = NEEDED.filter((flag) => !flags[flag]);
  if (missing.length === 0) return [];
  const at = placeOf(readFileSync(path, "utf8"), shownPath(root, path), missing);
  return [tsconfigDiagnostics["decorators-off"]({ flags: missing }, { at })];
}

/** The flag that is set to `false`, else the name `compilerOptions`, else the beginning. */
function placeOf(text: string, file: string, flags: readonly string[]): Place {
  const code = text.replaceAll(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*.*?\*\//gs, (part) =>
    part.startsWith('"') ? part : part.replaceAll(/[^\n]/g, " "),
  );
  for (const name of [...flags, "compilerOptions"]) {
    const offset = code.search(new RegExp(`"${name}"\\s*:`));
    if (offset < 0) continue;
    const before = code.slice(0, offset).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { kind: "span", span: { file, line: before.length, column, length: name.length + 2 } };
  }
  return startOf(file);
}

/** What was read and what was missed, from the keys of the cache that the package fills. */
function filesOf(cache: Cache, first: string | null): Pick<Tsconfig, "files" | "absent"> {
  const files = new Set<string>(first === null ? [] : [native(first)]);
  const absent = new Set<string>();
  for (const [key, value] of cache as ReadonlyMap<string, unknown>) {
    const read = /^readFileSync:(.+):utf8$/.exec(key)?.[1];
    if (read !== undefined) files.add(native(read));
    const looked = /^existsSync:(.+)$/.exec(key)?.[1];
    if (looked !== undefined && value === false) absent.add(native(looked));
  }
  return { files: [...files], absent: [...absent] };
}

function native(path: string): string {
  return path.split("/").join(sep);
}

/** Project-relative POSIX path; absolute, if it lies outside on another drive. */
function shownPath(root: string, path: string): string {
  const shown = relative(root, path);
  return (isAbsolute(shown) ? path : shown === "" ? basenameOf(path) : shown).split(sep).join("/");
}

function basenameOf(path: string): string {
  return relative(dirname(path), path);
}
