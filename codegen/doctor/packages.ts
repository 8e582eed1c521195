import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isObject } from "../plugins/find.ts";

/** A package on disk. */
export interface InstalledPackage {
  readonly name: string;
  /** `unknown` if its `package.json` does not tell. */
  readonly version: string;
  /** Absolute, links followed. */
  readonly folder: string;
}

/** The package that a folder's modules get by a name, as Node looks for it; `null` if there is none. */
export function packageFrom(folder: string, name: string): InstalledPackage | null {
  for (let around = resolve(folder); ; around = dirname(around)) {
    const found = packageAt(join(around, "node_modules", name));
    if (found !== null) return found;
    if (around === dirname(around)) return null;
  }
}

/**
 * All copies of the named packages in the `node_modules` of a folder and of those around it, at any depth; links are followed
 * once.
 */
export function copiesOf(folder: string, names: readonly string[]): readonly InstalledPackage[] {
  const copies = new Map<string, InstalledPackage>();
  const visited = new Set<string>();
  const visit = (modules: string): void => {
    const real = realPathOrNull(modules);
    if (real === null || visited.has(real)) return;
    visited.add(real);
    for (const name of entriesOf(real)) {
      // The store of pnpm: a folder for each package, with its own node_modules.
      if (name === ".pnpm") {
        for (const stored of entriesOf(join(real, name))) visit(join(real, name, stored, "node_modules"));
      }
      if (name.startsWith(".")) continue;
      const packages = name.startsWith("@") ? entriesOf(join(real, name)).map((own) => `${name}/${own}`) : [name];
      for (const one of packages) {
        const path = join(real, one);
        const found = names.includes(one) ? packageAt(path) : null;
        if (found !== null) copies.set(found.folder, found);
        // What a link leads to has its own place, and copies of what it needs there.
        visit(join(path, "node_modules"));
      }
    }
  };
  for (let around = resolve(folder); ; around = dirname(around)) {
    visit(join(around, "node_modules"));
    if (around === dirname(around)) break;
  }
  return [...copies.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** The content of a package's `package.json`; `null` if it has none that can be read. */
export function packageManifest(folder: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as unknown;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function packageAt(path: string): InstalledPackage | null {
  if (statSync(join(path, "package.json"), { throwIfNoEntry: false })?.isFile() !== true) return null;
  const { name, version } = packageManifest(path) ?? {};
  return {
    name: typeof name === "string" ? name : "unknown",
    version: typeof version === "string" ? version : "unknown",
    folder: realpathSync(path),
  };
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function realPathOrNull(path: string): string | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? null : realpathSync(path);
  } catch {
    return null;
  }
}
