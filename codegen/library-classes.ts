import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LibraryClasses } from "./option-schema.ts";

/** Folder of Assay's own package, be this module compiled or not. */
export const LIBRARY_ROOT: string = packageAround(dirname(fileURLToPath(import.meta.url)));

/** Where the library's build leaves its classes, inside the package. */
export const LIBRARY_CLASSES_FILE = "dist/library-classes.json";

let read: LibraryClasses | undefined;

/** The library's own classes of options and experiments, as its build read them from its sources. */
export function readLibraryClasses(): LibraryClasses {
  return (read ??= JSON.parse(readFileSync(join(LIBRARY_ROOT, LIBRARY_CLASSES_FILE), "utf8")) as LibraryClasses);
}

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
