import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AllocationMode,
  type AllocationWithEntries,
  ENGINES,
  entryFor,
  formatAllocationMode,
  gpusOf,
  type Layout3D,
  parseAllocationMode,
  unusedEntries,
} from "../../../src/spec/allocation-mode.ts";

interface Case {
  readonly name: string;
  readonly input: { readonly string: string };
  readonly expected: unknown;
}

const cases = readFileSync(new URL("../../goldens/allocation-mode/cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);

/** Codes that may refuse what the reference reads. */
const STRICTER = ["allocation/syntax", "allocation/zero-degree", "allocation/repeated-name"];
const STRICTER_CASES = [
  "d4p2m1x",
  "d4p2m1 ",
  "d0p1m1",
  "d4p2m1,",
  "a:d1p1m1,a:d2p1m1",
  "a:d4p1m1,b",
  "sglang:d4p1m1+d4p1m1",
  "sglang.*:d4p1m1+d4p1m1",
];

const MODE_NAMES = { vllm: "DECOUPLED_vLLM", sglang: "DECOUPLED_SGLANG", mock: "DECOUPLED_MOCK" } as const;

function letters({ data, pipe, tensor }: Layout3D) {
  return { d: data, p: pipe, m: tensor };
}

/** A mode as the goldens write it. */
function renamed(mode: AllocationMode): unknown {
  if (mode.kind === "manual" || mode.kind === "heuristic") return { type: mode.kind.toUpperCase(), parallel: null };
  const parallel = Object.fromEntries(mode.entries.map(({ name, layout }) => [name, letters(layout)]));
  if (mode.kind === "globalHybrid") return { type: "GLOBAL_HYBRID", parallel };
  const { layout } = mode.gen;
  return {
    type: MODE_NAMES[mode.engine],
    parallel: { ...parallel, gen: letters(layout) },
    gen_size: gpusOf(layout),
    gen_tp_size: layout.tensor,
  };
}

function codes(text: string): readonly string[] {
  return parseAllocationMode(text).findings.map(({ code }) => code);
}

/** The characters that findings point at. */
function pointed(text: string): readonly string[] {
  return parseAllocationMode(text).findings.map(({ at }) => {
    if (at.kind !== "pointer" || at.range === undefined) throw new Error("a finding without characters");
    return text.slice(at.range.offset, at.range.offset + at.range.length);
  });
}

function withEntries(text: string): AllocationWithEntries {
  const { value } = parseAllocationMode(text);
  if (value === null || value.kind === "manual" || value.kind === "heuristic") throw new Error(`no entries in ${text}`);
  return value;
}

describe("the measured allocation strings", () => {
  it.each(cases.map((one) => [one.name, one] as const))("reads %s", (name, { input, expected }) => {
    const { value, findings } = parseAllocationMode(input.string);
    const found = findings.map(({ code }) => code);
    if ((expected as { error?: { reason: string } }).error?.reason === "allocation-syntax") {
      expect(value).toBeNull();
      expect(new Set(found)).toEqual(new Set(["allocation/syntax"]));
    } else if (STRICTER_CASES.includes(name)) {
      expect(value).toBeNull();
      expect(found).not.toEqual([]);
      expect(found.filter((code) => !STRICTER.includes(code))).toEqual([]);
    } else {
      expect(found).toEqual([]);
      expect(renamed(value as AllocationMode)).toEqual(expected);
    }
  });
});

describe("an allocation string", () => {
  it.each([
    ["d4p2m1x", "x"],
    ["d4p2m1 ", " "],
    ["d4p2m1d8", "d8"],
    [" d4p2m1", " "],
    ["d4p2d1", "d"],
    ["dp2m1", "d"],
    ["d4p2m1,", ","],
    ["a:d4p1m1,b", "b"],
    ["a b:d4p1m1", " "],
    ["a:", ":"],
    [":d4p1m1", ":"],
    ["**:d1p1m1", "*"],
    ["sglang:d4p1m1+d4p1m1", ":"],
    ["sglang.*:d4p1m1+d4p1m1", "*"],
    ["vllm.d4p1m1+sglang:d4p1m1", "sglang"],
    ["tgi.d4p1m1+d4p1m1", "tgi"],
    ["sglang.d4p1m1+d4p1m1+d1p1m1", "+d1p1m1"],
    ["sglang.d4p1m1+vllm.d4p1m1", "vllm.d4p1m1"],
    ["d4p1m1+d4p1m1", "d4p1m1+d4p1m1"],
    ["sglang.d4p1m1", "sglang.d4p1m1"],
    ["sglang.d4p1m1+", "+"],
    ["d99999999999999999999p1m1", "99999999999999999999"],
    ["\u{1F600}d1p1m1", "\u{1F600}"],
  ])("%j is refused at %j", (text, characters) => {
    expect(codes(text)).toEqual(["allocation/syntax"]);
    expect(pointed(text)).toEqual([characters]);
  });

  it("has nothing to point at when it is empty", () => {
    expect(codes("")).toEqual(["allocation/syntax"]);
    expect(pointed("")).toEqual([""]);
  });

  it("reports each piece that can't be read", () => {
    expect(pointed("a:d1p1m1,b,c:x")).toEqual(["b", "x"]);
    expect(pointed("sglang.x+y")).toEqual(["x", "y"]);
  });

  it("refuses each degree of 0 at its letter", () => {
    expect(codes("sglang.d1p00m1+a:d0p1m0")).toEqual(Array(3).fill("allocation/zero-degree"));
    expect(pointed("sglang.d1p00m1+a:d0p1m0")).toEqual(["p00", "d0", "m0"]);
    expect(parseAllocationMode("d0p1m1").findings[0]?.data).toEqual({ axis: "data" });
  });

  it("takes a degree with zeros in it", () => {
    expect(withEntries("d010p100m01").entries[0]?.layout).toEqual({ data: 10, pipe: 100, tensor: 1 });
  });

  it("refuses a second layout of a name, and shows the first", () => {
    const { value, findings } = parseAllocationMode("a:d1p1m1,*:d1p1m1,a:d2p1m1");
    expect(value).toBeNull();
    expect(findings).toMatchObject([
      {
        code: "allocation/repeated-name",
        data: { name: "a" },
        at: { range: { offset: 18, length: 1 } },
        related: [{ at: { range: { offset: 0, length: 1 } } }],
      },
    ]);
  });

  it("leaves meaning alone while it can't be read", () => {
    expect(codes("d0p1")).toEqual(["allocation/syntax"]);
    expect(codes("a:d1p1m1,a:d1p1m1,b:")).toEqual(["allocation/syntax"]);
  });

  it("takes the engine before the dot, not one inside a name", () => {
    const mode = withEntries("sglang.d4p1m1+vllm_x:d4p1m1,*:d4p1m1");
    expect(mode).toMatchObject({ kind: "decoupled", engine: "sglang", side: "left" });
    expect(mode.entries.map(({ name }) => name)).toEqual(["vllm_x", "*"]);
  });

  it("replaces a `gen` entry by the engine's part only beside one", () => {
    expect(withEntries("gen:d1p1m1,*:d2p1m1").entries.map(({ name }) => name)).toEqual(["gen", "*"]);
    expect(withEntries("gen:d1p1m1,*:d2p1m1+vllm.d4p1m1")).toMatchObject({
      side: "right",
      gen: { layout: { data: 4 } },
      entries: [{ name: "*" }],
    });
  });

  it("keeps where names and layouts stand", () => {
    const text = "sglang.d4p1m1+actor_train:d2p1m2,*:d4p1m1";
    const mode = withEntries(text);
    const cut = ({ offset, length }: { offset: number; length: number }) => text.slice(offset, offset + length);
    expect(mode.entries.map(({ range, nameRange, layoutRange }) => [range, nameRange, layoutRange].map(cut))).toEqual([
      ["actor_train:d2p1m2", "actor_train", "d2p1m2"],
      ["*:d4p1m1", "*", "d4p1m1"],
    ]);
    expect(mode.kind === "decoupled" && cut(mode.gen.range)).toBe("d4p1m1");
  });
});

describe("entries", () => {
  const mode = withEntries("*:d4p1m2,actor_gen:d8p1m1,critic:d1p1m8");

  it("serve a call by its own name before `*`", () => {
    expect(entryFor(mode, "actor_gen")?.layout).toEqual({ data: 8, pipe: 1, tensor: 1 });
    expect(entryFor(mode, "actor_train")?.layout).toEqual({ data: 4, pipe: 1, tensor: 2 });
    expect(entryFor(withEntries("actor_gen:d8p1m1"), "actor_train")).toBeUndefined();
  });

  it("are unused where no call has their name", () => {
    expect(unusedEntries(mode, ["actor_gen", "actor_train"]).map(({ name }) => name)).toEqual(["critic"]);
  });
});

const layouts = fc.record({
  data: fc.integer({ min: 1, max: 4096 }),
  pipe: fc.integer({ min: 1, max: 64 }),
  tensor: fc.integer({ min: 1, max: 64 }),
});
const NOWHERE = { offset: 0, length: 0 };
const names = fc
  .stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
  .filter((name) => name !== "gen" && !(ENGINES as readonly string[]).includes(name));
const entries = fc.uniqueArray(
  fc.record({
    name: fc.oneof(fc.constant("*"), names),
    layout: layouts,
    range: fc.constant(NOWHERE),
    nameRange: fc.constant(NOWHERE),
    layoutRange: fc.constant(NOWHERE),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 5 },
);
const modes: fc.Arbitrary<AllocationMode> = fc.oneof(
  fc.constantFrom({ kind: "manual" } as const, { kind: "heuristic" } as const),
  fc.record({ kind: fc.constant("globalHybrid" as const), entries }),
  fc.record({
    kind: fc.constant("decoupled" as const),
    engine: fc.constantFrom(...ENGINES),
    gen: fc.record({ layout: layouts, range: fc.constant(NOWHERE) }),
    side: fc.constantFrom("left" as const, "right" as const),
    entries: fc.oneof(entries, fc.constant([])),
  }),
);

/** A mode without what a text adds to it. */
function withoutRanges(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (/range$/i.test(key) ? undefined : inner)));
}

/** Texts that are nearly right. */
const nearly = fc
  .array(
    fc.constantFrom("d", "p", "m", "0", "1", "42", ":", ",", "+", ".", "*", "a", "gen", "sglang.", "vllm", " ", "é"),
  )
  .map((parts) => parts.join(""));

describe("parsing", () => {
  it("reads what was written", () => {
    fc.assert(
      fc.property(modes, (mode) => {
        const { value, findings } = parseAllocationMode(formatAllocationMode(mode));
        expect(findings).toEqual([]);
        expect(withoutRanges(value)).toEqual(withoutRanges(mode));
      }),
    );
  });

  it("never throws, gives a value or an error, and points into the text", () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: "binary" })), (text) => {
        const { value, findings } = parseAllocationMode(text);
        expect(value === null).toBe(findings.length > 0);
        for (const { at } of findings) {
          if (at.kind !== "pointer" || at.range === undefined) throw new Error("a finding without characters");
          expect(at.range.offset).toBeGreaterThanOrEqual(0);
          expect(at.range.length).toBeGreaterThanOrEqual(text === "" ? 0 : 1);
          expect(at.range.offset + at.range.length).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
