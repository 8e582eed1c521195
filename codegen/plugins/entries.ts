import { existsSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { resolveExports } from "resolve-pkg-maps";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import type { Tsconfig } from "../tsconfig.ts";
import { insidePath } from "../write/inside.ts";
import type { PluginModule } from "./derive.ts";
import { typeDiagnostics } from "./diagnostics.ts";
import { isObject } from "./find.ts";

/** A package whose entries are looked for. */
export interface EntryOptions {
  /** Absolute folder. */
  readonly root: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly tsconfig: Pick<Tsconfig, "rootDir" | "outDir">;
  readonly at: Place;
}

/** Condition of `exports` that leads to a source. */
const SOURCE_CONDITION = "assay-source";
const MODULE = /(?<!\.d)\.[cm]?[jt]sx?$/;

/**
 * The sources of a package's entries, by subpath. A source is what `assay.sources` of `package.json` says; else what `exports` has
 * under the condition `assay-source`; else what is compiled from `rootDir` to the file that `exports` has in `outDir`; else that
 * file itself.
 */
export function entriesOf({ root, manifest, tsconfig, at }: EntryOptions): {
  readonly modules: readonly PluginModule[];
  readonly findings: readonly Finding[];
} {
  const modules: PluginModule[] = [];
  const findings: Finding[] = [];
  const named = namedSources(manifest);
  for (const subpath of new Set([...subpathsOf(manifest), ...Object.keys(named)])) {
    const own = Object.hasOwn(named, subpath) ? named[subpath] : undefined;
    const target = own ?? targetOf(manifest, subpath, [SOURCE_CONDITION]) ?? targetOf(manifest, subpath, CONDITIONS);
    // Data and types are no modules.
    if (target === null || !MODULE.test(target)) continue;
    const source = sourceOf(root, target, tsconfig);
    if (source !== null) modules.push({ file: source, subpath });
    else findings.push(typeDiagnostics["entry-missing"]({ subpath, file: target }, { at }));
  }
  return { modules, findings };
}

const CONDITIONS = ["import", "default", "require", "node"];

function namedSources(manifest: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { assay } = manifest;
  const sources = isObject(assay) ? assay["sources"] : undefined;
  if (!isObject(sources)) return {};
  return Object.fromEntries(
    Object.entries(sources).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** Subpaths that users can import. Patterns name no modules. */
function subpathsOf({ exports }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!isObject(exports)) return ["."];
  const keys = Object.keys(exports).filter((key) => key.startsWith("."));
  return keys.length === 0 ? ["."] : keys.filter((key) => !key.includes("*"));
}

function targetOf(
  { exports, main, module }: Readonly<Record<string, unknown>>,
  subpath: string,
  conditions: readonly string[],
): string | null {
  if (exports === undefined || exports === null) {
    if (subpath !== "." || conditions[0] === SOURCE_CONDITION) return null;
    return typeof main === "string" ? main : typeof module === "string" ? module : "index.js";
  }
  // Without a `default`, a map that has the condition nowhere gives nothing.
  const chosen = conditions[0] === SOURCE_CONDITION ? onlyConditions(exports) : exports;
  try {
    return resolveExports(chosen as never, subpath.replace(/^\.\/?/, ""), conditions)[0] ?? null;
  } catch {
    return null;
  }
}

/** A map without its `default`s, so that what is found has the condition. */
function onlyConditions(exports: unknown): unknown {
  if (Array.isArray(exports)) return exports.map(onlyConditions);
  if (!isObject(exports)) return null;
  return Object.fromEntries(
    Object.entries(exports).flatMap(([key, value]) => {
      if (key === "default") return [];
      return [[key, key === SOURCE_CONDITION ? value : onlyConditions(value)]];
    }),
  );
}

/** The source of a module, from the root; `null` if neither it nor the module is there. */
function sourceOf(root: string, target: string, { rootDir, outDir }: EntryOptions["tsconfig"]): string | null {
  const path = insidePath(root, target);
  if (path === null) return null;
  const bases = rootDir === null ? [join(root, "src"), root] : [rootDir];
  const isCompiled = outDir !== null && insidePath(outDir, relative(outDir, path)) !== null;
  const compiled = isCompiled ? bases.map((base) => resolve(base, relative(outDir, path))) : [];
  const found = [...compiled, path].flatMap(withSourceNames).find(isFile);
  return found === undefined ? null : relative(root, found).split(sep).join("/");
}

/** `x.js` is compiled from `x.ts` or `x.tsx`. */
function withSourceNames(path: string): readonly string[] {
  return /\.[cm]?js$/.test(path) ? [path.replace(/js$/, "ts"), path.replace(/js$/, "tsx"), path] : [path];
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
