import { type Schema, Validator } from "@cfworker/json-schema";
import type { JsonObject, JsonValue } from "type-fest";
import { canonicalJson } from "../../manifest/canonical.ts";
import { schemaProblems } from "../../schema/problems.ts";
import { isObject, own } from "../../spec/own.ts";
import { type ContractCase, contractCase, ContractError } from "./case.ts";
import { hostileArguments, JSON_VALUES } from "./hostile.ts";
import { plainProblem, thawedPart } from "./plain.ts";
import { factsOfPair, type Subject } from "./subject.ts";

/** What all kinds of pairs promise of their arguments: the schema says all of them, and the factory bears whatever it is given. */
export function argumentCases(subject: Subject): readonly ContractCase[] {
  return [...schemaCases(subject), ...factoryCases(subject)];
}

function schemaCases({ definition, schema, samples }: Subject): readonly ContractCase[] {
  const of = `\`${definition.type}\``;
  const properties = isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : {};
  const check = checker(schema);
  return [
    contractCase("arguments: the samples fit their schema", () => {
      if (samples.length === 0) {
        throw new ContractError("a suite has sample arguments", samples, "give `args` at least one sample");
      }
      for (const sample of samples) {
        const problems = check(sample);
        if (problems.length === 0) continue;
        throw new ContractError(
          `arguments that are meant to fit ${of} fit its schema`,
          { args: sample, problems },
          "correct the sample, or widen the schema",
        );
      }
    }),
    contractCase("arguments: one that nobody knows is refused", () => {
      // A schema that says what further ones may be has thought of them.
      if (isObject(schema) && schema["additionalProperties"] !== undefined && schema["additionalProperties"] !== false)
        return;
      for (const sample of samples) {
        if (check(sample).length > 0) continue;
        const spoiled = { ...sample, noSuchArgumentAtAll: 1 };
        if (check(spoiled).length > 0) continue;
        throw new ContractError(
          `the schema of ${of} refuses an argument that nobody knows, as a typing error is one`,
          spoiled,
          "add `additionalProperties: false`, or say by it what further arguments may be",
        );
      }
    }),
    contractCase("arguments: each has a type", () => {
      const [sample] = samples.filter((one) => check(one).length === 0);
      if (sample === undefined) return;
      for (const name of Object.keys(properties)) {
        const taken = JSON_VALUES.filter((value) => check({ ...sample, [name]: value } as JsonObject).length === 0);
        if (taken.length < JSON_VALUES.length) continue;
        throw new ContractError(
          `the schema of ${of} says of \`${name}\` what it may be`,
          { takes: taken },
          `give \`${name}\` a \`type\`, an \`enum\` or the like in the schema`,
        );
      }
    }),
    contractCase("arguments: required ones are described", () => {
      const required = isObject(schema) && Array.isArray(schema["required"]) ? schema["required"] : [];
      for (const name of required) {
        if (typeof name === "string" && own(properties, name) !== undefined) continue;
        throw new ContractError(
          `the schema of ${of} describes every argument that it requires`,
          name,
          "correct the name in `required`, or add it to `properties`",
        );
      }
    }),
  ];
}

/** Problems of arguments by a schema, in words. */
export function checker(schema: JsonObject | boolean | null): (args: unknown) => readonly string[] {
  if (schema === null || schema === true) return () => [];
  if (schema === false) return () => ["no arguments fit"];
  const validator = new Validator(schema as Schema, "2020-12", false);
  return (args) =>
    isObject(args)
      ? schemaProblems(validator, args, "it is no argument").map(({ pointer, problem }) => `${pointer}: ${problem}`)
      : ["they are no object"];
}

