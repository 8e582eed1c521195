import { describe, expect, it, test } from "vitest";
import type { JsonObject } from "type-fest";
import {
  type DatasetColumn,
  type BackendInput,
  defineBackend,
  defineEnvironment,
  defineInterface,
  defineModel,
  defineModelFamily,
  defineDataset,
  defineStreamDataset,
  defineTracker,
  type InterfaceInput,
  type ModelFamilyInput,
  type ModelInput,
  type StreamInput,
  type TypeArgs,
} from "../../src/plugin/index.ts";
import type { OptionSchema } from "../../src/realm/option-schema.ts";
import { contractOf, type Defined } from "../../src/testing/index.ts";
import { apart, descriptorOf, failing } from "./broken.ts";

const EMPTY = { type: "object", properties: {}, additionalProperties: false } as const;
type Found = readonly string[];
type Row = readonly [broken: string, found: string, run: () => Promise<Found>];

/** A sound plugin first, then the broken ones, each of which fails one case. */
function table(kind: string, sound: () => Promise<Found>, broken: readonly Row[]): void {
  describe(`the suite of a ${kind}`, () => {
    it("finds nothing wrong with a sound plugin", async () => {
      expect(await sound()).toEqual([]);
    });
    test.each(broken)("finds %s", async (_broken, found, run) => {
      expect(await run()).toEqual([found]);
    });
  });
}

function suite(
  factory: Defined,
  samples: readonly object[],
  more: object = {},
  schemas: Readonly<Record<string, OptionSchema>> = {},
): Promise<Found> {
  const descriptor = descriptorOf(factory.definition, undefined, schemas);
  return failing(contractOf(factory as never, { descriptor, args: samples, ...more } as never));
}

const dataset = (
  yields: readonly string[],
  paths?: readonly string[],
  columns: Readonly<Record<string, DatasetColumn<never>>> = {},
) => {
  const schema = { ...EMPTY, properties: { path: { type: "string" }, size: { type: "integer" } } } as const;
  const made = apart(() =>
    defineDataset({ type: "rows", args: schema, yields, columns, ...(paths === undefined ? {} : { paths }) }),
  );
  return suite(made, [{ path: "/data/rows.jsonl" }]);
};
const COLUMNS = "columns: are of types that there are, and name arguments and columns that there are";
const column = (facts: object) => () => dataset(["text"], [], { text: facts as DatasetColumn<never> });
const soundColumns = {
  text: { type: ["string", "null"], maxTokens: "size" as never, namedBy: "path" as never },
  labels: { type: "array", items: "integer", rows: { text: "a" } },
} as const;
table("dataset", () => dataset(["text", "mask"], ["path"], soundColumns), [
  ["a dataset that yields nothing", "yields: keys, at least one, each once", () => dataset([])],
  ["a key that is there twice", "yields: keys, at least one, each once", () => dataset(["text", "text"])],
  ["a key with a blank", "yields: keys, at least one, each once", () => dataset(["text "])],
  ["a path that is no argument", "paths: are arguments that are texts", () => dataset(["text"], ["file"])],
  ["a path that is a number", "paths: are arguments that are texts", () => dataset(["text"], ["size"])],
  ["a column of no type at all", COLUMNS, column({ type: [] })],
  ["items of what is no list", COLUMNS, column({ type: "string", items: "string" })],
  ["a column that may have no value", COLUMNS, column({ type: "string", values: [] })],
  ["a bound that is no argument", COLUMNS, column({ type: "string", maxTokens: "longest" })],
  ["a list as long as one that there is not", COLUMNS, column({ type: "array", sameLengthAs: "others" })],
  ["a column that hangs on one that there is not", COLUMNS, column({ type: "string", rows: { task: "math" } })],
]);

