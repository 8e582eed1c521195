import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { resolveExports } from "resolve-pkg-maps";
import { isObject, localModule, parsed } from "./find.ts";

const CONDITIONS = ["node", "import", "default"];

/**
 * Runs the modules of a plugin package in this process, so that what they define is known here: for launchers, which builds never
 * run. Assay's own are loaded by its own name.
 * @param named what the config names the package by.
 * @throws {Error} if there is no such package, or a module of it fails
 */
export async function loadPlugin(root: string, named: string): Promise<void> {
  if (named === "assay") {
    await import("assay/plugins");
    return;
  }
  for (const file of modulesOf(root, named)) await import(pathToFileURL(file).href);
}

function modulesOf(root: string, named: string): readonly string[] {
  const local = localModule(root, named);
  if (local !== null) return [join(root, local)];
  const folder = /^\.\.?[/\\]/.test(named) ? dirname(resolve(root, named)) : packageFolder(root, named);
  if (folder === null) throw new Error(`there is no package \`${named}\``);
  const manifest = parsed(readFileSync(join(folder, "package.json")));
  const { exports, main } = isObject(manifest) ? manifest : {};
  if (exports === undefined) return [join(folder, typeof main === "string" ? main : "index.js")];
  const subpaths = isObject(exports)
    ? Object.keys(exports).filter((key) => key.startsWith(".") && !key.includes("*"))
    : [];
  const files = (subpaths.length === 0 ? ["."] : subpaths).flatMap(
    (subpath) => resolveExports(exports as never, subpath.replace(/^\.\/?/, ""), CONDITIONS)[0] ?? [],
  );
  return [...new Set(files)].filter((file) => /\.[cm]?js$/.test(file)).map((file) => join(folder, file));
}

/** The nearest folder of a package, as Node looks for packages. */
function packageFolder(root: string, name: string): string | null {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) return null;
  }
}
