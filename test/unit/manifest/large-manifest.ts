import { type ManifestParts, seal } from "../../../src/manifest/seal.ts";
import { modelFunctionCall } from "../../../src/spec/call.ts";
import { toColumn } from "../../../src/spec/column.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { modelName, modelNameText } from "../../../src/spec/model-name.ts";
import { processTopology } from "../../../src/spec/topology.ts";
import { MODEL_WORKER_DEFAULTS } from "../../../src/spec/worker.ts";
import type { WorkerSet } from "../../../src/spec/worker-set.ts";
import { authoredOf } from "./random-manifest.ts";
import { shuffled } from "../shuffled.ts";

/** Workers of the large manifest. */
export const LARGE_COUNT = 16_384;

const ROLES = ["actor", "critic", "ref", "reward", "draft", "judge"];

/** Six models, each with its own shuffled order of ranks on all workers: about a megabyte of text. */
export function largeManifest(): string {
  const topo = processTopology({ layout: "pipe-data-tensor", pipe: 16, data: 128, tensor: 8 });
  const pair = { type: "real_model", args: { modelPath: "${cluster.fileroot}/qwen", isCritic: false } };
  const orders = ROLES.map((_, seed) => shuffled(LARGE_COUNT, seed + 1));
  const workers: WorkerSet = {
    count: LARGE_COUNT,
    shared: { ...MODEL_WORKER_DEFAULTS, baseSeed: 1 } as unknown as WorkerSet["shared"],
    shards: ROLES.map((role) => ({
      modelName: modelName(role),
      topo,
      model: { ...pair, wrappers: [] },
      backend: { type: "megatron", args: {} },
      evalDataset: null,
      evalBs: 128,
      shouldInstantiate: true,
    })),
    groups: [
      {
        workers: `0-${LARGE_COUNT - 1}`,
        own: {},
        columns: {},
        shards: orders.map((order, shard) => ({ shard, ranks: toColumn(order), coordinates: null })),
      },
    ],
  };
  const config = experimentConfig({
    modelWorker: workers,
    modelRpcs: ROLES.map((role) =>
      modelFunctionCall({
        name: role,
        nSeqs: 512,
        interfaceType: "inference",
        interfaceImpl: pair,
        modelName: role,
        inputKeys: ["packed_prompts"],
      }),
    ),
  });
  const names = ROLES.map((role) => modelNameText({ role, replicaId: 0 })).sort();
  const parts: ManifestParts = {
    name: "large",
    preset: null,
    declared: null,
    authored: authoredOf("large", "/storage", [config]),
    resolved: {
      setups: [
        {
          modelNames: names,
          graph: { nodes: [], edges: [], dataProducers: {}, dataConsumers: {} },
          modelTopos: Object.fromEntries(names.map((name) => [name, topo])),
          msid2mwid: Object.fromEntries(
            ROLES.map((role, index) => [`${role}@0`, toColumn(inverse(orders[index] as readonly number[]))]),
          ),
          dataTransferPairs: [["actor@0", "actor@0"]],
          syncParamPairs: [],
          modelNamesToInstantiate: names,
          masterWorker: {
            count: 1,
            shared: { baseSeed: 1 },
            shards: [],
            groups: [{ workers: "0", own: {}, columns: {}, shards: [] }],
          },
          counts: {
            modelWorker: LARGE_COUNT,
            masterWorker: 1,
            gserverManager: 0,
            rolloutWorker: 0,
            generationServer: 0,
          },
          models: {},
        },
      ],
      reach: { proved: [], assumed: [], notChecked: [] },
    },
  };
  return seal(parts).text;
}

function inverse(order: readonly number[]): readonly number[] {
  const places: number[] = [];
  for (const [place, number] of order.entries()) places[number] = place;
  return places;
}
