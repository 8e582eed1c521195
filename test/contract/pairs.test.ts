import { describe, expect, it, test } from "vitest";
import type { JsonObject } from "type-fest";
import { defineDataset, defineInterface } from "../../src/plugin/index.ts";
import { ContractError, contractOf } from "../../src/testing/index.ts";
import { apart, descriptorOf, failing } from "./broken.ts";

const schema = {
  type: "object",
  properties: {
    path: { type: "string" },
    size: { type: "integer", minimum: 1 },
    more: { type: "array", items: { type: "string" } },
  },
  required: ["path"],
  additionalProperties: false,
} as const;
const args = { path: "/data/rows.jsonl", size: 8, more: ["a"] };

type Change = (descriptor: JsonObject) => void;
type Type = Record<string, unknown> & { args: Record<string, unknown>; facts: Record<string, unknown> };
const typeOf = (descriptor: JsonObject) => (descriptor as unknown as { types: [Type] }).types[0];

/** A dataset with its factory replaced. */
function factory(make: (args: JsonObject) => object, type = "rows") {
  const { definition } = apart(() => defineDataset({ type, args: schema, yields: ["text"] }));
  return Object.assign(make, { definition }) as never as ReturnType<typeof defineDataset<typeof schema, "text">>;
}

const sound = () => apart(() => defineDataset({ type: "rows", args: schema, yields: ["text"], paths: ["path"] }));
const withSchema = (broken: object, more: object = {}) =>
  apart(() => defineDataset({ type: "rows", args: broken as typeof schema, yields: ["text"], ...more }));

/** Fails the cases of the suite of a dataset. */
function dataset(made = sound(), change?: Change, samples: readonly [typeof args, ...(typeof args)[]] = [args]) {
  return failing(contractOf(made, { descriptor: descriptorOf(made.definition, change), args: samples }));
}

let calls = 0;

