import "assay/experiments";
import type { JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import { CommandLine } from "../../../src/cli/command-line.ts";
import { parseArguments } from "../../../src/cli/overrides.ts";
import type { OptionValue } from "../../../src/dsl/author-protocol.ts";
import { makeInstance } from "../../../src/dsl/author.ts";
import { inRange } from "../../../src/dsl/option-range.ts";
import { rangeOf, typesOf } from "../../../src/dsl/option-table.ts";
import { canonicalJson } from "../../../src/manifest/canonical.ts";
import { typedText } from "../../../src/manifest/point-name.ts";
import type { OptionDescription, OptionSchema } from "../../../src/realm/option-schema.ts";
import { allOf, lookUp } from "../../../src/realm/realm.ts";

/** Another value that an option takes: by its choices, its range and its type. */
function otherValue(option: OptionDescription, current: JsonValue, schema: OptionSchema): JsonValue {
  const { choices, type, nullable } = option;
  if (choices !== null) {
    const choice = choices.find((one) => one !== current);
    return choice ?? (nullable ? null : expect.fail(`${option.path} has one choice`));
  }
  const inside = schema.find(({ path }) => path.startsWith(`${option.path}.`));
  // A group that is switched off is switched on by one of its options.
  if (inside !== undefined) {
    const key = inside.path.slice(option.path.length + 1);
    return key.includes(".") ? {} : { [key]: otherValue(inside, null, schema) };
  }
  const [kind = Array.isArray(current) ? "array" : typeof current] = typesOf(option) ?? [];
  switch (kind) {
    case "boolean":
      return current !== true;
    case "number":
      return otherNumber(option, typeof current === "number" ? current : null);
    case "array":
      return type?.includes("number") === true ? [3, 4] : ["x,y", "z"];
    case "object":
      return current === null ? { KEY: "v" } : { ...(current as object), KEY: "v" };
    case "string":
      return `${String(current ?? "")}other`;
    default:
      return expect.fail(`${option.path} is of the type ${type ?? kind}, of which the test knows no values`);
  }
}

function otherNumber(option: OptionDescription, current: number | null): number {
  const range = rangeOf(option);
  const at = current ?? 0;
  const { lower, upper } = range ?? { lower: null, upper: null };
  const middle = ((lower?.at ?? 0) + (upper?.at ?? 0)) / 2;
  const found = [at + 1, at - 1, at + 2, at / 2, middle, middle / 2, lower?.at ?? 0, upper?.at ?? 0].find(
    (number) => number !== current && Number.isFinite(number) && (range === null || inRange(range, number)),
  );
  return found ?? expect.fail(`${option.path} has no other number`);
}

/** The value of an option; of a group that was set as a whole, its values. */
function valueAt(
  values: readonly OptionValue[],
  path: string,
): { readonly value: JsonValue; readonly kinds: readonly string[] } {
  const own = values.find((option) => option.path === path);
  if (own !== undefined) return { value: own.value, kinds: [own.origin.kind] };
  const inside = values.filter((option) => option.path.startsWith(`${path}.`));
  const entries = inside.map((option) => [option.path.slice(path.length + 1), option.value] as const);
  return { value: Object.fromEntries(entries), kinds: inside.map(({ origin }) => origin.kind) };
}

const plain = (value: unknown): string => canonicalJson(JSON.parse(JSON.stringify(value)));

const names = [...allOf((realm) => realm.experiments).keys()];

it("there are experiments to override", () => expect(names.length).toBeGreaterThanOrEqual(2));

describe.each(names)("every option of %s", (name) => {
  const schema = lookUp((realm) => realm.schemas, name)?.() ?? [];
  const make = (...line: string[]) => {
    const { overrides, findings } = parseArguments(line, new CommandLine(["check", ...line]));
    expect(findings).toEqual([]);
    const made = makeInstance({ name, preset: null, optional: true, overrides });
    return { values: made.options?.values() ?? [], findings: made.findings };
  };
  const { values } = make();
  const paths = new Set(values.map(({ path }) => path));

  it("is known to the schema, and nothing else is", () => {
    expect(schema.length).toBeGreaterThan(0);
    const known = new Set(schema.map(({ path }) => path));
    expect([...paths].filter((path) => !known.has(path))).toEqual([]);
    // What is no value is a group of values, or inside of a group that is switched off.
    const off = values.filter(({ value }) => value === null).map(({ path }) => `${path}.`);
    const unreachable = [...known].filter(
      (path) =>
        !paths.has(path) &&
        ![...paths].some((other) => other.startsWith(`${path}.`)) &&
        !off.some((group) => path.startsWith(group)),
    );
    expect(unreachable).toEqual([]);
  });

  it.each(schema.filter(({ path }) => paths.has(path)))("$path can be overridden", (option) => {
    const { path } = option;
    const current = JSON.parse(JSON.stringify(valueAt(values, path).value)) as JsonValue;
    const other = otherValue(option, current, schema);
    expect(plain(other)).not.toBe(plain(current));
    const { values: changed, findings } = make(`${path}=${typedText(other)}`);
    expect(findings).toEqual([]);
    const { value, kinds } = valueAt(changed, path);
    expect(plain(value)).toBe(plain(other));
    expect(new Set(kinds)).toEqual(new Set(["override"]));
    // Nothing else is set by it.
    const others = changed.filter((one) => one.path !== path && !one.path.startsWith(`${path}.`));
    expect(others.filter(({ origin }) => origin.kind !== "default")).toEqual([]);
  });

  it.each(schema.filter(({ nullable, path }) => nullable && paths.has(path)))("$path may be null", ({ path }) => {
    const { values: changed, findings } = make(`${path}=null`);
    expect(findings).toEqual([]);
    expect(valueAt(changed, path)).toEqual({ value: null, kinds: ["override"] });
  });
});
