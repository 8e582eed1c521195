import type { Span } from "../../src/diagnostics/finding.ts";

/** The stretch of an import in a source: one imported name, or (`null`) the module's specifier with its quotes. */
export function importPlace(file: string, source: string, specifier: string, name: string | null): Span {
  const escaped = specifier.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const clauses = new RegExp(String.raw`\b(?:import|export)\b(?:[^"';]*?\bfrom\s*|\s*\(?\s*)(["'])${escaped}\1`, "g");
  for (const match of source.matchAll(clauses)) {
    const [whole] = match;
    if (name === null) {
      const length = specifier.length + 2;
      return spanAt(file, source, match.index + whole.length - length, length);
    }
    const found = new RegExp(String.raw`(?<![\w$])${name.replaceAll("$", String.raw`\$`)}(?![\w$])`).exec(whole);
    if (found !== null) return spanAt(file, source, match.index + found.index, name.length);
  }
  const offset = source.indexOf(specifier);
  return offset < 0 ? { file, line: 1, column: 1, length: 0 } : spanAt(file, source, offset, specifier.length);
}

function spanAt(file: string, source: string, offset: number, length: number): Span {
  const before = source.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length };
}
