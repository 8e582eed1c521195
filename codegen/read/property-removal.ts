import type { Span } from "../../src/diagnostics/finding.ts";
import type { Fix } from "../../src/diagnostics/fix.ts";
import { offsetAt } from "../../src/diagnostics/render/region.ts";

/** Takes the property of an object away whose key stands at a span: with its comma, and its lines if it has them for itself. */
export function removalOf(source: string, key: Span, name: string): Fix | null {
  const start = offsetAt(source, key.line, key.column);
  if (start === null || source.slice(start, start + key.length) !== JSON.stringify(name)) return null;
  const entry = ENTRY.exec(source.slice(start));
  if (entry === null) return null;
  const end = start + entry[0].length;
  const lead = /(?:^|[\n\r])[ \t]*$/.exec(source.slice(0, start));
  const rest = /^[ \t]*(?:\r\n|\n|\r)/.exec(source.slice(end));
  if (lead !== null && rest !== null) {
    // The lines as a whole, from the first column on.
    const length = end + rest[0].length - (start - (key.column - 1));
    return { span: { ...key, column: 1, length }, text: "" };
  }
  const space = entry[0].endsWith(",") ? (/^[ \t]*/.exec(source.slice(end))?.[0].length ?? 0) : 0;
  return { span: { ...key, length: end + space - start }, text: "" };
}

/** A key with its text, and the comma behind it. What is put together of texts is not taken away. */
const ENTRY = /^"(?:[^"\\\n]|\\.)*"\s*:\s*(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`$\\]*`)(?:\s*,|(?=\s*\}))/;
