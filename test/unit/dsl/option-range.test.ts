import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeRange, inRange, nearestIn, type OptionRange, parseRange } from "../../../src/dsl/option-range.ts";

/** Parses a range that is one. */
function range(text: string): OptionRange {
  const parsed = parseRange(text);
  if ("problem" in parsed) throw new Error(`${text} ${parsed.problem}`);
  return parsed;
}

describe("ranges", () => {
  it.each([
    [">= 1", "a number from 1", [1, 1.5, Infinity], [0.999, -Infinity, NaN]],
    ["> 1", "a number above 1", [1.001], [1, NaN]],
    ["<= -1", "a number up to -1", [-1, -Infinity], [-0.5]],
    ["<1", "a number below 1", [0.5], [1]],
    ["[0, 1]", "a number in [0, 1]", [0, 1], [-0.1, 1.1, NaN]],
    ["(0, 1]", "a number in (0, 1]", [0.1, 1], [0]],
    ["[0,1)", "a number in [0, 1)", [0, 0.9], [1]],
    ["( 0 , 1 )", "a number in (0, 1)", [0.5], [0, 1]],
    ["integer >= 1", "a whole number from 1", [1, 2], [0, 1.5]],
    ["integer [0, 65535]", "a whole number in [0, 65535]", [0, 65_535], [0.5, 65_536]],
    ["integer", "a whole number", [-3, 0], [0.5, Infinity, NaN]],
    ["> 0 and < 10", "a number in (0, 10)", [5], [0, 10]],
    ["> 0 and <= 10 and > 5", "a number in (5, 10]", [6, 10], [5]],
    [">= 0 and > 0", "a number above 0", [1], [0]],
    ["> 0 and >= 0", "a number above 0", [1], [0]],
    ["[0, 10] and (0, 10)", "a number in (0, 10)", [5], [0, 10]],
    [">= 1e-5", "a number from 0.00001", [1e-5], [9e-6]],
    ["<= 2.5E+3", "a number up to 2500", [2500], [2501]],
    [">= 1.", "a number from 1", [1], [0.5]],
    ["> .5", "a number above 0.5", [0.6], [0.5]],
    ["[+1., 2]", "a number in [1, 2]", [1], [0]],
    ["(-inf, 0]", "a number in (-inf, 0]", [-1e300, 0], [1, -Infinity, NaN]],
    ["< inf", "a number below inf", [1e300], [Infinity, NaN]],
    ["  >= 1  ", "a number from 1", [1], [0]],
    ["[1, 1]", "a number in [1, 1]", [1], [0, 2]],
    ["integer (0, 2)", "a whole number in (0, 2)", [1], [0, 2]],
  ] as const)("%s", (text, words, inside, outside) => {
    const parsed = range(text);
    expect(describeRange(parsed)).toBe(words);
    for (const value of inside) expect([value, inRange(parsed, value)]).toEqual([value, true]);
    for (const value of outside) expect([value, inRange(parsed, value)]).toEqual([value, false]);
  });
});

describe("texts that are none", () => {
  const unknown = (part: string) => `has \`${part}\`, which is no comparison and no interval`;
  it.each([
    ["", "has no condition", 0, 0],
    ["   ", "has no condition", 0, 3],
    ["1", unknown("1"), 0, 1],
    [">= x", unknown(">= x"), 0, 4],
    ["=> 1", unknown("=> 1"), 0, 4],
    [">= 1. Steps", unknown(">= 1. Steps"), 0, 11],
    ["integer positive", unknown("positive"), 8, 8],
    ["integers >= 1", unknown("integers >= 1"), 0, 13],
    [">= 1 and two", unknown("two"), 9, 3],
    [">= 1  and  [2 3]", unknown("[2 3]"), 11, 5],
    [">= 1 and", "has an `and` with nothing beside it", 5, 3],
    ["and >= 1", "has an `and` with nothing beside it", 0, 3],
    ["integer and >= 1", "has an `and` with nothing beside it", 8, 3],
    [">= 1 and and < 3", "has an `and` with nothing beside it", 5, 3],
    [">= 1, < 3", unknown(">= 1, < 3"), 0, 9],
    ["]0, 1[", unknown("]0, 1["), 0, 6],
    [">= 1e", unknown(">= 1e"), 0, 5],
    [">= nan", unknown(">= nan"), 0, 6],
    ["> 1 and < 1", "admits no number", 0, 11],
    [" [2, 1]", "admits no number", 1, 6],
    ["(1, 1]", "admits no number", 0, 6],
    ["integer (0, 1)", "admits no number", 0, 14],
    ["integer [0.1, 0.9]", "admits no number", 0, 18],
    ["> inf", "admits no number", 0, 5],
  ] as const)("%j", (text, problem, offset, length) => {
    expect(parseRange(text)).toEqual({ problem, offset, length });
  });

  it("are never thrown for, and their places lie inside of the text", () => {
    const word = fc.constantFrom(
      "integer",
      "and",
      ">=",
      "<",
      "[",
      "(",
      "]",
      ")",
      ",",
      "0",
      "1e3",
      "-inf",
      ".",
      " ",
      "x",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (text) => {
          const parsed = parseRange(text);
          if (!("problem" in parsed)) return;
          expect(parsed.offset).toBeGreaterThanOrEqual(0);
          expect(parsed.offset + parsed.length).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("any conditions", () => {
  it("admit exactly the numbers that each of them admits", () => {
    const number = fc.integer({ min: -5, max: 5 });
    const condition = fc.oneof(
      fc.tuple(fc.constantFrom(">=", ">", "<=", "<"), number).map(([operator, at]) => ({
        text: `${operator} ${at}`,
        admits: (value: number) =>
          operator === ">="
            ? value >= at
            : operator === ">"
              ? value > at
              : operator === "<="
                ? value <= at
                : value < at,
      })),
      fc.tuple(fc.constantFrom("[", "("), number, number, fc.constantFrom("]", ")")).map(([open, from, to, close]) => ({
        text: `${open}${from}, ${to}${close}`,
        admits: (value: number) =>
          (open === "[" ? value >= from : value > from) && (close === "]" ? value <= to : value < to),
      })),
    );
    const conditions = fc.array(condition, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.boolean(), conditions, fc.integer({ min: -24, max: 24 }), (integer, list, quarters) => {
        const value = quarters / 4;
        const parsed = parseRange(`${integer ? "integer " : ""}${list.map(({ text }) => text).join(" and ")}`);
        const expected = (!integer || Number.isInteger(value)) && list.every(({ admits }) => admits(value));
        expect("problem" in parsed ? false : inRange(parsed, value)).toBe(expected);
        if ("problem" in parsed) return;
        const near = nearestIn(parsed, value);
        if (near !== null) expect(inRange(parsed, near)).toBe(true);
        if (expected) expect(near).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a number near another one", () => {
  it.each([
    ["integer >= 1", 0, 1],
    ["integer > 1", -7, 2],
    ["integer [1, 4]", 9, 4],
    ["integer (0, 2)", 5, 1],
    ["(0, 1]", 0, 0.5],
    ["(0, 1]", 2, 1],
    ["> 0", -3, 1],
    ["< 0", 3, -1],
    ["integer >= 1", 2.5, 3],
  ])("in %s, for %d, is %d", (text, value, expected) => {
    expect(nearestIn(range(text), value)).toBe(expected);
  });
});
