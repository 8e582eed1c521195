import { readFileSync } from "node:fs";
import { findTsconfig, parseTsconfig, type TsConfigJson } from "get-tsconfig";

/** The compiler's settings as they are written, with those of all that is extended. */
export type CompilerOptions = TsConfigJson.CompilerOptions;

/**
 * Settings of the nearest `tsconfig.json` from a folder upward; `null` if there is none that can be read. What follows from
 * others is left out: the package fills in what one version of the compiler makes of them.
 * @param files all that is read for the settings.
 */
export function compilerOptionsOf(root: string, files: readonly string[]): CompilerOptions | null {
  try {
    const path = findTsconfig(root);
    if (path === undefined) return null;
    const options = parseTsconfig(path).compilerOptions ?? {};
    const written = writtenNames(files);
    return Object.fromEntries(Object.entries(options).filter(([name]) => written.has(name)));
  } catch {
    return null;
  }
}

/** Names of all properties in files, those in comments left out. */
function writtenNames(files: readonly string[]): ReadonlySet<string> {
  const texts = files.map((file) => withoutComments(readFileSync(file, "utf8")));
  return new Set(texts.flatMap((text) => [...text.matchAll(/"(\w+)"\s*:/g)].map(([, name = ""]) => name)));
}

/** Why the text of a `tsconfig.json` is no JSON with comments; `null` if it is. Readers make something of it in any case. */
export function syntaxProblem(text: string): string | null {
  const bare = withoutComments(text.replace(/^\uFEFF/, ""), /,(?=\s*[}\]])/);
  if (bare.trim() === "") return null;
  try {
    JSON.parse(bare);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A text with blanks for its comments, and for what else is to be left out of it: strings and all positions stay. */
function withoutComments(text: string, others = /(?!)/): string {
  const blanked = (given: string, parts: string) =>
    given.replaceAll(new RegExp(String.raw`"(?:[^"\\\n]|\\.)*"|${parts}`, "gs"), (part) =>
      part.startsWith('"') ? part : part.replaceAll(/[^\n]/g, " "),
    );
  return blanked(blanked(text, String.raw`//[^\n]*|/\*.*?\*/`), others.source);
}
