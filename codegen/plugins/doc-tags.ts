import type { JsonObject, JsonValue } from "type-fest";
import { parseRange } from "../../src/dsl/option-range.ts";

/** A tag of a doc comment: its name, and the text after it. */
export interface DocTag {
  readonly name: string;
  readonly text: string;
}

/** A schema with what tags add, or why a tag can't be applied. */
export type Applied = { readonly schema: JsonObject } | { readonly problem: string };

/** Keywords of strings, lists and numbers that are a number themselves. */
const COUNTS: Readonly<Record<string, "string" | "array" | "number">> = {
  minLength: "string",
  maxLength: "string",
  minItems: "array",
  maxItems: "array",
  multipleOf: "number",
};

/** True for tags that say something of a value's schema; all others are prose. */
export function isSchemaTag({ name }: DocTag): boolean {
  return ["range", "pattern", "format", "default"].includes(name) || Object.hasOwn(COUNTS, name);
}

/** Adds what a tag says to a schema: to that of a list's elements, where it is about what lists are not. */
export function applyTag(schema: JsonObject, { name, text }: DocTag): Applied {
  switch (name) {
    case "range":
      return applyRange(schema, text);
    case "pattern":
      return isPattern(text)
        ? applyTo(schema, "string", { pattern: text }, name)
        : { problem: `\`@pattern\` has \`${text}\`, which is no regular expression` };
    case "format":
      return applyTo(schema, "string", { format: text }, name);
    case "default":
      return applyDefault(schema, text);
    default: {
      const count = Number(text);
      const least = name === "multipleOf" ? Number.MIN_VALUE : 0;
      const isCount = text !== "" && count >= least && (name === "multipleOf" || Number.isSafeInteger(count));
      if (!isCount) return { problem: `\`@${name}\` has \`${text}\`, which is no number that it could be` };
      return applyTo(schema, COUNTS[name] ?? "number", { [name]: count }, name);
    }
  }
}

function applyRange(schema: JsonObject, text: string): Applied {
  const range = parseRange(text);
  if ("problem" in range) return { problem: `\`@range\` ${range.problem}` };
  const { integer, lower, upper } = range;
  const bounds: Record<string, number> = {};
  if (lower !== null && Number.isFinite(lower.at)) bounds[lower.inclusive ? "minimum" : "exclusiveMinimum"] = lower.at;
  if (upper !== null && Number.isFinite(upper.at)) bounds[upper.inclusive ? "maximum" : "exclusiveMaximum"] = upper.at;
  return applyTo(schema, "number", bounds, "range", integer);
}

/** What a default is in JSON; text without quotes stands for itself. */
function applyDefault(schema: JsonObject, text: string): Applied {
  const bare = text.replace(/^`(.*)`$/s, "$1");
  const value = parsed(bare) ?? parsed(bare.replace(/^'(.*)'$/s, '"$1"'));
  if (value !== undefined) return { schema: { ...schema, default: value } };
  return typesOf(schema).includes("string") && bare !== "" ? { schema: { ...schema, default: bare } } : { schema };
}

function applyTo(
  schema: JsonObject,
  type: "string" | "array" | "number",
  added: JsonObject,
  tag: string,
  integer = false,
): Applied {
  const types = typesOf(schema);
  if (types.includes(type)) {
    const narrowed = integer ? types.map((one) => (one === "number" ? "integer" : one)) : types;
    return { schema: { ...schema, type: narrowed.length === 1 ? (narrowed[0] as string) : narrowed, ...added } };
  }
  for (const inner of ["items", "additionalProperties"]) {
    const held = schema[inner];
    if (typeof held !== "object" || held === null || Array.isArray(held)) continue;
    const applied = applyTo(held as JsonObject, type, added, tag, integer);
    return "problem" in applied ? applied : { schema: { ...schema, [inner]: applied.schema } };
  }
  return { problem: `\`@${tag}\` is about a ${type === "array" ? "list" : type}, and this is none` };
}

function typesOf({ type }: JsonObject): readonly string[] {
  return typeof type === "string" ? [type] : Array.isArray(type) ? (type as readonly string[]) : [];
}

function isPattern(text: string): boolean {
  try {
    return text !== "" && new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
