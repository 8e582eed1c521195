import type { Schema } from "@cfworker/json-schema";
import { CARD_PROPERTIES } from "../manifest/card-schema.ts";
import { listOf, object, open, orNull } from "../schema/shapes.ts";
import { INTERFACE_TYPES } from "../spec/call.ts";
import { PLUGIN_API_VERSION } from "./descriptor.ts";
import { PLUGIN_KINDS } from "../spec/plugin-kinds.ts";

const string: Schema = { type: "string", minLength: 1 };
const anyText: Schema = { type: "string" };
const boolean: Schema = { type: "boolean" };
const number: Schema = { type: "number" };
const count: Schema = { type: "integer", minimum: 0 };
const strings: Schema = { type: "array", items: string };
const anyObject: Schema = { type: "object" };
const schema: Schema = { type: ["object", "boolean"], $ref: "#/$defs/argsSchema" };
const schemas: Schema = { type: "array", items: schema, minItems: 1 };
const schemaMap: Schema = { type: "object", additionalProperties: schema };

/** Keys that a call takes or gives: a list in two parts, or `"any"`. */
function keys(certain: string): Schema {
  return { ...open({ [certain]: strings, "optional?": strings }), type: ["object", "string"], pattern: "^any$" };
}

/** Kinds of the pairs that arguments hold. */
const pairs: Schema = { type: "object", additionalProperties: { enum: [...PLUGIN_KINDS] } };

const jsonType: Schema = { enum: ["array", "boolean", "integer", "null", "number", "object", "string"] };
const textLists: Schema = { type: "object", additionalProperties: strings };

/** What rows of a dataset must be, by column. */
const columns: Schema = {
  type: "object",
  additionalProperties: object({
    type: { type: ["string", "array"], if: { type: "string" }, ...whole(jsonType, listOf(jsonType)) },
    "items?": jsonType,
    "optional?": boolean,
    "sameLengthAs?": string,
    "rows?": { type: "object", additionalProperties: string },
    "values?": strings,
    "maxTokens?": string,
    "namedBy?": string,
  }),
};

/** What values of environment variables must look like, by name. */
const environment: Schema = {
  type: "object",
  additionalProperties: open({ pattern: { type: "string", format: "regex" }, what: string }),
};

/** What a call makes its model do. */
const load: Schema = object({
  "runs?": boolean,
  "sequences?": strings,
  "newTokens?": string,
  "minibatches?": string,
});

const bytes: Schema = {
  type: ["number", "object"],
  minimum: 0,
  ...whenObject(object({ typeOf: string })),
};

/** What one part of a model's state takes: alternatives, of which the first that fits holds. */
const stateFacts: Schema = listOf(
  object({
    "when?": { type: "object", additionalProperties: { type: ["string", "number", "boolean", "null"] } },
    bytes: listOf(bytes),
    over: listOf({ enum: ["tensor", "pipe", "data"] }),
    "on?": { enum: ["gpu", "host"] },
  }),
);

/** A number for each of both kinds of passes. */
const passes: Schema = object({ forward: number, train: number });

/** Memory of a backend's models. */
const memory: Schema = object({
  weights: stateFacts,
  "gradients?": stateFacts,
  "optimizer?": stateFacts,
  "gathered?": stateFacts,
  "logitBytes?": passes,
  "pipelineBatches?": passes,
  "cacheBytes?": number,
  "keepsAttentionScores?": boolean,
  "pool?": object({
    fraction: string,
    fractionIfNull: number,
    holds: { enum: ["everything", "weights-and-cache"] },
    weightsType: string,
    cacheType: string,
    "path?": string,
    "freedBy?": string,
  }),
});

/** What a backend can do, and what it asks of models and layouts. */
const supports: Schema = object({
  "axes?": listOf({ enum: ["pipe", "data", "tensor"] }),
  "keyValueHeads?": { enum: ["divided", "copied"] },
  "layers?": { enum: ["even", "balanced"] },
  "padsVocabulary?": boolean,
  "release?": string,
  "families?": { type: "object", additionalProperties: orNull(string) },
  "degrees?": object({
    "context?": string,
    "sequence?": string,
    "expert?": string,
    "expertTensor?": string,
    "virtualPipe?": string,
  }),
  "contextLength?": string,
  "sharing?": { enum: ["equalReplicas", "never"] },
  "generates?": boolean,
});

/** What rules read of an interface. */
const interfaceRules = {
  "generation?": string,
  "group?": object({ size: string, "generated?": string, "samples?": string, "normalizes?": string }),
  "kl?": object({ weight: string, reads: string }),
  "correction?": string,
  "overlongBuffer?": string,
};