describe("the suite of all pairs", () => {
  it("finds nothing wrong with a sound plugin", async () => {
    expect(await dataset()).toEqual([]);
  });

  test.each<readonly [broken: string, found: string, run: () => Promise<readonly string[]>]>([
    [
      "a descriptor of another shape",
      "descriptor: a build reads it without a word",
      () => dataset(sound(), (d) => Object.assign(d, { extra: 1 })),
    ],
    [
      "a factory that freezes what is the caller's",
      "factory: leaves what it is given alone",
      () => dataset(factory((given) => sound()(Object.freeze(given) as never))),
    ],
    [
      "a descriptor with another schema",
      "descriptor: arguments are those of the code",
      () =>
        dataset(sound(), (d) => Object.assign(typeOf(d).args["properties"] as object, { size: { type: "integer" } })),
    ],
    [
      "a descriptor with other facts",
      "descriptor: facts are those of the code",
      () => dataset(sound(), (d) => Object.assign(typeOf(d).facts, { yields: ["other"] })),
    ],
    [
      "a descriptor without the type",
      "descriptor: has the type",
      () => dataset(sound(), (d) => Object.assign(typeOf(d), { type: "lines" })),
    ],
    [
      "a type that Assay has itself",
      "descriptor: a build reads it without a word",
      () => {
        const made = apart(() => defineDataset({ type: "prompt_answer", args: schema, yields: ["text"] }));
        return dataset(made as never);
      },
    ],
    [
      "a sample that does not fit",
      "arguments: the samples fit their schema",
      () => dataset(sound(), undefined, [args, { ...args, size: 0 }]),
    ],
    [
      "an open schema",
      "arguments: one that nobody knows is refused",
      () => dataset(withSchema({ ...schema, additionalProperties: undefined })),
    ],
    [
      "an argument without a type",
      "arguments: each has a type",
      () => dataset(withSchema({ ...schema, properties: { ...schema.properties, size: { description: "Rows." } } })),
    ],
    [
      "a required argument that is nowhere",
      "arguments: required ones are described",
      () =>
        dataset(
          withSchema({
            ...schema,
            properties: { ...schema.properties, size: undefined },
            patternProperties: { "^size$": { type: "integer" } },
            required: ["path", "size"],
          }),
        ),
    ],
    [
      "a factory that trims",
      "factory: keeps type and arguments as they are",
      () => dataset(factory((given) => sound()({ ...given, path: `${String(given["path"])}x` } as never))),
    ],
    [
      "a factory of plain objects",
      "factory: makes frozen plain data",
      () => dataset(factory((given) => ({ type: "rows", args: structuredClone(json(given)) }))),
    ],
    [
      "a factory that fills in what is missing",
      "factory: leaves what it is given alone",
      () =>
        dataset(
          factory((given) => {
            const made = sound()(given as never);
            Reflect.set(given, "size", 9);
            return made;
          }),
        ),
    ],
    [
      "a factory that reads its arguments later",
      "factory: keeps no hold of what it is given",
      () =>
        dataset(
          factory((given) => {
            const copy = frozenJson(given);
            const late = { ...copy } as object;
            Object.defineProperty(late, "size", { get: () => given["size"], enumerable: true });
            return Object.freeze({ type: "rows", args: Object.freeze(late) });
          }),
        ),
    ],
    [
      "a factory that counts",
      "factory: gives the same each time",
      () => {
        const marked = apart(() =>
          defineInterface({
            type: "rows",
            args: schema,
            calls: { inference: { reads: "any", yields: { always: [], optional: ["a", "b"] } } },
            callsFor: () => ({ inference: { reads: "any", yields: { always: [(calls += 1) % 2 === 0 ? "a" : "b"] } } }),
          }),
        );
        return failing(contractOf(marked, { descriptor: descriptorOf(marked.definition), args: [args] }));
      },
    ],
    [
      "a factory that looks into what may be missing",
      "factory: bears arguments that don't fit",
      () => dataset(factory((given) => (String((given["more"] as string[]).length), sound()(given as never)))),
    ],
    [
      "a factory that copies by name",
      "factory: no argument reaches what others share",
      () => dataset(factory((given) => (merge({}, json(given)), sound()(given as never)))),
    ],
  ])("finds %s", async (_broken, found, run) => {
    expect(await run()).toEqual([found]);
  });

  it("finds that there is no descriptor", async () => {
    const made = sound();
    const cases = contractOf(made, { descriptor: "no such file", args: [args] });
    expect(await failing(cases)).toEqual(["descriptor: a build reads it without a word", "descriptor: has the type"]);
  });

  it("says what is broken, by which value, and how to mend it", async () => {
    const made = withSchema({ ...schema, additionalProperties: undefined });
    const cases = contractOf(made, { descriptor: descriptorOf(made.definition), args: [args] });
    const one = cases.find(({ name }) => name === "arguments: one that nobody knows is refused");
    const thrown = await Promise.resolve()
      .then(() => one?.run())
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ContractError);
    expect((thrown as Error).message).toBe(
      [
        "the schema of `rows` refuses an argument that nobody knows, as a typing error is one",
        '  found: {"path":"/data/rows.jsonl","size":8,"more":["a"],"noSuchArgumentAtAll":1}',
        "  help: add `additionalProperties: false`, or say by it what further arguments may be",
      ].join("\n"),
    );
  });
});

/** What JSON keeps of arguments. */
function json(value: JsonObject): JsonObject {
  try {
    return JSON.parse(JSON.stringify(value) ?? "{}") as JsonObject;
  } catch {
    return {};
  }
}

/** The classic: writes what it finds, name by name. */
function merge(target: Record<string, unknown>, from: unknown): void {
  if (typeof from !== "object" || from === null) return;
  for (const [key, value] of Object.entries(from)) {
    if (typeof value === "object" && value !== null) {
      target[key] ??= {};
      merge(target[key] as Record<string, unknown>, value);
    } else target[key] = value;
  }
}

/** A copy that nobody can change. */
function frozenJson(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(json(value)), (_key, inner: unknown) => Object.freeze(inner)) as JsonObject;
}
