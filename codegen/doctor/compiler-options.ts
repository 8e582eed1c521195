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
  const texts = files.map((file) =>
    readFileSync(file, "utf8").replaceAll(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*.*?\*\//gs, (part) =>
      part.startsWith('"') ? part : "",
    ),
  );
  return new Set(texts.flatMap((text) => [...text.matchAll(/"(\w+)"\s*:/g)].map(([, name = ""]) => name)));
}
