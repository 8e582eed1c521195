import canonicalize from "canonicalize";
import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/manifest/canonical.ts";

describe("canonical JSON", () => {
  it("is what the reference implementation writes", () => {
    assert(
      property(jsonValue({ stringUnit: "binary" }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [{ "\u20ac": 1, "\r": 2, "\u{1f600}": 3, "\ufb33": 4, "1": 5, "\u0080": 6, "\u00f6": 7 }],
    [{ b: undefined, a: 1 }],
    [[undefined]],
    [[-0, 1e21, 1e-7, 333333333.3333333, 4.5, 2e-3, Number.MAX_SAFE_INTEGER]],
    ['\u20ac$\u000f\nA\'B"\\"/\u2028\u007f'],
    [JSON.parse('{"__proto__":{"a":1},"constructor":2}') as object],
  ])("writes %j as it does", (value) => {
    expect(canonicalJson(value)).toBe(canonicalize(value));
  });

  it.each([
    ["a number that is not finite", { a: Number.NaN }],
    ["half of a character", ["\ud800"]],
    ["half of a character in a key", { "\udc00": 1 }],
    ["a BigInt", [1n]],
    ["a function", { a: () => 1 }],
  ])("refuses %s", (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it("refuses a cycle", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(() => canonicalJson(circle)).toThrow(TypeError);
  });
});
