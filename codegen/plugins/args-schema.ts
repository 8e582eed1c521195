import { dereference, type Schema } from "@cfworker/json-schema";
import type { SchemaProblem } from "../../src/schema/problems.ts";

/** Schemas of one document by address. */
type Lookup = Readonly<Record<string, Schema | boolean>>;

/**
 * What is wrong with a JSON Schema although each keyword has the right type: patterns that are none, references to nothing,
 * and circles that no value gets through. A validator would throw at them, or never end.
 */
export function argsProblems(args: object | boolean): readonly SchemaProblem[] {
  // Addresses are written into what is dereferenced.
  const lookup: Lookup = dereference(structuredClone(args) as Schema);
  return Object.entries(lookup).flatMap(([address, schema]) => {
    if (typeof schema === "boolean") return [];
    const pointer = decodeURIComponent(new URL(address).hash.slice(1));
    return [
      ...patternProblems(schema, pointer),
      ...(schema.$ref !== undefined && target(lookup, schema) === undefined
        ? [{ pointer: `${pointer}/$ref`, problem: `\`${schema.$ref}\` leads to no schema` }]
        : []),
      ...(isCircle(lookup, schema) ? [{ pointer, problem: "the schema stands on itself" }] : []),
    ];
  });
}

function patternProblems({ pattern, patternProperties = {} }: Schema, pointer: string): readonly SchemaProblem[] {
  const patterns = [
    ...(pattern === undefined ? [] : [{ text: pattern, at: `${pointer}/pattern` }]),
    ...Object.keys(patternProperties).map((text) => ({ text, at: `${pointer}/patternProperties` })),
  ];
  return patterns.flatMap(({ text, at }) =>
    isPattern(text) ? [] : [{ pointer: at, problem: `\`${text}\` is no regular expression` }],
  );
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** True if a schema says of a value what it says of that very value. */
function isCircle(lookup: Lookup, start: Schema): boolean {
  const seen = new Set<Schema>();
  const waiting = sameValue(lookup, start);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === start) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...sameValue(lookup, next));
  }
  return false;
}

/** Schemas that are put to the value itself, not to what it holds. */
function sameValue(lookup: Lookup, schema: Schema): Schema[] {
  const { allOf = [], anyOf = [], oneOf = [], not, if: condition, dependentSchemas = {} } = schema;
  const all = [
    target(lookup, schema),
    ...allOf,
    ...anyOf,
    ...oneOf,
    not,
    condition,
    schema.then,
    schema.else,
    ...Object.values(dependentSchemas),
  ];
  return all.filter((next): next is Schema => typeof next === "object");
}

function target(lookup: Lookup, schema: Schema): Schema | boolean | undefined {
  return schema.$ref === undefined ? undefined : lookup[schema.__absolute_ref__ ?? schema.$ref];
}
