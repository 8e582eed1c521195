import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LIBRARY_ROOT } from "../library-root.ts";
import type { Dependency } from "./package-json.ts";

/** A package that this Assay itself was made with, in that version: the compiler, for one. */
export function madeWith(name: string): Dependency {
  const { devDependencies } = JSON.parse(readFileSync(join(LIBRARY_ROOT, "package.json"), "utf8")) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  return { name, version: devDependencies[name] ?? "*" };
}

/** True if a package is found from a folder. */
export function isInstalled(root: string, name: string): boolean {
  try {
    createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
