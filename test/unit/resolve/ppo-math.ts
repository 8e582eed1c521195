import type { Authored } from "../../../src/manifest/format.ts";
import type { InterfaceType, ModelFunctionCall } from "../../../src/spec/call.ts";
import { paramRealloc } from "../../../src/spec/call.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { parseModelName } from "../../../src/spec/model-name.ts";
import { coordinatesOf, type ProcessTopology, processTopology, worldSize } from "../../../src/spec/topology.ts";
import {
  MODEL_WORKER_DEFAULTS,
  modelShard,
  modelShardId,
  modelWorker,
  type ModelWorker,
} from "../../../src/spec/worker.ts";
import { modelWorkerSet, type WorkerSet } from "../../../src/spec/worker-set.ts";
import { authored, call } from "./configs.ts";
import { shuffled } from "../shuffled.ts";

/** Models of a PPO on math problems and how each splits its layers and tensors: four roles, the actor in three layouts. */
const MODELS = {
  "actor@0": ["pipe-data-tensor", 8, 8],
  "actor@1": ["data-pipe-tensor", 1, 8],
  "actor@2": ["data-pipe-tensor", 2, 8],
  "critic@0": ["pipe-data-tensor", 4, 8],
  "critic@1": ["data-pipe-tensor", 4, 4],
  "ref@0": ["data-pipe-tensor", 2, 4],
  "reward@0": ["data-pipe-tensor", 1, 4],
} as const;

const ROLLOUT = ["packed_input_ids", "packed_logprobs", "prompt_mask", "seq_no_eos_mask"];

/** Its seven calls. */
export function ppoMathCalls(): readonly ModelFunctionCall[] {
  const actor = parseModelName("actor@0");
  const synced = { preHooks: [paramRealloc({ source: actor })], postHooks: [paramRealloc({ target: actor })] };
  const one = (
    name: string,
    model: string,
    interfaceType: InterfaceType,
    reads: string[],
    yields: string[],
    more = {},
  ) => call(name, model, reads, yields, { interfaceType, nSeqs: 65_536, ...more });
  const critic = parseModelName("critic@0");
  const criticSynced = { preHooks: [paramRealloc({ source: critic })], postHooks: [paramRealloc({ target: critic })] };
  return [
    one("actor_gen", "actor@1", "generate", ["packed_prompts", "task_ids"], ROLLOUT, synced),
    one(
      "actor_train",
      "actor@0",
      "trainStep",
      [...ROLLOUT, "packed_ref_logprobs", "rewards", "values", "proximal_logprobs"],
      [],
    ),
    one("critic_inf", "critic@1", "inference", ["packed_input_ids", "seq_no_eos_mask"], ["values"], criticSynced),
    one("critic_train", "critic@0", "trainStep", [...ROLLOUT, "packed_ref_logprobs", "rewards", "values"], []),
    one("ref_inf", "ref@0", "inference", ["packed_input_ids"], ["packed_ref_logprobs"]),
    one("actor_inf", "actor@2", "inference", ["packed_input_ids"], ["proximal_logprobs"], synced),
    one("rew_inf", "reward@0", "inference", ["packed_input_ids", "packed_prompts", "task_ids"], ["rewards"]),
  ];
}

function layoutsOn(gpus: number) {
  return Object.entries(MODELS).map(([name, [layout, pipe, tensor]]) => {
    const topo = processTopology({ layout, pipe, data: gpus / pipe / tensor, tensor });
    const model = { type: "real_model", args: { model_path: `/models/${name}`, dtype: "bf16" }, wrappers: [] };
    const backend = { type: layout === "pipe-data-tensor" ? "megatron" : "inference", args: { bf16: true } };
    return { name, topo, model, backend };
  });
}

/** Its workers as one set, one a GPU, each holding a rank of every model. */
export function ppoMathSet(gpus: number): WorkerSet {
  const all = `0-${gpus - 1}`;
  return modelWorkerSet(
    gpus,
    { ...MODEL_WORKER_DEFAULTS, baseSeed: 1 },
    layoutsOn(gpus).map(({ name, topo, model, backend }) => ({
      template: {
        modelName: parseModelName(name),
        topo,
        model,
        backend,
        evalDataset: null,
        evalBs: 128,
        shouldInstantiate: true,
      },
      workers: all,
      ranks: all,
    })),
  );
}

/** The same workers as objects, in an order that depends on the seed only. */
export function ppoMathWorkers(gpus: number, seed: number): readonly ModelWorker[] {
  const layouts = layoutsOn(gpus);
  return shuffled(gpus, seed).map((rank) =>
    modelWorker({
      baseSeed: 1,
      shards: layouts.map(({ name, topo, model, backend }) =>
        modelShard({ id: shardIdOf(name, topo, rank), model, backend }),
      ),
    }),
  );
}

/** The whole authored part. */
export function ppoMathAuthored(modelWorkers: WorkerSet | readonly ModelWorker[]): Authored {
  return authored([experimentConfig({ modelRpcs: ppoMathCalls(), modelWorker: modelWorkers })]);
}

function shardIdOf(name: string, topo: ProcessTopology, rank: number) {
  const { pipe, data, tensor } = coordinatesOf(topo, rank % worldSize(topo));
  return modelShardId({ modelName: parseModelName(name), topo, ppRank: pipe, dpRank: data, tpRank: tensor });
}
