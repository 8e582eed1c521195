import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of Assay's own package, be this module compiled or not. */
export const LIBRARY_ROOT: string = packageAround(dirname(fileURLToPath(import.meta.url)));

function packageAround(folder: string): string {
  if (nameOf(join(folder, "package.json")) === "assay") return folder;
  if (folder === dirname(folder)) throw new Error("this module is not inside of its package");
  return packageAround(dirname(folder));
}

function nameOf(file: string): unknown {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly name?: unknown }).name;
  } catch {
    return null;
  }
}
