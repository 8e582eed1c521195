import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "type-fest";
import type { Authored, Declared, Resolved, ResolvedSetup } from "../../../src/manifest/format.ts";
import type { ManifestParts } from "../../../src/manifest/seal.ts";
import { modelFunctionCall } from "../../../src/spec/call.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { toColumn } from "../../../src/spec/column.ts";
import { type ExperimentConfig, experimentConfig } from "../../../src/spec/experiment-config.ts";
import { type ModelName, modelName, modelNameText } from "../../../src/spec/model-name.ts";
import type { TypeArgs } from "../../../src/spec/pair.ts";
import {
  experimentScheduling,
  masterWorkerDefault,
  modelWorkerDefault,
  tasksGroup,
} from "../../../src/spec/scheduling.ts";
import { coordinatesOf, type ProcessTopology, processTopology, worldSize } from "../../../src/spec/topology.ts";
import {
  generationServer,
  gserverManager,
  masterWorker,
  modelShard,
  modelShardId,
  type ModelWorker,
  modelWorker,
  parallelismRank,
  rolloutWorker,
  saveEvalControl,
  WORKER_KINDS,
  workerInformation,
} from "../../../src/spec/worker.ts";
import { workerAt, workerSet } from "../../../src/spec/worker-set.ts";

/** Text with references in it, and with what looks like one. */
export const text: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "${trial}",
        "${user}",
        "${experiment}",
        "${cluster.fileroot}",
        "${env:A}",
        "${secret:A}",
        "$${",
        "$",
        "${",
        "}",
        '"\\{[,:',
        "/data/",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(""));

const unlikelyReference = fc.constantFrom("${env:B}", "${envA}", "${}", "${toString}", "${env:__proto__}");

const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 1, arbitrary: unlikelyReference },
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 2 }),
  fc.constant(JSON.parse('{"__proto__":{"polluted":"${trial}"},"constructor":{"prototype":1}}') as JsonValue),
);

const args: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.oneof(fc.constant("${trial}"), fc.string({ maxLength: 3 })),
  value,
  {
    maxKeys: 2,
    noNullPrototype: true,
  },
) as fc.Arbitrary<JsonObject>;

const pair: fc.Arbitrary<TypeArgs> = fc.record({ type: fc.constantFrom("a", "b"), args });

const topology: fc.Arbitrary<ProcessTopology> = fc
  .record({
    layout: fc.constantFrom("pipe-data-tensor" as const, "data-pipe-tensor" as const),
    pipe: fc.integer({ min: 1, max: 3 }),
    data: fc.integer({ min: 1, max: 3 }),
    tensor: fc.integer({ min: 1, max: 2 }),
    maxPromptLen: fc.option(fc.nat(), { nil: null }),
  })
  .map(processTopology);

interface Model {
  readonly name: ModelName;
  readonly topo: ProcessTopology;
  readonly model: TypeArgs;
  readonly backend: TypeArgs;
  /** Worker of each rank. */
  readonly workers: readonly number[];
  readonly made: boolean;
  /** Added to every pipe rank: above 0 the shards lie outside of their topology. */
  readonly shift: number;
}

const WORKERS = 20;

const model: fc.Arbitrary<Model> = topology.chain((topo) =>
  fc.record({
    name: fc
      .record({ role: fc.constantFrom("actor", "critic", "ref"), replicaId: fc.nat({ max: 1 }) })
      .map(({ role, replicaId }) => modelName(role, replicaId)),
    topo: fc.constant(topo),
    model: pair,
    backend: pair,
    workers: fc.oneof(
      fc.shuffledSubarray([...Array(WORKERS).keys()], { minLength: worldSize(topo), maxLength: worldSize(topo) }),
      fc
        .nat({ max: WORKERS - worldSize(topo) })
        .map((first) => Array.from({ length: worldSize(topo) }, (_, rank) => first + rank)),
    ),
    made: fc.boolean(),
    shift: fc.constantFrom(0, 0, 0, 5),
  }),
);

