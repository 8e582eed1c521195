import type { Schema } from "@cfworker/json-schema";
import { fields, listOf, object, orNull } from "../schema/shapes.ts";
import { INTERFACE_TYPES } from "../spec/call.ts";
import { WORKER_KINDS } from "../spec/worker.ts";
import { CARD_PROPERTIES } from "./card-schema.ts";
import { MANIFEST_VERSION } from "./format.ts";

const string: Schema = { type: "string" };
const boolean: Schema = { type: "boolean" };
const number: Schema = { type: "number" };
const integer: Schema = { type: "integer" };
const count: Schema = { type: "integer", minimum: 0 };
const anyObject: Schema = { type: "object" };
const strings: Schema = listOf(string);
const modelNameText: Schema = { type: "string", pattern: "^[^@]+@[0-9]+$" };
const modelPairs: Schema = listOf({
  type: "array",
  prefixItems: [modelNameText, modelNameText],
  items: false,
  minItems: 2,
});
const hash: Schema = { type: "string", pattern: "^[0-9a-f]{64}$" };

function mapOf(additionalProperties: Schema): Schema {
  return { type: "object", additionalProperties };
}

function ref(name: string): Schema {
  return { type: "object", $ref: `#/$defs/${name}` };
}

/** One of several objects, told apart by `kind`. */
function byKind(kinds: Readonly<Record<string, Readonly<Record<string, Schema>>>>): Schema {
  return {
    required: ["kind"],
    properties: { kind: { enum: Object.keys(kinds) } },
    allOf: Object.entries(kinds).map(([kind, properties]) => ({
      if: { required: ["kind"], properties: { kind: { const: kind } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: fields({ kind: string, ...properties }),
    })),
  };
}

const textRange: Schema = object({ offset: count, length: count });
const frames: Schema = listOf(object({ file: string, line: count, column: count }));

const stretch = { line: count, column: count, length: count };

const dataSample = object({
  file: string,
  isWhole: boolean,
  rows: count,
  isCut: boolean,
  columns: mapOf(
    object({
      rows: count,
      lacking: orNull(ref("stretch")),
      types: mapOf(ref("sampleCount")),
      items: mapOf(ref("sampleCount")),
      "uneven?": mapOf(ref("sampleCount")),
      values: orNull(mapOf(object({ count, first: ref("stretch"), lacking: mapOf(ref("sampleCount")) }))),
      largest: orNull(
        object({ size: number, of: { enum: ["words", "characters", "items", "number"] }, at: ref("stretch") }),
      ),
    }),
  ),
  firstRow: orNull(ref("stretch")),
  fault: orNull(object({ ...stretch, problem: string })),
});

const definitions: Readonly<Record<string, Schema>> = {
  dataSample,
  sampleCount: object({ count, first: ref("stretch") }),
  stretch: object(stretch),
  /** Whole numbers as text: numbers and ascending runs. */
  column: { pattern: "^((0|[1-9][0-9]*)(-[1-9][0-9]*)?(,(0|[1-9][0-9]*)(-[1-9][0-9]*)?)*)?$" },
  modelName: fields({ role: string, replicaId: count }),
  typeArgs: fields({ type: string, args: anyObject }),
  topology: fields({
    layout: { enum: ["pipe-data-tensor", "data-pipe-tensor"] },
    pipe: integer,
    data: integer,
    tensor: integer,
    sequenceParallel: boolean,
    gradientCheckpointing: boolean,
    gradientAccumulationFusion: boolean,
    maxPromptLen: orNull(integer),
  }),
  hook: byKind({
    paramRealloc: { source: orNull(ref("modelName")), target: orNull(ref("modelName")), eta: number },
    offload: {},
  }),
  call: fields({
    name: string,
    nSeqs: integer,
    interfaceType: { enum: [...INTERFACE_TYPES] },
    interfaceImpl: ref("typeArgs"),
    modelName: { ...ref("modelName"), type: ["string", "object"] },
    inputKeys: strings,
    inputKeyRemap: mapOf(string),
    outputKeys: strings,
    outputKeyRemap: mapOf(string),
    mbSpec: object({ nMbs: integer, maxTokensPerMb: integer }),
    minNSeqsPerPass: number,
    logReturnValue: boolean,
    preHooks: listOf(ref("hook")),
    postHooks: listOf(ref("hook")),
  }),
  workerSet: fields({
    count,
    shared: anyObject,
    shards: listOf(
      object({
        modelName: ref("modelName"),
        topo: ref("topology"),
        model: object({ type: string, args: anyObject, wrappers: listOf(ref("typeArgs")) }),
        backend: ref("typeArgs"),
        evalDataset: orNull(ref("typeArgs")),
        evalBs: integer,
        shouldInstantiate: boolean,
      }),
    ),
    groups: listOf(
      object({
        workers: column(),
        own: anyObject,
        columns: mapOf(column()),
        shards: listOf(
          object({
            shard: count,
            ranks: orNull(column()),
            coordinates: orNull(
              listOf({ type: "array", prefixItems: [number, number, number], items: false, minItems: 3 }),
            ),
          }),
        ),
      }),
    ),
  }),
  scheduling: fields({
    cpu: integer,
    gpu: number,
    memMiB: integer,
    nodelist: orNull(string),
    exclude: orNull(string),
    containerImage: orNull(string),
    envVars: mapOf(string),
    timeLimit: orNull(string),
    begin: orNull(string),
    deadline: orNull(string),
    partition: orNull(string),
  }),
  tasksGroup: fields({ count, scheduling: ref("scheduling") }),
  modelCard: fields(CARD_PROPERTIES),
  place: byKind({
    pointer: { pointer: string, "part?": { enum: ["key", "value"] }, "range?": textRange },
    option: { path: string, "range?": textRange },
    class: {},
    site: { frames, "path?": listOf({ type: ["string", "number"] }) },
    span: { span: object({ file: string, line: count, column: count, length: count }) },
    nowhere: { reason: string },
  }),
  finding: fields({
    code: string,
    severity: { enum: ["error", "warning"] },
    message: string,
    data: anyObject,
    at: ref("place"),
    "related?": listOf(object({ at: ref("place"), message: string })),
    "notes?": strings,
    "help?": string,
    "fix?": string,
    "replaces?": string,
  }),
};

function column(): Schema {
  return { type: "string", $ref: "#/$defs/column" };
}

const groups: Schema = { ...ref("tasksGroup"), type: ["object", "array"], items: ref("tasksGroup") };
const groupsOrNull: Schema = { ...groups, type: ["object", "array", "null"] };

const declared = object({
  file: string,
  line: count,
  className: orNull(string),
  doc: string,
  tags: strings,
  presets: strings,
  options: listOf(object({ path: string, type: orNull(string), help: string, range: orNull(string) })),
});

const cluster = object({
  name: string,
  type: string,
  fileroot: string,
  gpuType: string,
  gpuMemMiB: orNull(integer),
  mount: string,
  gpuImage: string,
  cpuImage: string,
  gpuInferImage: string,
  nodeNamePrefix: string,
  nodes: integer,
  gpusPerNode: integer,
  cpusPerNode: orNull(integer),
  memMiBPerNode: orNull(integer),
  models: mapOf(string),
});

const saveEvalControl = object({
  totalTrainEpochs: integer,
  ...Object.fromEntries(
    ["save", "ckpt", "eval"].flatMap((what) =>
      ["Epochs", "Steps", "Secs"].map((unit) => [`${what}Freq${unit}`, orNull(number)]),
    ),
  ),
  benchmarkSteps: orNull(integer),
  benchmarkNSeqs: orNull(integer),
});

const setup = object({
  expCtrl: saveEvalControl,
  wandb: object({
    mode: string,
    ...Object.fromEntries(
      ["entity", "project", "name", "jobType", "group", "notes"].map((field) => [field, orNull(string)]),
    ),
    tags: orNull(strings),
    config: orNull(anyObject),
  }),
  tensorboard: object({ path: orNull(string) }),
  "trackers?": listOf(ref("typeArgs")),
  modelRpcs: listOf(ref("call")),
  modelWorker: orNull(ref("workerSet")),
  generationServer: ref("workerSet"),
  gserverManager: ref("workerSet"),
  rolloutWorker: ref("workerSet"),
  masterWorker: orNull(ref("workerSet")),
  autoEval: boolean,
  evaluator: object({
    dataNames: string,
    maxGenTokens: integer,
    maxConcurrentJobs: integer,
    evalJobImage: orNull(string),
    initialCheckpointPath: orNull(string),
    promptType: string,
  }),
});

const authored = object({
  experiment: string,
  cluster,
  scheduling: object({
    modelWorker: groups,
    masterWorker: groups,
    generationServer: groupsOrNull,
    gserverManager: groupsOrNull,
    rolloutWorker: groupsOrNull,
    controllerImage: orNull(string),
  }),
  setups: listOf(setup),
  launch: anyObject,
  models: mapOf(ref("modelCard")),
  facts: mapOf(anyObject),
  "samples?": mapOf(ref("dataSample")),
  acknowledgements: listOf(object({ code: string, reason: string })),
  "mutations?": listOf(object({ type: string, package: string, at: string, because: string })),
  findings: listOf(ref("finding")),
});

const resolvedSetup = object({
  modelNames: listOf(modelNameText),
  graph: object({
    nodes: listOf(
      object({
        name: string,
        parents: strings,
        children: strings,
        isSrc: boolean,
        isDst: boolean,
        isDstOfModelRole: boolean,
      }),
    ),
    edges: listOf(object({ from: string, to: string, keys: strings })),
    dataProducers: mapOf(string),
    dataConsumers: mapOf(strings),
  }),
  modelTopos: mapOf(ref("topology")),
  msid2mwid: mapOf(column()),
  dataTransferPairs: modelPairs,
  syncParamPairs: modelPairs,
  modelNamesToInstantiate: listOf(modelNameText),
  masterWorker: ref("workerSet"),
  counts: object(Object.fromEntries(WORKER_KINDS.map((kind) => [kind, count]))),
  models: mapOf(object({ card: orNull(string), family: orNull(string) })),
  "memory?": object({
    gpuBytes: orNull(count),
    phases: listOf(
      object({
        call: orNull(string),
        model: string,
        worker: count,
        stage: count,
        parts: listOf(
          object({
            kind: {
              enum: ["weights", "gradients", "optimizer", "activations", "logits", "cache", "buffers", "runtime"],
            },
            model: orNull(string),
            bytes: count,
            how: string,
          }),
        ),
        totalBytes: count,
        capacityTokens: orNull(count),
        verdict: { enum: ["fits", "near-limit", "unbounded-batch", "exceeds-gpu", "kv-capacity", null] },
      }),
    ),
    notEstimated: mapOf(string),
  }),
});

/** JSON Schema of a manifest; `docs/manifest.schema.json` is this object as a file. */
export const MANIFEST_SCHEMA: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: `Assay manifest, version ${MANIFEST_VERSION}`,
  description:
    "One experiment, or one of its presets: what syntax shows, what its methods returned, and what they mean.",
  ...object({
    assayManifest: { const: MANIFEST_VERSION },
    name: string,
    preset: orNull(string),
    declared: orNull(declared),
    authored,
    resolved: object({
      setups: listOf(resolvedSetup),
      reach: object({ proved: strings, assumed: strings, notChecked: strings }),
    }),
    hashes: object({ authored: hash, resolved: hash }),
  }),
  $defs: definitions,
};
