import {
  type Authored,
  clusterSpec,
  CommonExperiment,
  experimentConfig,
  experimentScheduling,
  flow,
  frozen,
  generate,
  inference,
  masterWorkerDefault,
  model,
  modelFunctionCall,
  modelName,
  modelShard,
  modelShardId,
  modelWorker,
  modelWorkerDefault,
  type PluginFacts,
  processTopology,
  registerExperiment,
  tasksGroup,
  trainStep,
} from "assay";
import { defineDataset, defineInterface, describePlugins, factsOf, loadedPlugins } from "assay/plugin";
import { inferenceBackend, realModel } from "assay/plugins";
import { proveExperiment } from "assay/testing";
import { DATASETS, INTERFACES } from "./corpus/plugin-package.ts";
import type { Random } from "./corpus/random.ts";

const prompts = defineDataset(DATASETS[0]);
const actorInterface = defineInterface(INTERFACES[0]);
const criticInterface = defineInterface(INTERFACES[1]);
const rewardInterface = defineInterface(INTERFACES[2]);

/** Seven calls on actor, critic, reference and reward, a generation engine apart from training. */
class LargePpo extends CommonExperiment {
  override flow() {
    const policy = model("qwen2.5-7b", { bf16: true, type: { family: "qwen2" } });
    const critic = model("qwen2.5-7b", { bf16: true, type: { family: "qwen2", isCritic: true } });
    const actor = actorInterface({ klCtl: 0.1, epsClip: 0.2 });
    const values = criticInterface({ valueEpsClip: 0.2 });
    const nSeqs = 16_384;
    return flow({
      datasets: [prompts({ datasetPath: "/storage/datasets/prompts.jsonl", maxLength: 1024 })],
      maxPromptLen: 1024,
      models: { actor: policy, critic, ref: frozen(policy), reward: frozen(critic) },
      calls: {
        actor_gen: generate("actor", actor, { nSeqs }),
        rew_inf: inference("reward", rewardInterface({ datasetPath: "/storage/datasets/prompts.jsonl" })),
        ref_inf: inference("ref", actor, {
          yields: ["packed_ref_logprobs"],
          rename: { logprobs: "packed_ref_logprobs" },
        }),
        critic_inf: inference("critic", values),
        actor_inf: inference("actor", actor, {
          yields: ["proximal_logprobs"],
          rename: { logprobs: "proximal_logprobs" },
        }),
        actor_train: trainStep("actor", actor),
        critic_train: trainStep("critic", values),
      },
    });
  }
}

registerExperiment("bench-large-ppo", LargePpo);

/** How a large experiment is laid out. */
export type LargeLayout = "decoupled" | "hybrid";

/** What a configuration of `gpus` GPUs is written down as, made through the public entries; a power of two from 64 on. */
export function largeAuthored(gpus: number, layout: LargeLayout): Authored {
  const nodes = gpus / 8;
  const { value, findings } = proveExperiment("bench-large-ppo", {
    cluster: clusterSpec({ name: `bench-${gpus}`, nodes, gpusPerNode: 8 }),
    overrides: {
      nNodes: nodes,
      allocationMode:
        layout === "decoupled"
          ? `sglang.d${gpus / 4}p1m1+d${(gpus * 3) / 8}p1m2`
          : `actor_gen:d${gpus / 4}p1m4,actor_train:d${gpus / 16}p4m4,*:d${gpus / 2}p1m2`,
    },
  });
  if (value.authored === null || findings.length > 0) {
    throw new Error(findings.map(({ code, message }) => `${code} ${message}`).join("; "));
  }
  return value.authored;
}

/** The same size with workers made one by one, whose ranks are in no order. */
export function shuffledAuthored(gpus: number, random: Random): Authored {
  const cluster = clusterSpec({ name: `bench-${gpus}`, nodes: gpus / 8, gpusPerNode: 8 });
  const topo = processTopology({ layout: "pipe-data-tensor", pipe: 1, data: gpus / 2, tensor: 2 });
  const pair = realModel({
    modelPath: "qwen2.5-7b",
    isCritic: false,
    initCriticFromActor: false,
    dtype: "bf16",
    hfModelFamily: "qwen2",
    initFromScratch: false,
  });
  const backend = inferenceBackend();
  const names = ["actor", "ref"].map((role) => modelName(role));
  const orders = names.map(() => random.order(gpus));
  const interfaceImpl = actorInterface({ klCtl: 0.1, epsClip: 0.2 });
  return {
    experiment: "bench-shuffled",
    cluster,
    scheduling: experimentScheduling({
      modelWorker: tasksGroup(gpus, modelWorkerDefault(cluster)),
      masterWorker: tasksGroup(1, masterWorkerDefault(cluster)),
    }),
    setups: [
      experimentConfig({
        modelRpcs: [
          modelFunctionCall({
            name: "ref_inf",
            nSeqs: gpus,
            interfaceType: "inference",
            interfaceImpl,
            modelName: "ref",
            inputKeys: ["packed_input_ids"],
            outputKeys: ["packed_ref_logprobs"],
            outputKeyRemap: { logprobs: "packed_ref_logprobs" },
          }),
          modelFunctionCall({
            name: "actor_inf",
            nSeqs: gpus,
            interfaceType: "inference",
            interfaceImpl,
            modelName: "actor",
            inputKeys: ["packed_input_ids"],
            outputKeys: ["logprobs"],
          }),
        ],
        modelWorker: Array.from({ length: gpus }, (_, worker) =>
          modelWorker({
            baseSeed: 1,
            shards: names.map((name, index) => {
              const rank = orders[index]?.[worker] ?? 0;
              return modelShard({
                id: modelShardId({
                  modelName: name,
                  topo,
                  ppRank: 0,
                  dpRank: Math.floor(rank / 2),
                  tpRank: rank % 2,
                }),
                model: pair,
                backend,
              });
            }),
          }),
        ),
      }),
    ],
    launch: {},
    models: {},
    facts: {},
    acknowledgements: [],
    findings: [],
  };
}

/** What is known of all plugins in use. */
export function largeFacts(): PluginFacts {
  return factsOf([describePlugins(loadedPlugins(), { package: "bench", version: "0" })]);
}