function factoryCases({ definition, schema, samples, make }: Subject): readonly ContractCase[] {
  const of = `the factory of \`${definition.type}\``;
  const names = isObject(schema) && isObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
  let outcomes: readonly Spoiled[] | undefined;
  const each = (act: (sample: JsonObject) => void) => () => {
    for (const sample of samples) act(sample);
  };
  return [
    contractCase(
      "factory: keeps type and arguments as they are",
      each((sample) => {
        const pair = make(structuredClone(sample));
        if (pair.type === definition.type && same(pair.args, sample)) return;
        throw new ContractError(
          `${of} makes a pair of its type and of the very arguments that it is given`,
          { given: sample, made: pair },
          "have the factory of `define...` make the pair, and do nothing to it",
        );
      }),
    ),
    contractCase(
      "factory: makes frozen plain data",
      each((sample) => {
        const pair = make(structuredClone(sample));
        const problem = plainProblem({ type: pair.type, args: pair.args });
        const thawed = thawedPart(pair);
        if (problem === null && thawed === null) return;
        throw new ContractError(
          `${of} makes plain JSON that nobody can change`,
          problem ?? `\`${thawed ?? ""}\` of it can be changed`,
          "have the factory of `define...` make the pair",
        );
      }),
    ),
    contractCase(
      "factory: leaves what it is given alone",
      each((sample) => {
        const given = structuredClone(sample);
        make(given);
        if (same(given, sample) && !Object.isFrozen(given)) return;
        throw new ContractError(
          `${of} leaves its arguments alone, and does not freeze them`,
          { before: sample, after: given },
          "copy what is changed",
        );
      }),
    ),
    contractCase(
      "factory: keeps no hold of what it is given",
      each((sample) => {
        const given = structuredClone(sample);
        const pair = make(given);
        const before = JSON.stringify(pair.args);
        spoil(given);
        if (JSON.stringify(pair.args) === before) return;
        throw new ContractError(
          `${of} makes a pair that does not change when its arguments do`,
          { before: JSON.parse(before) as JsonValue, after: pair.args },
          "copy the arguments to their depth",
        );
      }),
    ),
    contractCase(
      "factory: gives the same each time",
      each((sample) => {
        const [first, second] = [make(structuredClone(sample)), make(structuredClone(sample))];
        const isSame = same(first, second) && same(factsOfPair(first), factsOfPair(second));
        if (isSame) return;
        throw new ContractError(
          `${of} gives the same for the same arguments`,
          { first: { ...first, facts: factsOfPair(first) }, second: { ...second, facts: factsOfPair(second) } },
          "use neither counters nor clock nor chance",
        );
      }),
    ),
    contractCase("factory: bears arguments that don't fit", () => {
      for (const { what, error } of spoiled()) {
        if (error === null) continue;
        throw new ContractError(
          `${of} throws nothing, so that a build tells mistakes at their place`,
          `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
          "leave the check of arguments to the schema, and look at nothing that may be missing or of another type",
          { cause: error },
        );
      }
    }),
    contractCase("factory: no argument reaches what others share", () => {
      for (const { what, added, prototype } of spoiled()) {
        if (added.length === 0 && (prototype === Object.prototype || prototype === null)) continue;
        throw new ContractError(
          `${of} writes no argument to where others read it`,
          `${what}: ${added.length > 0 ? `every object has \`${added.join("`, `")}\`` : "the arguments' prototype is given"}`,
          "copy properties by `{ ...args }` or `Object.fromEntries`, never one by one to an object by name",
        );
      }
    }),
  ];

  /** Calls with hostile arguments, and what came of each; what they wrote where all read it is taken back. */
  function spoiled(): readonly Spoiled[] {
    return (outcomes ??= [...trySpoiled()]);
  }

  function* trySpoiled(): Generator<Spoiled> {
    const before = sharedNames();
    for (const { what, args } of hostileArguments(samples[0] ?? {}, names)) {
      let prototype: unknown = Object.prototype;
      let thrown: unknown = null;
      try {
        prototype = Object.getPrototypeOf(make(args).args);
      } catch (error) {
        thrown = error ?? new Error("nothing was thrown");
      }
      const added = sharedNames().filter((name) => !before.includes(name));
      for (const name of added) for (const owner of SHARED) Reflect.deleteProperty(owner, name);
      yield { what, error: thrown, added, prototype };
    }
  }
}

/** What came of one call. */
interface Spoiled {
  readonly what: string;
  readonly error: unknown;
  /** Names that all objects, lists or functions have since. */
  readonly added: readonly string[];
  readonly prototype: unknown;
}

const SHARED = [Object.prototype, Array.prototype, Function.prototype];

function sharedNames(): readonly string[] {
  return SHARED.flatMap((owner) => Object.getOwnPropertyNames(owner));
}

/** Equal as JSON, and without a difference that JSON hides. */
function same(one: unknown, other: unknown): boolean {
  try {
    return canonicalJson(one) === canonicalJson(other);
  } catch {
    return false;
  }
}

/** Changes all that can be changed in a value. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const open = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(open)) {
    spoil(inner);
    // What a factory froze can't be changed, which another case tells.
    if (typeof inner !== "object" || inner === null) Reflect.set(open, key, "spoiled afterwards");
  }
  Reflect.set(open, Array.isArray(value) ? value.length : "spoiledAfterwards", "spoiled afterwards");
}