/** Facts that the resolver reads, by kind. Further ones are the plugin's own affair. */
const FACTS: Readonly<Record<string, Schema>> = {
  dataset: {
    ...open({
      "yields?": strings,
      "paths?": strings,
      "stream?": string,
      "pairs?": pairs,
      "maxTokens?": string,
      "columns?": columns,
    }),
    // What a stream yields depends on its arguments.
    if: { type: "object", required: ["stream"] },
    else: { required: ["yields"] },
  },
  interface: open({
    ...interfaceRules,
    "pairs?": pairs,
    "env?": environment,
    "loads?": {
      type: "object",
      properties: Object.fromEntries(INTERFACE_TYPES.map((type) => [type, load])),
      additionalProperties: false,
    },
    "covers?": textLists,
    calls: {
      type: "object",
      properties: Object.fromEntries(
        INTERFACE_TYPES.map((type) => [type, object({ reads: keys("required"), yields: keys("always") })]),
      ),
      additionalProperties: false,
    },
  }),
  environment: open({ "env?": environment, "covers?": textLists }),
  backend: open({
    role: { enum: ["train", "inference", "generate"] },
    gradientAccumulationFusion: boolean,
    "captures?": open({ limit: string, unless: string }),
    "memory?": memory,
    "supports?": supports,
  }),
  model: open({ holds: { enum: ["weights", "tokenizer"] }, "path?": string, "family?": string, "critic?": string }),
  modelFamily: open({ readableAs: strings, "backends?": strings }),
  agent: open({ "generation?": string }),
  rule: open({ codes: strings }),
};

const option = object({
  path: string,
  help: anyText,
  range: orNull(anyText),
  choices: orNull(listOf(anyText)),
  type: orNull(anyText),
  nullable: boolean,
  required: boolean,
  launch: boolean,
});

const card = object(CARD_PROPERTIES);

const pluginType: Schema = {
  ...object({
    kind: { enum: [...PLUGIN_KINDS] },
    type: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._/@+:-]*$" },
    "description?": string,
    "module?": { type: "string", pattern: "^\\.(/.+)?$" },
    args: { ...schema, type: ["object", "boolean", "null"] },
    facts: anyObject,
    "cards?": listOf(card),
    "options?": object({ group: { type: "string", pattern: "^[a-z][A-Za-z0-9]*$" }, schema: listOf(option) }),
  }),
  allOf: Object.entries(FACTS).map(([kind, facts]) => ({
    if: { required: ["kind"], properties: { kind: { const: kind } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: { facts } },
  })),
};

const code = object({
  code: { type: "string", pattern: "^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$" },
  severity: { enum: ["error", "warning"] },
  meaning: string,
  "explanation?": string,
});

/** The keywords of JSON Schema that say something, as far as a wrong one would only show when arguments are checked. */
const argsSchema: Schema = {
  properties: {
    ...keywords(schema, ["items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"]),
    ...keywords(schema, ["unevaluatedItems", "unevaluatedProperties"]),
    ...keywords(schemas, ["allOf", "anyOf", "oneOf", "prefixItems"]),
    ...keywords(schemaMap, ["$defs", "properties", "patternProperties", "dependentSchemas"]),
    ...keywords(count, ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]),
    ...keywords(count, ["minContains", "maxContains"]),
    ...keywords(number, ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
    ...keywords(anyText, ["title", "description", "pattern", "format"]),
    multipleOf: { type: "number", exclusiveMinimum: 0 },
    uniqueItems: boolean,
    enum: { type: "array" },
    required: listOf(anyText),
    dependentRequired: { type: "object", additionalProperties: listOf(anyText) },
    type: { type: ["string", "array"], if: { type: "string" }, ...whole(jsonType, listOf(jsonType)) },
    // What a schema refers to is inside of it.
    $ref: { type: "string", pattern: "^#(/.*)?$" },
  },
  // Those that reach out of the schema, or change what others mean.
  propertyNames: { not: { enum: ["$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"] } },
};

/** A schema that says something of objects only. */
function whenObject(schema: Schema): Schema {
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  return { if: { type: "object" }, then: schema };
}

function keywords(value: Schema, names: readonly string[]): Readonly<Record<string, Schema>> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

function whole(then: Schema, otherwise: Schema): Schema {
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  return { then, else: otherwise };
}

/** JSON Schema of `assay-plugin.json`; `docs/plugin.schema.json` is this object as a file. */
export const PLUGIN_SCHEMA: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: `Assay plugin descriptor, version ${PLUGIN_API_VERSION}`,
  description: "What a package says of its plugins; the host reads this and runs no code for it.",
  ...object({
    "$schema?": anyText,
    assayPlugin: { const: PLUGIN_API_VERSION },
    package: string,
    version: string,
    types: listOf(pluginType),
    "codes?": listOf(code),
  }),
  $defs: { argsSchema },
};
