import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllocationMode } from "../../src/spec/allocation-mode.ts";
import { CHECKOUT, TSCONFIG } from "../compiled-build.ts";
import { compileProject } from "./compiler.ts";

const letters = fc.constantFrom("dpm", "dmp", "pdm", "pmd", "mdp", "mpd");
const degree = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom("1", "2", "4", "16", "08") },
  { weight: 1, arbitrary: fc.constantFrom("0", "00", "9007199254740991", "9007199254740992", "00000000000000000003") },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e17 }).map(String) },
);
const layout = fc.tuple(letters, degree, degree, degree).map(([[a, b, c], x, y, z]) => `${a}${x}${b}${y}${c}${z}`);
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("actor_gen", "actor_train", "ref-inf", "gen", "*", "A1", "d", "x") },
  { weight: 1, arbitrary: fc.constantFrom("sglang", "mock") },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom("a", "Z", "0", "_", "-", "é", " "), maxLength: 8 }) },
);
const entry = fc.tuple(name, layout).map(([call, sizes]) => `${call}:${sizes}`);
const list = fc.array(entry, { minLength: 1, maxLength: 4 }).map((entries) => entries.join(","));
const others = fc.oneof(layout, list);
const engine = fc
  .tuple(fc.constantFrom("vllm", "sglang", "sglang", "mock", "mock", "mock", "vlm"), layout)
  .map(([server, sizes]) => `${server}.${sizes}`);
const near = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("manual", "heuristic", "") },
  { weight: 4, arbitrary: layout },
  { weight: 4, arbitrary: list },
  { weight: 1, arbitrary: engine },
  { weight: 4, arbitrary: fc.tuple(engine, others).map(([own, other]) => `${own}+${other}`) },
  { weight: 4, arbitrary: fc.tuple(others, engine).map(([other, own]) => `${other}+${own}`) },
  { weight: 1, arbitrary: fc.tuple(engine, others, engine).map((parts) => parts.join("+")) },
);
const PIECES = [
  "d",
  "p",
  "m",
  "0",
  "1",
  "7",
  ":",
  ",",
  "+",
  ".",
  "*",
  " ",
  "x",
  "é",
  "😀",
  "`",
  "{",
  "}",
  "\\",
  "\n",
  '"',
  "gen",
];
/** A string near the grammar with one stretch replaced. */
const mistaken = fc
  .tuple(near, fc.nat(), fc.nat(2), fc.constantFrom("", ...PIECES))
  .map(([text, where, removed, added]) => {
    const units = [...text];
    units.splice(where % (units.length + 1), removed, added);
    return units.join("");
  });
const any = fc
  .array(fc.constantFrom(...PIECES, "d4p1m1", "sglang", "vllm.d2p1m1"), { maxLength: 8 })
  .map((parts) => parts.join(""));

/** Strings that are long, and what is longer than types look at. */
const LONG = [
  Array.from({ length: 48 }, (_, index) => `c${index}:d1p1m1`).join(","),
  `${"a".repeat(470)}:d1p1m0`,
  `d${"0".repeat(470)}1p1m1`,
  `d${"0".repeat(470)}p1m1`,
  `${"a".repeat(2000)}:d1p1m0`,
  `d${"9".repeat(5000)}p1m1`,
  Array.from({ length: 400 }, (_, index) => `c${index}:d1p1m1`).join(","),
];
const MOST_CHARACTERS = 480;

/** What a type must say of a text: itself, or the message of the build. */
function expected(text: string): string {
  const [first] = parseAllocationMode(text).findings;
  return first === undefined || [...text].length > MOST_CHARACTERS ? text : `✗ ${first.message}`;
}

describe("the type of allocation strings", () => {
  it("says of any string what the build says", () => {
    const samples = fc.sample(fc.oneof(near, near, mistaken, any), { numRuns: 900, seed: 20_261_125 });
    const texts = [...new Set([...samples, ...LONG])];
    const read = texts.filter((text) => parseAllocationMode(text).findings.length === 0).length;
    expect(read).toBeGreaterThan(150);
    expect(texts.length - read).toBeGreaterThan(300);
    const folder = mkdtempSync(join(tmpdir(), "assay-allocations-"));
    try {
      const { compilerOptions } = TSCONFIG;
      writeFileSync(
        join(folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, files: ["checks.ts"] }),
      );
      const checks = texts.map((text, index) => {
        const literal = JSON.stringify(text);
        return `export const check${index}: Same<Allocation<${literal}>, ${JSON.stringify(expected(text))}> = true;`;
      });
      writeFileSync(
        join(folder, "checks.ts"),
        [
          `import type { Allocation } from ${JSON.stringify(join(CHECKOUT, "dist/src/dsl/allocation-string.js"))};`,
          "type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : [A, B]) : [A, B];",
          ...checks,
          "// Is what is wrong found at all?",
          `export const last: Same<Allocation<"d1p1m1">, "d1p1m2"> = true;`,
        ].join("\n"),
      );
      const said = compileProject(folder).get("checks.ts");
      expect(said?.messages).toEqual([]);
      expect(said?.others).toHaveLength(1);
      expect(said?.others[0]).toContain(`checks.ts(${texts.length + 4},`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
