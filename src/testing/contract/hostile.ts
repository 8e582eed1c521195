import type { JsonObject, JsonValue } from "type-fest";
import { isObject } from "../../spec/own.ts";

/** Names that every object seems to have, and others that are easily mistaken. */
export const ODD_NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "a/b",
  "a.b",
  "a@1",
  "../x",
  "ä測",
  " ",
  "",
];

/** Texts that break what does not expect them. */
export const ODD_TEXTS: Readonly<Record<string, string>> = {
  "an empty text": "",
  "control characters": "a\u0000b\u0007\u001B[31m\r\n\t",
  "turned text": "\u202Eevil\u2066x",
  "half of a character": "\uD800",
  "a name of every object": "__proto__",
  "a reference": "${secret:NAME}",
  "a reference that never ends": "${env:",
  "quotes and a shell's text": "'\"`$(exit 1); --",
  "a text of a million characters": "x".repeat(1_000_000),
};

/** Values of each type of JSON, and others that a program may hand in. */
export const WRONG_VALUES: readonly (readonly [what: string, value: unknown])[] = [
  ["null", null],
  ["true", true],
  ["a fraction", 7.5],
  ["a negative number", -1],
  ["a huge number", 1e308],
  ["a text", "text"],
  ["an empty list", []],
  ["an empty object", {}],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["a list with a hole's undefined", [undefined]],
  ["a big integer", 1n],
  ["a function", () => 1],
  ["a date", new Date(0)],
  ["a map", new Map([["a", 1]])],
];

/** Values of JSON, one for each type. */
export const JSON_VALUES: readonly JsonValue[] = [null, true, 7.5, "text", [], {}];

/** An object nested deeper than any stack. */
function deepValue(levels = 20_000): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

const MOST_LARGE = 2;
let deep: JsonObject | undefined;
let many: readonly number[] | undefined;

/** One spoiled version of arguments, and what is odd about it. */
export interface HostileArguments {
  readonly what: string;
  readonly args: JsonObject;
}

/** Sound arguments, spoiled in every way in turn. Nothing of them is meant to fit; all are to be borne. */
export function* hostileArguments(sample: JsonObject, names: readonly string[]): Generator<HostileArguments> {
  const all = [...new Set([...Object.keys(sample), ...names])];
  yield { what: "no arguments", args: {} };
  for (const [place, name] of all.entries()) {
    const { [name]: _left, ...rest } = sample;
    yield { what: `without \`${name}\``, args: rest };
    for (const [what, value] of WRONG_VALUES)
      yield { what: `\`${name}\`: ${what}`, args: { ...sample, [name]: value } as never };
    for (const [what, value] of Object.entries(ODD_TEXTS))
      yield { what: `\`${name}\`: ${what}`, args: { ...sample, [name]: value } };
    // Large ones say the same of every argument.
    if (place < MOST_LARGE) {
      deep ??= deepValue();
      many ??= Array.from({ length: 1_000_000 }, () => 0);
      yield { what: `\`${name}\`: an object nested deeper than any stack`, args: { ...sample, [name]: deep } };
      yield { what: `\`${name}\`: a list of a million numbers`, args: { ...sample, [name]: many } as never };
    }
    for (const odd of ODD_NAMES) {
      yield {
        what: `\`${name}\`: pairs of the type ${JSON.stringify(odd)}`,
        args: { ...sample, [name]: oddPairs(sample[name], odd) },
      };
    }
  }
  for (const odd of ODD_NAMES) {
    // As JSON makes it: a property of its own.
    const extra = JSON.parse(`{${JSON.stringify(odd)}: {"spoiled": true}}`) as JsonObject;
    yield { what: `the further argument ${JSON.stringify(odd)}`, args: { ...sample, ...extra } };
    yield { what: `nothing but ${JSON.stringify(odd)}`, args: extra };
  }
}

/** The same value with every type of a pair replaced; a pair where there is none. */
function oddPairs(value: JsonValue | undefined, type: string): JsonValue {
  if (Array.isArray(value))
    return value.length === 0 ? [{ type, args: {} }] : value.map((item) => oddPairs(item, type));
  if (!isObject(value)) return { type, args: {} };
  if (typeof value["type"] === "string") return { ...value, type };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, oddPairs(inner, type)]));
}
