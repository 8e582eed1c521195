import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LIBRARY_ROOT } from "./library-root.ts";
import type { LibraryClasses } from "./option-schema.ts";

/** Where the library's build leaves its classes, inside the package. */
export const LIBRARY_CLASSES_FILE = "dist/library-classes.json";

let read: LibraryClasses | undefined;

/** The library's own classes of options and experiments, as its build read them from its sources. */
export function readLibraryClasses(): LibraryClasses {
  return (read ??= JSON.parse(readFileSync(join(LIBRARY_ROOT, LIBRARY_CLASSES_FILE), "utf8")) as LibraryClasses);
}