const streamArgs = {
  type: "object",
  properties: { sources: { type: "array", items: { type: "object" } }, depth: { type: "integer" } },
  required: ["sources", "depth"],
  additionalProperties: false,
} as const;
type Stream = StreamInput<typeof streamArgs, "sources">;
const stream = (change: Partial<Stream> = {}, make?: (args: never, generated: never) => TypeArgs) => {
  const made = apart(() =>
    defineStreamDataset({
      type: "pull",
      args: streamArgs,
      datasets: "sources",
      stream: ({ datasets }) => ({ sources: [...datasets] as never, depth: 2 }),
      ...change,
    }),
  );
  const factory = make === undefined ? made : Object.assign(make, { definition: made.definition });
  return suite(factory as never, [{ sources: [{ type: "rows", args: {} }], depth: 1 }]);
};
const pull = apart(() =>
  defineStreamDataset({
    type: "pull",
    args: streamArgs,
    datasets: "sources",
    stream: () => ({ sources: [], depth: 1 }),
  }),
);
/** A pair with facts that somebody made up. */
const claiming = (args: JsonObject, yields: readonly string[]): TypeArgs => {
  const plain = pull(args as never);
  const facts = { value: { kind: "dataset", facts: { yields } }, enumerable: true };
  return Object.freeze(Object.defineProperty({ ...plain }, Symbol.for("assay.pairFacts"), facts));
};
table("stream", () => stream(), [
  ["a stream of an argument that is none", "datasets: an argument holds them", () => streamOfOther()],
  [
    "a stream that forgets what is generated",
    "yields: those of the datasets and of the call that generates",
    () => stream({}, ((args: never) => pull(args)) as never),
  ],
  [
    "a stream that claims keys of unknown datasets",
    "yields: nobody knows those of unknown datasets",
    () =>
      stream({}, ((args: { sources?: { type?: string }[] }, generated: never) =>
        Array.isArray(args.sources) && args.sources.length > 1
          ? claiming(args as never, ["made_up"])
          : pull(args as never, generated)) as never),
  ],
  [
    "arguments without one that is required",
    "stream: makes arguments that fit and hold the datasets",
    () => stream({ stream: ({ datasets }) => ({ sources: [...datasets] }) as never }),
  ],
  [
    "arguments without the datasets",
    "stream: makes arguments that fit and hold the datasets",
    () => stream({ stream: () => ({ sources: [], depth: 2 }) }),
  ],
]);

/** `datasets` names no argument of the schema, but is one that the factory takes. */
function streamOfOther(): Promise<Found> {
  const open = { ...streamArgs, additionalProperties: { type: "array" } } as never as typeof streamArgs;
  return stream({
    args: open,
    datasets: "others" as never,
    stream: ({ datasets }) => ({ sources: [], depth: 1, others: [...datasets] }) as never,
  });
}

const keys = (required: readonly string[], optional: readonly string[], always: readonly string[] = []) => ({
  reads: { required, optional },
  yields: { always, optional: ["late"] },
});
const interfaceArgs = { ...EMPTY, properties: { wide: { type: "boolean" } } } as const;
type Calls = InterfaceInput<typeof interfaceArgs, object>;
const faced = (change: Partial<Calls> = {}) => {
  const made = apart(() =>
    defineInterface({
      type: "score",
      args: interfaceArgs,
      calls: { inference: keys(["text"], ["mask"], ["scores"]) },
      callsFor: ({ wide }) => ({ inference: keys(["text"], wide === true ? ["mask"] : [], ["scores"]) }),
      ...change,
    }),
  );
  return suite(made, [{}]);
};
table("interface", () => faced(), [
  [
    "an interface without calls",
    "calls: are of kinds that there are",
    () => faced({ calls: {}, callsFor: () => ({}) }),
  ],
  [
    "a key that is both",
    "keys: are names, each once",
    () => faced({ calls: { inference: keys(["text"], ["text", "mask"], ["scores"]) } }),
  ],
  [
    "a key with a blank",
    "keys: are names, each once",
    () => faced({ calls: { inference: keys(["a text"], ["mask"], ["scores"]) }, callsFor: () => ({}) }),
  ],
  [
    "keys that only some arguments read",
    "keys: those of arguments are among those of the type",
    () =>
      faced({ callsFor: ({ wide }) => ({ inference: keys(["text"], wide === true ? ["other"] : [], ["scores"]) }) }),
  ],
  [
    "a kind of call that only some arguments have",
    "keys: those of arguments are among those of the type",
    () => faced({ callsFor: ({ wide }) => (wide === true ? { generate: keys([], []) } : {}) }),
  ],
  [
    "a key that some arguments yield no more",
    "keys: those of arguments are among those of the type",
    () => faced({ callsFor: ({ wide }) => ({ inference: keys(["text"], [], wide === true ? [] : ["scores"]) }) }),
  ],
]);

const environment = (env: Readonly<Record<string, { pattern: string; what: string }>>) =>
  suite(
    apart(() => defineEnvironment({ type: "judge", args: EMPTY, env })),
    [{}],
  );