const information = fc.option(
  fc.record({ workerTag: text, watchKeys: fc.array(text, { maxLength: 2 }) }).map(workerInformation),
  { nil: null },
);

const workerFields = fc.record({
  baseSeed: fc.nat({ max: 2 }),
  tokenizerNameOrPath: fc.option(fc.constantFrom("${cluster.fileroot}/tokenizer", "other"), { nil: null }),
  datasets: fc.option(fc.array(fc.oneof(text, pair), { maxLength: 1 }), { nil: null }),
  workerInfo: information,
});

/** Fields of all workers: the same for runs of them, or for none. */
const fieldsOfAll = fc
  .tuple(fc.array(workerFields, { minLength: 1, maxLength: WORKERS }), fc.integer({ min: 1, max: WORKERS }))
  .map(([different, run]) =>
    Array.from(
      { length: WORKERS },
      (_, index) => different[Math.floor(index / run) % different.length] as (typeof different)[number],
    ),
  );

const modelWorkers = (models: readonly Model[]): fc.Arbitrary<readonly ModelWorker[]> =>
  fieldsOfAll.map((fields) =>
    fields.map((one, index) =>
      modelWorker({
        ...one,
        shards: models.flatMap(({ name, topo, workers, shift, ...rest }) => {
          const rank = workers.indexOf(index);
          if (rank < 0) return [];
          const at = coordinatesOf(topo, rank);
          const id = modelShardId({
            modelName: name,
            topo,
            dpRank: at.data,
            tpRank: at.tensor,
            ppRank: at.pipe + shift,
          });
          return [modelShard({ id, model: rest.model, backend: rest.backend })];
        }),
      }),
    ),
  );

const setup: fc.Arbitrary<{ readonly config: ExperimentConfig; readonly made: readonly string[] }> = fc
  .uniqueArray(model, { selector: ({ name }) => modelNameText(name), maxLength: 3 })
  .chain((models) =>
    fc.record({
      config: fc
        .record({
          expCtrl: fc.constant(saveEvalControl()),
          modelRpcs: fc.array(
            fc
              .record({
                name: text,
                nSeqs: fc.nat(),
                interfaceImpl: pair,
                outputKeys: fc.array(text, { maxLength: 2 }),
              })
              .map((call) => modelFunctionCall({ ...call, interfaceType: "trainStep", modelName: "actor" })),
            { maxLength: 2 },
          ),
          modelWorker: fc.option(modelWorkers(models), { nil: null, freq: 9 }),
          generationServer: fc.array(
            fc
              .record({
                baseSeed: fc.nat(),
                backendArgs: args,
                modelPath: text,
                tpSize: fc.nat({ max: 8 }),
                workerInfo: information,
              })
              .map((one) => generationServer({ ...one, backendType: "sglang" })),
            { maxLength: 3 },
          ),
          gserverManager: fc.array(
            fc.record({ schedulePolicy: text, maxConcurrentRollouts: fc.nat() }).map((one) =>
              gserverManager({
                ...one,
                modelName: modelName("actor", 0),
                nServers: 1,
                maxHeadOffpolicyness: 4,
                trainBatchSize: 8,
                flushRequestTimeout: 0.5,
              }),
            ),
            { maxLength: 1 },
          ),
          rolloutWorker: fc.array(
            fc
              .record({ env: pair, agent: pair, tokenizerPath: text, newTokensPerChunk: fc.nat({ max: 1 }) })
              .map((one) =>
                rolloutWorker({
                  ...one,
                  baseSeed: 1,
                  modelName: modelName("actor", 0),
                  rolloutRequestTimeout: 300,
                  datasets: ["named"],
                }),
              ),
            { maxLength: 4 },
          ),
          masterWorker: fc.option(
            information.map((workerInfo) => [
              masterWorker({ baseSeed: 3, expCtrl: saveEvalControl(), nModelWorkers: WORKERS, workerInfo }),
            ]),
            { nil: null },
          ),
        })
        .map(experimentConfig),
      made: fc.constant(models.filter(({ made }) => made).map(({ name }) => modelNameText(name))),
    }),
  );

