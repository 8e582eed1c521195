import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding, Place, Span } from "../../../src/diagnostics/finding.ts";
import { applyFixes, fixIn } from "../../../src/diagnostics/fix.ts";
import { suggestion } from "../../../src/diagnostics/nearest.ts";
import { textOf } from "../../../src/diagnostics/render/region.ts";

function spanOf(source: string, marked: string): Span {
  const before = source.slice(0, source.indexOf(marked)).split(/\r\n|\n/);
  return { file: "a.ts", line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: marked.length };
}

const PLACES = {
  key: { kind: "site", frames: [], path: [0, "x", "#key"] },
  value: { kind: "site", frames: [], path: [0, "x"] },
  characters: { kind: "option", path: "x", range: { offset: 0, length: 1 } },
} as const satisfies Readonly<Record<string, Place>>;

function fitted(source: string, marked: string, place: keyof typeof PLACES, fix: string, replaces: string) {
  const finding: Finding = {
    code: "a/b",
    severity: "error",
    message: "m",
    data: {},
    at: PLACES[place],
    fix,
    replaces,
  };
  const own = fixIn(finding, spanOf(source, marked), source);
  return own === null ? null : applyFixes(source, [own]).text;
}

describe("a fix in its source", () => {
  it("keeps quotes, and puts those around a name that it needs", () => {
    expect(fitted("{ lrr: 1 }", "lrr", "key", "lr", "lrr")).toBe("{ lr: 1 }");
    expect(fitted("{ 'lrr': 1 }", "'lrr'", "key", "lr", "lrr")).toBe("{ 'lr': 1 }");
    expect(fitted("{ nod: 1 }", "nod", "key", "one-node", "nod")).toBe(`{ "one-node": 1 }`);
    expect(fitted('f("lrr")', '"lrr"', "value", 'l"r', "lrr")).toBe(String.raw`f("l\"r")`);
    expect(fitted("f('lrr')", "'lrr'", "value", `l'r"`, "lrr")).toBe(String.raw`f('l\'r"')`);
    expect(fitted("f(`lrr`)", "`lrr`", "value", "l`${r", "lrr")).toBe("f(`l\\`\\${r`)");
    expect(fitted('f("lrr" as never)', '"lrr" as never', "value", "lr", "lrr")).toBe('f("lr" as never)');
    expect(fitted('"a:d1,b:d1"', "b", "characters", "c.d", "b")).toBe('"a:d1,c.d:d1"');
  });

  it("is left out where something else stands: a value by name, another text, a text with escapes", () => {
    expect(fitted("f(lrr)", "lrr", "value", "lr", "lrr")).toBeNull();
    expect(fitted("f(other)", "other", "value", "lr", "lrr")).toBeNull();
    expect(fitted('f("other")', '"other"', "value", "lr", "lrr")).toBeNull();
    expect(fitted(String.raw`f("l\u0072r")`, String.raw`"l\u0072r"`, "value", "lr", "lrr")).toBeNull();
    expect(fitted('f("lrr" + x)', '"lrr" + x', "value", "lr", "lrr")).toBeNull();
    expect(fitted("'b'", "b", "characters", "c'd", "b")).toBeNull();
    const beyond = { file: "a.ts", line: 9, column: 1, length: 3 };
    expect(fixIn({ at: PLACES.key, fix: "lr", replaces: "lrr" } as never, beyond, "lrr")).toBeNull();
    expect(fixIn({ at: PLACES.key, fix: "lr", replaces: "lrr" } as never, beyond, null)).toBeNull();
  });
});

describe("a name that nothing has", () => {
  it("has a fix if it is certain which one was meant", () => {
    expect(suggestion("lrr", ["lr", "seed"])).toEqual({ help: "use `lr`", fix: "lr", replaces: "lrr" });
    expect(suggestion("clustr", ["cluster", "clusters"])).toMatchObject({ fix: "cluster" });
    expect(suggestion("qwen", ["qwen2", "qwen3"])).toEqual({ help: "use `qwen2` or `qwen3`" });
    expect(suggestion("ab", ["ac"])).toEqual({ help: "use `ac`" });
    expect(suggestion("nothing", ["like", "it"])).toEqual({ help: "known: `it`, `like`" });
    expect(suggestion("nothing", [])).toEqual({});
  });
});

const LINES = "one two\r\nthree four\nfive\r\n";

describe("fixes of one file", () => {
  it("are applied together; line ends stay", () => {
    const fixes = [
      { span: spanOf(LINES, "five"), text: "5" },
      { span: spanOf(LINES, "two"), text: "2\r\n2" },
      { span: spanOf(LINES, "two"), text: "2\r\n2" },
      { span: spanOf(LINES, "three "), text: "" },
    ];
    const { text, applied } = applyFixes(`\uFEFF${LINES}`, [{ span: { ...spanOf(LINES, "five") }, text: "5" }]);
    expect([text, applied.length]).toEqual(["\uFEFFone two\r\nthree four\n5\r\n", 1]);
    expect(applyFixes(LINES, fixes).text).toBe("one 2\r\n2\r\nfour\n5\r\n");
    expect(applyFixes(LINES, fixes).applied).toHaveLength(3);
  });

  it("leave out what overlaps an earlier one, is disputed, or lies outside", () => {
    const first = { span: spanOf(LINES, "one two"), text: "1" };
    const inside = { span: spanOf(LINES, "two"), text: "2" };
    expect(applyFixes(LINES, [inside, first]).applied).toEqual([first]);
    expect(applyFixes(LINES, [inside, { ...inside, text: "3" }])).toEqual({ text: LINES, applied: [] });
    const outside = [
      { span: { file: "a.ts", line: 9, column: 1, length: 0 }, text: "x" },
      { span: { file: "a.ts", line: 1, column: 9, length: 0 }, text: "x" },
      { span: { file: "a.ts", line: 3, column: 1, length: 99 }, text: "x" },
    ];
    expect(applyFixes(LINES, outside)).toEqual({ text: LINES, applied: [] });
  });

  it("change their own stretches and nothing else", () => {
    const fix = fc.record({
      span: fc.record({
        file: fc.constant("a.ts"),
        line: fc.integer({ min: 1, max: 5 }),
        column: fc.integer({ min: 1, max: 12 }),
        length: fc.nat(15),
      }),
      text: fc.constantFrom("", "x", "yy\n", "zzz"),
    });
    fc.assert(
      fc.property(fc.array(fix, { maxLength: 6 }), (fixes) => {
        const { text, applied } = applyFixes(LINES, fixes);
        const removed = applied.map(({ span }) => textOf(LINES, span)?.length ?? Number.NaN);
        const added = applied.map((one) => one.text.length);
        const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
        expect(text.length).toBe(LINES.length - sum(removed) + sum(added));
        // One by one from the end, nothing shifts what is still to come.
        let alone = LINES;
        for (const one of [...applied].reverse()) alone = applyFixes(alone, [one]).text;
        expect(alone).toBe(text);
      }),
    );
  });
});
