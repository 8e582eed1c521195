import * as fc from "fast-check";
import type { Diagnostic, Span } from "../../../../src/diagnostics/finding.ts";
import type { RenderOptions } from "../../../../src/diagnostics/render/options.ts";
import { PLAIN } from "../../../../src/diagnostics/render/style.ts";

export const FILES: Readonly<Record<string, string>> = {
  "experiments/a.ts": "first\nsecond line\r\nthird\u2028fourth 🚀 line\n\nlast",
  "dir with space/ö%20.ts": "one line",
  "<command line>": "assay check a.b model.lr=3",
};

/** Texts with all that a form may trip over. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "::error::x",
        "\n",
        "\r",
        "\r\n",
        "%0A",
        "%",
        ":",
        ",",
        "##[error]",
        "[a](b)",
        "{0}",
        "`x`",
        "\u2028",
        "\uD800",
      ),
    )
    .map((parts) => parts.join("")),
);

/** A stretch that its file has. */
const span: fc.Arbitrary<Span> = fc.constantFrom(...Object.keys(FILES)).chain((file) => {
  const lines = (FILES[file] ?? "").split(/\r\n|[\n\u2028]/);
  return fc.nat(lines.length - 1).chain((index) =>
    fc.record({
      file: fc.constant(file),
      line: fc.constant(index + 1),
      column: fc.integer({ min: 1, max: (lines[index]?.length ?? 0) + 1 }),
      length: fc.nat(40),
    }),
  );
});

/** Any diagnostic, of a code with a page and of codes without. */
export const randomDiagnostic: fc.Arbitrary<Diagnostic> = fc
  .record({
    code: fc.constantFrom("graph/unproduced-key", "option/unknown", "our-plugin/odd"),
    severity: fc.constantFrom("error" as const, "warning" as const),
    message: text,
    data: fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Diagnostic["data"]>,
    experiment: fc.option(text),
    primary: fc.option(span),
    related: fc.array(fc.record({ span, message: text }), { maxLength: 3 }),
    notes: fc.array(text, { maxLength: 2 }),
    help: fc.option(text),
    fixText: fc.option(text),
  })
  .map(({ fixText, ...rest }) => ({
    ...rest,
    ...(rest.primary === null ? { nowhere: "nobody wrote it" } : {}),
    fix: fixText === null || rest.primary === null ? null : { span: rest.primary, text: fixText },
  }));

export const OPTIONS: RenderOptions = {
  style: PLAIN,
  width: 80,
  sourceOf: (file) => FILES[file] ?? null,
  pageOf: () => null,
  pageTextOf: (code) =>
    code.startsWith("our-plugin/")
      ? null
      : `# ${code}\n\n## Meaning\n\nSomething of \`${code}\` is wrong. More\nof it.\n\n## Wrong\n\nx\n\n## Cure\n\ny\n`,
  webPageOf: (code) => `https://example.org/docs/codes/${code}.md`,
  tool: { version: "1.2.3", homepage: "https://example.org" },
  digest: (content) => content,
};

/** A diagnostic with little in it. */
export function diagnosticOf(input: Partial<Diagnostic>): Diagnostic {
  return {
    code: "graph/unproduced-key",
    severity: "error",
    message: "call `a` reads `k`, which nothing yields",
    data: {},
    experiment: null,
    primary: null,
    related: [],
    notes: [],
    help: null,
    fix: null,
    ...input,
  };
}