const declared: fc.Arbitrary<Declared> = fc.record({
  file: fc.constant("experiments/x.ts"),
  line: fc.nat(),
  className: fc.option(fc.constant("X"), { nil: null }),
  doc: text,
  tags: fc.array(text, { maxLength: 2 }),
  presets: fc.constant(["one-node"]),
  options: fc.constant([{ path: "a.b", type: null, help: "}]", range: ">= 1" }]),
});

/** Whole manifests, before they are sealed. */
export const manifestParts: fc.Arbitrary<ManifestParts> = fc
  .record({
    name: fc.constantFrom("my-run", "${user}"),
    preset: fc.option(fc.constant("one-node"), { nil: null }),
    declared: fc.option(declared, { nil: null }),
    fileroot: fc.constantFrom("/storage", "/storage/${user}", "/${env:A}/${cluster.fileroot}"),
    setups: fc.array(setup, { minLength: 1, maxLength: 3 }),
  })
  .map(({ name, preset, declared: shown, fileroot, setups }) => {
    const authored = authoredOf(
      name,
      fileroot,
      setups.map(({ config }) => config),
    );
    const resolved: Resolved = {
      setups: setups.map(({ config, made }) => resolvedSetupOf(config, made)),
      reach: { proved: ["dataflow graph"], assumed: [], notChecked: [] },
    };
    return { name, preset, declared: shown, authored, resolved };
  });

/** An authored part around setups. */
export function authoredOf(experiment: string, fileroot: string, setups: readonly ExperimentConfig[]): Authored {
  const cluster = clusterSpec({ fileroot });
  return {
    experiment,
    cluster,
    scheduling: experimentScheduling({
      modelWorker: tasksGroup(WORKERS, modelWorkerDefault(cluster)),
      masterWorker: [tasksGroup(1, masterWorkerDefault(cluster))],
    }),
    setups,
    launch: { mode: "slurm" },
    models: {},
    facts: { "/setups/0/modelRpcs/0/interfaceImpl": { reads: ["a"] } },
    acknowledgements: [{ code: "graph/role-without-call", reason: "it is meant" }],
    findings: [],
  };
}

/** What readers need of a resolved setup, worked out from its workers in the plainest way. */
export function resolvedSetupOf(config: ExperimentConfig, made: readonly string[]): ResolvedSetup {
  const topologies = new Map<string, ProcessTopology>();
  const ranks = new Map<string, number[]>();
  const workers = config.modelWorker;
  for (let index = 0; index < (workers?.count ?? 0); index += 1) {
    const { shards } = workerAt(workers as NonNullable<typeof workers>, index) as unknown as ModelWorker;
    for (const { id } of shards ?? []) {
      const name = modelNameText(id.modelName);
      topologies.set(name, id.topo);
      const list = ranks.get(name) ?? [];
      list[parallelismRank(id)] = index;
      ranks.set(name, list);
    }
  }
  const names = [...topologies.keys()].sort();
  const master = masterWorker({ baseSeed: 1, expCtrl: config.expCtrl, nModelWorkers: workers?.count ?? 0 });
  const masters = config.masterWorker ?? workerSet([master]);
  return {
    modelNames: names,
    graph: { nodes: [], edges: [], dataProducers: {}, dataConsumers: {} },
    modelTopos: Object.fromEntries(topologies),
    msid2mwid: Object.fromEntries(
      names.map((name) => [name, toColumn((ranks.get(name) ?? []).filter((worker) => worker !== undefined))]),
    ),
    dataTransferPairs: names.map((name) => [name, name] as const),
    syncParamPairs: [],
    modelNamesToInstantiate: made,
    masterWorker: masters,
    counts: Object.fromEntries(
      WORKER_KINDS.map((kind) => [kind, kind === "masterWorker" ? masters.count : (config[kind]?.count ?? 0)]),
    ) as ResolvedSetup["counts"],
    models: Object.fromEntries(names.map((name) => [name, { card: null, family: null }])),
  };
}
