import type { Finding, Span } from "../../../../src/diagnostics/finding.ts";

/** A source in which `«` and `»` mark the spans that are expected. */
export interface Marked {
  readonly text: string;
  readonly spans: readonly Span[];
}

export const FILE = "experiments/a.ts";

/** Takes the marks out of a source and notes where they stood, by their opening marks. They may be nested. */
export function marked(source: string, file: string = FILE): Marked {
  let text = "";
  const open: number[] = [];
  const stretches: { readonly start: number; readonly end: number }[] = [];
  for (const character of source) {
    if (character === "«") open.push(text.length);
    else if (character === "»") stretches.push({ start: open.pop() ?? 0, end: text.length });
    else text += character;
  }
  const spans = stretches
    .sort((a, b) => a.start - b.start)
    .map(({ start, end }) => {
      const before = text.slice(0, start).split("\n");
      return { file, line: before.length, column: (before.at(-1) ?? "").length + 1, length: end - start };
    });
  return { text, spans };
}

/** Code and primary span of findings. */
export function places(findings: readonly Finding[]): readonly (readonly [string, Span | string])[] {
  return findings.map(({ code, at }) => [code, at.kind === "span" ? at.span : at.kind]);
}
