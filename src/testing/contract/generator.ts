import type { JsonObject, JsonValue } from "type-fest";
import { type Schema, Validator } from "@cfworker/json-schema";
import { isObject, own } from "../../spec/own.ts";

/** Numbers in [0, 1) from a seed, the same everywhere. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

/**
 * Up to `count` different arguments that fit a schema, always the same ones: optional properties come and go, numbers keep to their
 * bounds and touch them, choices are all taken. What the schema says in ways that are not followed here (patterns, `not`) is left
 * to the validator: what does not fit is thrown away.
 */
export function argumentsOf(
  schema: JsonObject | boolean,
  samples: readonly JsonObject[],
  count = 200,
): readonly JsonObject[] {
  if (typeof schema === "boolean") return samples;
  const random = randomNumbers(samples.length + 1);
  const validator = new Validator(schema as Schema, "2020-12");
  const made = new Map<string, JsonObject>(samples.map((sample) => [JSON.stringify(sample), sample]));
  for (let tries = 0; tries < count * 5 && made.size < count; tries += 1) {
    const base = samples[Math.floor(random() * samples.length)] ?? {};
    const value = objectFor(schema, schema, base, random, 0);
    if (validator.validate(value).valid) made.set(JSON.stringify(value), value);
  }
  return [...made.values()];
}

function objectFor(schema: JsonObject, root: JsonObject, base: JsonObject, random: Random, depth: number): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, inner]) => {
      const isThere = required.includes(name) || random() < 0.6;
      const given = own(base, name);
      // Texts and pairs that mean something are rather taken from the samples.
      const keeps = given !== undefined && random() < 0.4;
      return isThere ? [[name, keeps ? given : valueFor(inner, root, given, random, depth + 1)]] : [];
    }),
  ) as JsonObject;
}

function valueFor(
  given: JsonValue,
  root: JsonObject,
  base: JsonValue | undefined,
  random: Random,
  depth: number,
): JsonValue {
  const schema = isObject(given) ? deref(given, root) : {};
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  if ("const" in schema) return schema["const"] as JsonValue;
  if (Array.isArray(schema["enum"]) && schema["enum"].length > 0) return pick(schema["enum"]);
  for (const keyword of ["oneOf", "anyOf"]) {
    const choices = schema[keyword];
    if (Array.isArray(choices) && choices.length > 0) return valueFor(pick(choices), root, base, random, depth);
  }
  const types = [schema["type"] ?? ["string", "number", "boolean", "object"]].flat() as readonly string[];
  switch (depth > 6 ? (types.find((type) => type !== "object" && type !== "array") ?? "null") : pick(types)) {
    case "string":
      return typeof base === "string" && random() < 0.5 ? base : textFor(schema, random);
    case "integer":
      return Math.round(numberFor(schema, random, 1));
    case "number":
      return numberFor(schema, random, 0);
    case "boolean":
      return random() < 0.5;
    case "array": {
      const least = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
      const first = Array.isArray(base) ? base[0] : undefined;
      const length = least + Math.floor(random() * 3);
      return Array.from({ length }, () => valueFor(schema["items"] ?? {}, root, first, random, depth + 1));
    }
    case "object":
      return "properties" in schema
        ? objectFor(schema, root, isObject(base) ? base : {}, random, depth)
        : isObject(base)
          ? base
          : {};
    default:
      return null;
  }
}

function deref(schema: JsonObject, root: JsonObject): JsonObject {
  const to = schema["$ref"];
  if (typeof to !== "string" || !to.startsWith("#/")) return schema;
  let found: JsonValue | undefined = root;
  for (const part of to.slice(2).split("/")) {
    found = isObject(found)
      ? own(found, decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
      : undefined;
  }
  return isObject(found) ? found : {};
}

function textFor(schema: JsonObject, random: Random): string {
  const least = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
  const texts = ["", "a", "/data/rows.jsonl", "sparse", "ä 測試", "constructor", "x".repeat(64)];
  const text = texts[Math.floor(random() * texts.length)] ?? "";
  return text.length >= least ? text : text.padEnd(least, "x");
}

function numberFor(schema: JsonObject, random: Random, step: number): number {
  const bound = (inclusive: string, exclusive: string, by: number): number | undefined => {
    const [closed, open] = [schema[inclusive], schema[exclusive]];
    if (typeof closed === "number") return closed;
    return typeof open === "number" ? open + by : undefined;
  };
  const nudge = step === 0 ? 1e-6 : step;
  const low = bound("minimum", "exclusiveMinimum", nudge);
  const high = bound("maximum", "exclusiveMaximum", -nudge);
  const from = low ?? (high === undefined ? -10 : high - 100);
  const to = high ?? from + 1000;
  const chance = random();
  if (chance < 0.2) return from;
  if (chance < 0.3 && high !== undefined) return to;
  return from + random() * (to - from);
}
