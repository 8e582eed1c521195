import {
  Experiment,
  type ExperimentConfig,
  experimentConfig,
  experimentScheduling,
  masterWorker,
  modelFunctionCall,
  type ModelName,
  modelName,
  modelShard,
  modelShardId,
  modelWorker,
  offload,
  paramRealloc,
  parseModelName,
  type ProcessTopology,
  processTopology,
  saveEvalControl,
  scheduling,
  tasksGroup,
} from "assay";
import { inferenceBackend, megatron, nullInterface, promptAnswer, realModel, sft } from "assay/plugins";

/** Two calls to write others from. */
const train = {
  name: "train",
  nSeqs: 256,
  interfaceType: "trainStep",
  interfaceImpl: nullInterface(),
  modelName: "actor",
} as const;
const inference = {
  name: "inference",
  nSeqs: 256,
  interfaceType: "inference",
  interfaceImpl: nullInterface(),
  modelName: "ref",
} as const;

/** Two ranks, one for each of two workers. */
const topo = processTopology({ layout: "pipe-data-tensor", pipe: 1, data: 2, tensor: 1 });

/** A checkpoint of a family. */
function checkpoint(modelPath: string) {
  return realModel({
    modelPath,
    isCritic: false,
    initCriticFromActor: false,
    initFromScratch: false,
    dtype: "bf16",
    hfModelFamily: "qwen2",
  });
}

interface Rank {
  readonly dpRank?: number;
  readonly ppRank?: number;
  readonly tpRank?: number;
}

/** A shard of a model: replica 0 of a role, unless it is a whole name. */
function shard(model: string | ModelName, ranks: Rank = {}, topology: ProcessTopology = topo) {
  const name = typeof model === "string" ? parseModelName(model) : model;
  const id = modelShardId({ modelName: name, dpRank: 0, tpRank: 0, ppRank: 0, topo: topology, ...ranks });
  return modelShard({ id, model: checkpoint("qwen2.5-1.5b"), backend: inferenceBackend() });
}

/** A worker with one shard of role `actor`. */
function workerWithShard(topology: ProcessTopology, ranks: Rank) {
  return modelWorker({ baseSeed: 1, shards: [shard("actor", ranks, topology)] });
}

/** Two workers, each with a rank of every model that is named. */
function workersOf(...models: readonly (string | ModelName)[]) {
  return [0, 1].map((dpRank) => modelWorker({ baseSeed: 1, shards: models.map((model) => shard(model, { dpRank })) }));
}

const each = scheduling({ cpu: 4, gpu: 1, memMiB: 61_440 });

@Experiment("my-run")
export class MyRun implements Experiment {
  /** As many workers as the setup has. */
  schedulingSetup() {
    const [setup] = [this.initialSetup()].flat() as readonly ExperimentConfig[];
    return experimentScheduling({
      masterWorker: tasksGroup(1, scheduling({ cpu: 4, gpu: 0, memMiB: 20_480 })),
      modelWorker: tasksGroup(setup?.modelWorker?.count ?? 0, each),
    });
  }

  initialSetup(): ExperimentConfig | readonly ExperimentConfig[] {
    /* example */
  }
}
