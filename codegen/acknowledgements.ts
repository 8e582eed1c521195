import type { Diagnostic, Finding, Span } from "../src/diagnostics/finding.ts";
import type { Fix } from "../src/diagnostics/fix.ts";
import { offsetAt } from "../src/diagnostics/render/region.ts";
import type { BuildOutcome } from "./evaluate/protocol.ts";

const UNUSED = "config/unused-acknowledgement";

/**
 * An acknowledgement stands in the class and holds in all presets: one whose warning is given in any of them is used, and
 * nothing is said of it in the others. Where not all of them were asked for, nobody knows.
 *
 * @param isAll all presets were asked for, as they are
 */
export function withoutUsedElsewhere(
  findings: readonly Finding[],
  builds: readonly Pick<BuildOutcome, "findings" | "parts">[],
  isAll: boolean,
): readonly Finding[] {
  return findings.filter(
    ({ code, data }) =>
      code !== UNUSED ||
      (isAll &&
        builds.every((build) => build.parts === null || unusedIn(build).includes(data["acknowledged"] ?? null))),
  );
}

/** True if all builds of an experiment were asked for. @param known its presets */
export function isAllPresets(presets: readonly (string | null)[], known: readonly string[]): boolean {
  const asked = new Set(presets);
  return [null, ...known].every((preset) => asked.has(preset));
}

/** Diagnostics of acknowledgements that nothing gives, with the fix that takes them away. */
export function withRemovals(
  diagnostics: readonly Diagnostic[],
  text: (file: string) => string | null,
): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { code, primary, data } = diagnostic;
    const source = code === UNUSED && primary !== null ? text(primary.file) : null;
    if (source === null || primary === null) return diagnostic;
    return { ...diagnostic, fix: removalOf(source, primary, String(data["acknowledged"])) };
  });
}

/** Takes the property of an object away whose key stands at a span: with its comma, and its lines if it has them for itself. */
function removalOf(source: string, key: Span, name: string): Fix | null {
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

function unusedIn({ findings }: Pick<BuildOutcome, "findings">): readonly unknown[] {
  return findings.flatMap(({ code, data }) => (code === UNUSED ? [data["acknowledged"]] : []));
}