const FINE = { pattern: String.raw`^https?://[^\s/:]+:\d+$`, what: "an address" };
table("environment", () => environment({ JUDGE_URL: FINE }), [
  [
    "a name that is none",
    "variables: are named as the environment names them, and said in words",
    () => environment({ "JUDGE-URL": FINE }),
  ],
  [
    "a pattern without words",
    "variables: are named as the environment names them, and said in words",
    () => environment({ JUDGE_URL: { ...FINE, what: " " } }),
  ],
  [
    "a pattern that tries everything",
    "variables: patterns end on any value",
    () => environment({ JUDGE_URL: { ...FINE, pattern: "^(a+)+$" } }),
  ],
  [
    "a pattern that tries everything after a beginning",
    "variables: patterns end on any value",
    () => environment({ JUDGE_URL: { ...FINE, pattern: String.raw`^https://([\w.]+)*:\d+$` } }),
  ],
]);

const tracked = (properties: Readonly<Record<string, object>>, sample: object) =>
  suite(
    apart(() => defineTracker({ type: "board", args: { ...EMPTY, properties } })),
    [sample],
  );
const text = { type: "string" };
table("tracker", () => tracked({ project: text, keyVariable: text }, { project: "a", keyVariable: "BOARD_API_KEY" }), [
  [
    "an argument that is a secret",
    "secrets: no argument asks for one",
    () => tracked({ project: text, apiKey: text }, { project: "a" }),
  ],
  [
    "a secret deep inside",
    "secrets: no argument asks for one",
    () => tracked({ login: { type: "object", properties: { password: text }, additionalProperties: false } }, {}),
  ],
  [
    "a sample with a secret",
    "secrets: the samples hold none",
    () => tracked({ url: text }, { url: "https://me:hunter22@board.example" }),
  ],
]);

const card = {
  hiddenSize: 4096,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  ffnSize: 14336,
  vocabSize: 128256,
  tiedEmbeddings: false,
  maxPositions: 131072,
  params: 8_030_261_248,
};
const config = {
  model_type: "owl",
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 14336,
  vocab_size: 128256,
  max_position_embeddings: 131072,
};
const family = (
  change: Partial<ModelFamilyInput<string>> = {},
  configs: Readonly<Record<string, JsonObject>> = { "owl-8b": config },
) =>
  suite(
    apart(() => defineModelFamily({ type: "owl", readableAs: ["llama"], cards: { "owl-8b": card }, ...change })),
    [],
    { configs },
  );
table("model family", () => family(), [
  [
    "heads that are not shared evenly",
    "cards: heads are shared evenly",
    () => family({ cards: { "owl-8b": { ...card, heads: 30, hiddenSize: 4096, params: null } } }, {}),
  ],
  [
    "ten times the parameters",
    "cards: parameters are as many as the architecture has",
    () => family({ cards: { "owl-8b": { ...card, params: 80_302_612_480 } } }),
  ],
  [
    "experts of a dense size",
    "cards: parameters are as many as the architecture has",
    () => family({ cards: { "owl-8b": { ...card, params: 46_702_792_704 } } }),
  ],
  ["an id with a blank", "cards: ids are names, each once", () => family({ cards: { "owl 8b": card } }, {})],
  [
    "a family that reads itself",
    "readers: families that read its checkpoints are named once",
    () => family({ readableAs: ["owl"] }),
  ],
  [
    "a configuration of another model",
    "configs: a card is read from a checkpoint's own configuration",
    () => family({}, { "owl-8b": { ...config, num_hidden_layers: 40 } }),
  ],
  [
    "a configuration of another family",
    "configs: a card is read from a checkpoint's own configuration",
    () => family({}, { other: { ...config, model_type: "hawk" } }),
  ],
  [
    "a configuration that lacks a size",
    "configs: a card is read from a checkpoint's own configuration",
    () => family({}, { "owl-8b": { ...config, vocab_size: 0 } }),
  ],
]);

it("the suite of a model family finds a size that is no number", async () => {
  expect(await family({ cards: { "owl-8b": { ...card, params: null, maxPositions: 0.5 } } }, {})).toContain(
    "cards: sizes are whole numbers",
  );
});

