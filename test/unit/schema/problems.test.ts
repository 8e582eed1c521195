import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { inWords } from "../../../src/schema/problems.ts";

const said = (schema: Schema, value: unknown): string => {
  const [first] = new Validator(schema, "2020-12", false).validate(value).errors;
  return first === undefined ? "" : inWords(first.keyword, first.error);
};

describe("what a schema says of a value, in words", () => {
  it.each<[Schema, unknown, string]>([
    [{ type: "integer" }, "a", "must be an integer, found a string"],
    [{ type: ["integer", "null"] }, true, "must be an integer or null, found a boolean"],
    [{ type: "string" }, null, "must be a string, found null"],
    [{ enum: ["a", "b, c"] }, "d", 'must be one of "a", "b, c"'],
    [{ const: 3 }, 2, "must be 3"],
    [{ minimum: 1 }, 0, "must be at least 1, found 0"],
    [{ exclusiveMinimum: 0 }, 0, "must be more than 0, found 0"],
    [{ maximum: 1 }, 2.5, "must be at most 1, found 2.5"],
    [{ exclusiveMaximum: 1 }, 1, "must be less than 1, found 1"],
    [{ required: ["a"] }, {}, "lacks `a`"],
    [{ minLength: 2 }, "a", "is too short (1 < 2)"],
    [{ minItems: 1 }, [], "has too few items (0 < 1)"],
    [{ pattern: "^a" }, "b", "does not have the form that it must have"],
    [{ multipleOf: 2 }, 3, "is not valid: 3 is not a multiple of 2"],
    [{ uniqueItems: true }, [1, 1], "is not valid: Duplicate items at indexes 0 and 1"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, 3, "fits none of the forms that it may have"],
  ])("%j of %j: %s", (schema, value, text) => {
    expect(said(schema, value)).toBe(text);
  });
});
