import type { Validator } from "@cfworker/json-schema";

/** What is wrong with a value, and where in it. */
export interface SchemaProblem {
  /** JSON pointer. */
  readonly pointer: string;
  readonly problem: string;
}

/** Keywords whose errors only repeat that something inside is wrong. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "$ref",
  "allOf",
  "if",
  "additionalProperties",
  "properties",
  "items",
  "prefixItems",
  "propertyNames",
]);

/** The innermost problems, one a place. `unknownProperty` is what is said of a property that the schema does not have. */
export function schemaProblems(validator: Validator, value: object, unknownProperty: string): readonly SchemaProblem[] {
  const problems = new Map<string, string>();
  for (const { instanceLocation, keyword, error } of validator.validate(value).errors) {
    if (CONTAINERS.has(keyword)) continue;
    const pointer = decodeURIComponent(instanceLocation.slice(1));
    if (!problems.has(pointer)) problems.set(pointer, keyword === "false" ? unknownProperty : error);
  }
  return [...problems].map(([pointer, problem]) => ({ pointer, problem }));
}
