import type { Authored } from "../../manifest/format.ts";
import type { ProvedBuild } from "../../plugin/rule.ts";
import { NO_FACTS, resolve } from "../../resolve/resolve.ts";
import { modelFunctionCall } from "../../spec/call.ts";
import { clusterSpec } from "../../spec/cluster.ts";
import { type ExperimentConfig, experimentConfig } from "../../spec/experiment-config.ts";
import { modelName } from "../../spec/model-name.ts";
import { experimentScheduling, masterWorkerDefault, modelWorkerDefault, tasksGroup } from "../../spec/scheduling.ts";
import { processTopology } from "../../spec/topology.ts";
import { MODEL_WORKER_DEFAULTS } from "../../spec/worker.ts";
import type { WorkerSet } from "../../spec/worker-set.ts";

/** GPUs of the large build. */
export const LARGE_GPUS = 16_384;

/** A build of nothing: one setup without calls and workers. */
export function emptyBuild(): ProvedBuild {
  return buildOf("empty", 0, experimentConfig({ modelRpcs: [] }));
}

/** A build of one model on 16,384 GPUs: workers are one range, as in every build. */
export function largeBuild(): ProvedBuild {
  const pair = { type: "contract", args: {} };
  const workers: WorkerSet = {
    count: LARGE_GPUS,
    shared: { ...MODEL_WORKER_DEFAULTS, baseSeed: 1 } as unknown as WorkerSet["shared"],
    shards: [
      {
        modelName: modelName("actor"),
        topo: processTopology({ layout: "pipe-data-tensor", pipe: 16, data: 128, tensor: 8 }),
        model: { ...pair, wrappers: [] },
        backend: pair,
        evalDataset: null,
        evalBs: 128,
        shouldInstantiate: true,
      },
    ],
    groups: [
      {
        workers: `0-${LARGE_GPUS - 1}`,
        own: {},
        columns: {},
        shards: [{ shard: 0, ranks: `0-${LARGE_GPUS - 1}`, coordinates: null }],
      },
    ],
  };
  const call = modelFunctionCall({
    name: "train",
    nSeqs: 1024,
    interfaceType: "trainStep",
    interfaceImpl: pair,
    modelName: "actor",
    inputKeys: ["packed_input_ids"],
  });
  return buildOf("large", LARGE_GPUS, experimentConfig({ modelRpcs: [call], modelWorker: workers }));
}

function buildOf(name: string, gpus: number, setup: ExperimentConfig): ProvedBuild {
  const cluster = clusterSpec({ name: "contract", type: "slurm", fileroot: "/storage", nodes: Math.max(1, gpus / 8) });
  const authored: Authored = {
    experiment: name,
    cluster,
    scheduling: experimentScheduling({
      masterWorker: tasksGroup(gpus === 0 ? 0 : 1, masterWorkerDefault(cluster)),
      modelWorker: tasksGroup(gpus, modelWorkerDefault(cluster)),
    }),
    setups: [setup],
    launch: {},
    models: {},
    facts: {},
    acknowledgements: [],
    findings: [],
  };
  const { value: resolved } = resolve({ authored }, NO_FACTS);
  return structuredClone({ name, preset: null, tags: [], authored, resolved, cluster, options: {} });
}
