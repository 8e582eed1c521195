import { Validator } from "@cfworker/json-schema";
import type { JsonObject } from "type-fest";
import { describe, expect, it } from "vitest";
import { argsProblems } from "../../../src/resolve/args-problems.ts";

const SOURCE = {
  oneOf: [
    {
      type: "object",
      properties: { kind: { const: "file" }, path: { type: "string", description: "Where it lies." } },
      required: ["kind", "path"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: { kind: { const: "http" }, url: { type: "string" } },
      required: ["kind", "url"],
      additionalProperties: false,
    },
  ],
};
const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    path: { type: "string", description: "File of the conversations." },
    length: { type: "integer", minimum: 1, maximum: 10 },
    mode: { enum: ["fast", "slow"] },
    only: { const: "this" },
    list: { type: "array", items: { type: "number", exclusiveMinimum: 0 }, maxItems: 3 },
    pair: { type: "array", prefixItems: [{ type: "string" }], items: false, minItems: 1 },
    deep: { type: "object", properties: { rate: { type: ["number", "null"] } }, additionalProperties: false },
    source: SOURCE,
    either: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
    tree: { $ref: "#/$defs/Tree" },
    table: { type: "object", additionalProperties: { type: "string", pattern: "^[a-z]+$" } },
  },
  required: ["path"],
  additionalProperties: false,
  $defs: {
    Tree: {
      type: "object",
      properties: {
        name: { type: "string", description: "What it is called." },
        children: { type: "array", items: { $ref: "#/$defs/Tree" } },
      },
      required: ["name"],
      additionalProperties: false,
    },
  },
};
const validator = new Validator(structuredClone(SCHEMA) as never, "2020-12", false);
const found = (args: JsonObject) => argsProblems(validator, args, SCHEMA);
const said = (args: JsonObject) =>
  found({ path: "p", ...args }).map(({ pointer, path, problem }) => `${pointer} ${path} ${problem}`);

describe("what is wrong with arguments", () => {
  it("is nothing, if they fit", () => {
    expect(said({ source: { kind: "file", path: "p" }, tree: { name: "a", children: [{ name: "b" }] } })).toEqual([]);
  });

  it.each<readonly [string, JsonObject, readonly string[]]>([
    ["a type", { length: "3" }, ['/length length is "3", and must be a whole number']],
    ["several types", { deep: { rate: [] } }, ["/deep/rate deep.rate is a list, and must be a number or null"]],
    ["a range", { length: 0 }, ["/length length is 0, and must be at least 1"]],
    ["a range of an element", { list: [1, 0] }, ["/list/1 list.1 is 0, and must be more than 0"]],
    [
      "a length and an element",
      { list: [1, 2, 3, "x"] },
      ['/list/3 list.3 is "x", and must be a number', "/list list has 4 elements, and must have at most 3"],
    ],
    ["an element too many", { pair: ["a", "b"] }, ["/pair/1 pair.1 is one too many"]],
    ["a choice", { mode: "fsat" }, ['/mode mode is "fsat", and must be "fast" or "slow"']],
    ["a constant", { only: "that" }, ['/only only is "that", and must be "this"']],
    ["an unknown name", { paht: "x" }, ["/paht paht is no argument of it"]],
    ["an unknown name inside", { deep: { rat: 1 } }, ["/deep/rat deep.rat is no argument of it"]],
    ["a name with a space", { "a b": 1 }, ["/a b a b is no argument of it"]],
    [
      "a name that every object has",
      JSON.parse('{"__proto__": {}, "constructor": 1}') as JsonObject,
      ["/__proto__ __proto__ is no argument of it", "/constructor constructor is no argument of it"],
    ],
    [
      "what is missing in a reference",
      { tree: { name: "a", children: [{}] } },
      ["/tree/children/0 tree.children.0.name is missing"],
    ],
    [
      "the form that is meant",
      { source: { kind: "file", url: "u" } },
      ["/source source.path is missing", "/source/url source.url is no argument of it"],
    ],
    [
      "a form that there is not",
      { source: { kind: "fil" } },
      ['/source/kind source.kind is "fil", and must be "file" or "http"'],
    ],
    ["neither form", { either: 3 }, ["/either either is 3, which is none of the forms that it can have"]],
    ["the form of the right type", { either: ["a", 3] }, ["/either/1 either.1 is 3, and must be a text"]],
    ["a pattern in a table", { table: { x: "A" } }, ['/table/x table.x is "A", and must match `^[a-z]+$`']],
  ])("is told of %s", (_name, args, expected) => {
    expect([...said(args)].sort()).toEqual([...expected].sort());
  });

  it("is told all at once, with descriptions and the names that could be meant", () => {
    const problems = found({ mode: "fsat", paht: "x", deep: { rat: 1 }, source: { kind: "file" } });
    expect(problems.map(({ path, description, known, mistaken }) => ({ path, description, known, mistaken }))).toEqual([
      { path: "path", description: "File of the conversations.", known: [], mistaken: null },
      { path: "mode", description: null, known: ["fast", "slow"], mistaken: "value" },
      { path: "deep.rat", description: null, known: ["rate"], mistaken: "key" },
      {
        path: "paht",
        description: null,
        known: ["path", "length", "only", "list", "pair", "either", "tree", "table"],
        mistaken: "key",
      },
      { path: "source.path", description: "Where it lies.", known: [], mistaken: null },
    ]);
  });
});
