import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  allNumbers,
  columnAt,
  columnIndexOf,
  columnsOverlap,
  columnLength,
  lowestOf,
  numbersOf,
  runsOf,
  toColumn,
} from "../../../src/spec/column.ts";

/** Numbers in any order, with runs and repetitions among them. */
const numbers = fc
  .array(
    fc
      .tuple(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 8 }))
      .map(([first, length]) => Array.from({ length }, (_, offset) => first + offset)),
  )
  .map((runs) => runs.flat());

describe("a column", () => {
  it.each([
    [[], ""],
    [[0], "0"],
    [[0, 1], "0-1"],
    [[7, 8, 9, 12, 9, 10], "7-9,12,9-10"],
    [[3, 2, 1], "3,2,1"],
    [[5, 5], "5,5"],
    [[0, 1, 2, 4, 5], "0-2,4-5"],
  ])("of %j is %j", (list, text) => {
    expect(toColumn(list)).toBe(text);
  });

  it("holds the numbers that it was made of, in their order", () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const column = toColumn(list);
        expect([...numbersOf(column)]).toEqual(list);
        expect(allNumbers(column)).toEqual(list);
        expect(lowestOf(column)).toBe(list.length === 0 ? undefined : Math.min(...list));
        expect(columnLength(column)).toBe(list.length);
      }),
    );
  });

  it("gives any number by its position, and nothing beyond its ends", () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const column = toColumn(list);
        expect(list.map((_, position) => columnAt(column, position))).toEqual(list);
        expect(columnAt(column, list.length)).toBeUndefined();
      }),
    );
  });

  it("finds where a number first stands", () => {
    fc.assert(
      fc.property(numbers, fc.nat({ max: 220 }), (list, number) => {
        expect(columnIndexOf(toColumn(list), number)).toBe(list.indexOf(number));
      }),
    );
  });

  it("has a number in common with another, or none", () => {
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        expect(columnsOverlap(toColumn(left), toColumn(right))).toBe(left.some((number) => right.includes(number)));
      }),
    );
  });

  it("has runs that ascend, none of which continues the one before", () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const runs = [...runsOf(toColumn(list))];
        for (const [index, [first, last]] of runs.entries()) {
          expect(last).toBeGreaterThanOrEqual(first);
          expect(runs[index - 1]?.[1]).not.toBe(first - 1);
        }
      }),
    );
  });

  it("is one run for numbers in a row, however many", () => {
    expect(toColumn(Array.from({ length: 1_000_000 }, (_, number) => number))).toBe("0-999999");
    expect(columnAt("0-999999", 123_456)).toBe(123_456);
  });
});
