import type { DeclaredFile } from "../source-reader.ts";

/** The file that declares the class of a backend's options, or why none is taken. */
export function optionsClassFile(
  files: Iterable<DeclaredFile>,
  name: string,
): { readonly file: string } | { readonly problem: string } {
  const [first, ...others] = [...files].filter(({ classes }) => classes.some((declared) => declared.name === name));
  if (first === undefined) return { problem: "no file declares" };
  return others.length > 0 ? { problem: "several files declare" } : { file: first.file };
}