class ServeOptions {
  batch = 8;
  length = 4096;
  eager = false;
  cache: number | null = null;
}
const describeOption = (path: string, more: object = {}) => ({
  path,
  help: `What ${path} is.`,
  range: null,
  choices: null,
  type: null,
  nullable: false,
  required: false,
  launch: false,
  ...more,
});
const OPTIONS: OptionSchema = [
  describeOption("batch", { range: "integer >= 1" }),
  describeOption("length", { range: "integer >= 1" }),
  describeOption("eager"),
  describeOption("cache", { nullable: true, range: "[0, 1]" }),
];
const serveArgs = {
  type: "object",
  properties: {
    modelPath: { type: "string" },
    batch: { type: "integer" },
    length: { type: "integer" },
    eager: { type: "boolean" },
    cache: { type: ["number", "null"] },
  },
  required: ["modelPath", "batch", "length", "eager", "cache"],
  additionalProperties: false,
} as const;
const served = (
  change: Partial<BackendInput<typeof serveArgs, ServeOptions>> = {},
  options: OptionSchema = OPTIONS,
  models: readonly object[] = [],
) => {
  const made = apart(() =>
    defineBackend({
      type: "serve",
      role: "generate",
      options: ServeOptions,
      args: serveArgs,
      shard: ({ model }) => ({ modelPath: model.path, ...(model["serve"] as object) }) as never,
      server: ({ model }) => ({ ...(model["serve"] as JsonObject) }),
      captures: { limit: "length", unless: "eager" },
      ...change,
    }),
  );
  return suite(made, [{ modelPath: "/m", ...new ServeOptions() }], { models }, { serve: options });
};
let count = 0;
const shared = new ServeOptions();
table("backend", () => served({}, OPTIONS, [{ serve: { ...new ServeOptions(), cache: 1 } }]), [
  [
    "a schema that refuses what options admit",
    "shard: answers fit the arguments",
    () =>
      served({
        args: {
          ...serveArgs,
          properties: { ...serveArgs.properties, cache: { type: ["number", "null"], minimum: 0.5 } },
        } as never,
        server: undefined as never,
      }),
  ],
  [
    "an answer that is no plain data",
    "shard: answers fit the arguments",
    () =>
      served({ shard: ({ model }) => ({ modelPath: model.path, ...(model["serve"] as object), cache: -0 }) as never }),
  ],
  [
    "an answer that counts",
    "shard: gives the same each time",
    () =>
      served({
        shard: ({ model }) => ({ modelPath: model.path, ...(model["serve"] as object), batch: (count += 1) }) as never,
      }),
  ],
  [
    "an answer that is written into the model",
    "shard: leaves the model alone",
    () =>
      served({
        shard: ({ model }) => {
          const options = model["serve"] as unknown as ServeOptions;
          const eager = options.eager;
          options.eager = eager;
          return { modelPath: model.path, ...options } as never;
        },
      }),
  ],
  [
    "an option without words",
    "options: each is documented",
    () => served({}, [...OPTIONS.slice(1), describeOption("batch", { range: "integer >= 1", help: " " })]),
  ],
  ["an option that nobody described", "options: each is documented", () => served({}, OPTIONS.slice(0, 3))],
  [
    "a default out of its range",
    "options: defaults are in their range",
    () => served({}, [describeOption("batch", { range: "integer >= 9" }), ...OPTIONS.slice(1)]),
  ],
  [
    "options that all models share",
    "options: a new object each time",
    () =>
      served({
        options: function share() {
          return shared;
        } as never,
      }),
  ],
  [
    "a limit that is no option",
    "captures: are options",
    () => served({ captures: { limit: "size" as never, unless: "eager" } }),
  ],
  [
    "a switch that is a number",
    "captures: are options",
    () => served({ captures: { limit: "length", unless: "batch" } }),
  ],
  [
    "a server with the checkpoint",
    "server: answers fit the arguments",
    () => served({ server: ({ model }) => ({ modelPath: model.path, ...(model["serve"] as JsonObject) }) }),
  ],
  [
    "a server that lacks an argument",
    "server: answers fit the arguments",
    () => served({ server: () => ({ batch: 1 }) }),
  ],
]);

const modelArgs = {
  type: "object",
  properties: { path: { type: "string" }, family: { type: "string" } },
  required: ["path", "family"],
  additionalProperties: false,
} as const;
const held = (change: Partial<ModelInput<typeof modelArgs>> = {}) => {
  const made = apart(() =>
    defineModel({
      type: "real",
      holds: "weights",
      args: modelArgs,
      shard: ({ model, family }) => ({ path: model.path, family }),
      ...change,
    }),
  );
  return suite(made, [{ path: "/m", family: "owl" }], { models: [{ bf16: true }] });
};
table("model", () => held(), [
  [
    "an answer for known families only",
    "shard: answers fit the arguments",
    () => held({ shard: ({ model, family }) => ({ path: model.path, family: { llama: "llama" }[family] as string }) }),
  ],
  [
    "an answer of long paths that throws",
    "shard: answers fit the arguments",
    () => held({ shard: ({ model, family }) => ({ path: short(model.path), family }) }),
  ],
]);

function short(path: string): string {
  if (path.length > 4096) throw new RangeError("the path is too long");
  return path;
}
