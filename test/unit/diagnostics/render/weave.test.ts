import { describe, expect, it } from "vitest";
import type { Diagnostic, FactorOrigin, Span } from "../../../../src/diagnostics/finding.ts";
import { COMMAND_LINE } from "../../../../src/diagnostics/render/region.ts";
import { wovenMessage } from "../../../../src/diagnostics/render/weave.ts";
import { factor, sentence } from "../../../../src/diagnostics/sentence.ts";

const SAID = sentence`${factor("nNodes", "2 nodes")} x ${factor("gpusPerNode", 8)} = 16`;

const spanIn = (file: string, line: number): Span => ({ file, line, column: 3, length: 1 });

function diagnostic(factors: readonly Omit<FactorOrigin, "end">[]): Diagnostic {
  return {
    code: "area/slug",
    severity: "error",
    message: SAID.text,
    factors: factors.map((one) => ({ ...one, end: SAID.factors[one.name] ?? -1 })),
    data: {},
    experiment: null,
    primary: null,
    related: [],
    notes: [],
    help: null,
    fix: null,
  };
}

describe("a sentence", () => {
  it("is its text, and knows where its factors end", () => {
    expect(SAID).toEqual({ text: "2 nodes x 8 = 16", factors: { nNodes: 7, gpusPerNode: 11 } });
  });

  it("keeps the factors of sentences inside of it", () => {
    expect(sentence`but ${SAID} are ${factor("there", "there")}`).toEqual({
      text: "but 2 nodes x 8 = 16 are there",
      factors: { nNodes: 11, gpusPerNode: 15, there: 30 },
    });
    expect(factor("all", SAID).factors).toEqual({ nNodes: 7, gpusPerNode: 11, all: 16 });
  });
});

describe("a woven message", () => {
  it("has the origin of each factor behind it", () => {
    const one = diagnostic([
      { name: "nNodes", setBy: "preset small", span: spanIn("a.ts", 9) },
      { name: "gpusPerNode", setBy: null, span: spanIn("b.ts", 14) },
    ]);
    expect(wovenMessage(one)).toBe("2 nodes (preset small, a.ts:9) x 8 (b.ts:14) = 16");
    expect(wovenMessage(one, { showFile: (file) => `../${file}` })).toBe(
      "2 nodes (preset small, ../a.ts:9) x 8 (../b.ts:14) = 16",
    );
  });

  it("tells who set a factor that no source has, and an argument by itself", () => {
    const one = diagnostic([
      { name: "nNodes", setBy: "override nNodes=2", span: spanIn(COMMAND_LINE, 1) },
      { name: "gpusPerNode", setBy: "default", span: null },
    ]);
    expect(wovenMessage(one)).toBe("2 nodes (override nNodes=2) x 8 (default) = 16");
  });

  it("has both places of a factor that two give, and one place once", () => {
    const place = { name: "nNodes", setBy: null, span: spanIn("a.ts", 9) };
    const one = diagnostic([place, place, { ...place, span: spanIn("a.ts", 10) }]);
    expect(wovenMessage(one)).toBe("2 nodes (a.ts:9; a.ts:10) x 8 = 16");
  });

  it("is the message itself without factors, and where none is to be told", () => {
    expect(wovenMessage(diagnostic([]))).toBe("2 nodes x 8 = 16");
    const one = diagnostic([{ name: "nNodes", setBy: null, span: spanIn("a.ts", 9) }]);
    expect(wovenMessage(one, { tells: ({ span }) => span === null })).toBe("2 nodes x 8 = 16");
  });
});
