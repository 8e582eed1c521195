import { DATASETS, INTERFACES } from "./plugin-package.ts";

/** Cluster of experiments that name none. */
export const DEFAULT_CLUSTER = "lab8";

/** The 20 modules that experiments share, by project-relative path. Most import others of them. */
export function sharedModules(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      "batch-math": BATCH_MATH,
      clusters: CLUSTERS,
      constants: CONSTANTS,
      "dataset-options": DATASET_OPTIONS,
      datasets: datasetsModule(),
      "generation-options": GENERATION_OPTIONS,
      "hand-options": HAND_OPTIONS,
      interfaces: interfacesModule(),
      keys: KEYS,
      "model-makers": MODEL_MAKERS,
      naming: NAMING,
      paths: PATHS,
      "ppo-base": PPO_BASE,
      "ppo-options": PPO_OPTIONS,
      "reward-options": REWARD_OPTIONS,
      "schedule-math": SCHEDULE_MATH,
      "scheduling-defaults": SCHEDULING_DEFAULTS,
      "sft-base": SFT_BASE,
      topologies: TOPOLOGIES,
      "worker-makers": WORKER_MAKERS,
    }).map(([name, text]) => [`shared/${name}.ts`, text]),
  );
}

const CONSTANTS = `/** Tokens of the longest context that any of our models is trained on. */
export const MAX_CONTEXT = 32_768;

/** Sequences of a training step, unless a run says otherwise. */
export const DEFAULT_BATCH = 256;

/** Seeds that runs of one study use, in this order. */
export const STUDY_SEEDS = [1, 17, 42, 1234] as const;

/** GPUs of one node in all of our clusters. */
export const GPUS_PER_NODE = 8;

/** Upper bound of a micro-batch, in tokens, that fits beside the optimizer's state of a 7B model. */
export const MICRO_BATCH_TOKENS = 32_768;
`;

const PATHS = `/** Root of everything that all nodes see. */
const STORAGE = "/storage";

/** File of a dataset's split. */
export function datasetFile(name: string, split: "train" | "valid" = "train"): string {
  return \`\${STORAGE}/datasets/\${name}/\${split}.jsonl\`;
}

/** Folder of a reward model's reference answers. */
export function referenceFolder(name: string): string {
  return \`\${STORAGE}/datasets/\${name}/references\`;
}

/** Folder that TensorBoard reads. */
export function eventsFolder(team: string): string {
  return \`\${STORAGE}/events/\${team}\`;
}
`;

const NAMING = `import { STUDY_SEEDS } from "./constants.ts";

/** Parts of a run's name, joined so that they sort by study first. */
export function runName(...parts: readonly (string | number)[]): string {
  return parts
    .map((part) => String(part).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"))
    .filter((part) => part !== "")
    .join(".");
}

/** The seed of the n-th repetition of a study. */
export function seedOf(repetition: number): number {
  return STUDY_SEEDS[repetition % STUDY_SEEDS.length] ?? 1;
}

/** Tags of a run in the tracker. */
export function trackerTags(team: string, ...more: readonly string[]): readonly string[] {
  return [team, ...more].toSorted();
}
`;

const BATCH_MATH = `import { MICRO_BATCH_TOKENS } from "./constants.ts";

/** The least multiple of \`step\` that is not below \`value\`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Sequences that each data-parallel rank gets. */
export function perRank(sequences: number, dataParallel: number): number {
  return roundUp(sequences, dataParallel) / dataParallel;
}

/** Micro-batches that a rank needs so that none is longer than the bound. */
export function microBatchesFor(sequences: number, tokens: number, bound: number = MICRO_BATCH_TOKENS): number {
  return Math.max(1, Math.ceil((sequences * tokens) / bound));
}

/** Sequences of a step after each prompt was answered \`groupSize\` times. */
export function answersOf(prompts: number, groupSize: number): number {
  return prompts * groupSize;
}
`;

const SCHEDULE_MATH = `import { answersOf } from "./batch-math.ts";

/** Part of all steps in which the learning rate rises. */
export function warmupPart(steps: number, warmupSteps: number): number {
  if (steps <= 0) return 0;
  return Math.min(1, warmupSteps / steps);
}

/** Learning rate scaled by the square root of the batch, as the papers do that we follow. */
export function scaledRate(base: number, batch: number, reference: number): number {
  return Number((base * Math.sqrt(batch / reference)).toPrecision(4));
}

/** Learning rate of a batch of answers. */
export function rateForAnswers(base: number, prompts: number, groupSize: number): number {
  return scaledRate(base, answersOf(prompts, groupSize), 1024);
}
`;

const KEYS = `/** Keys that a rollout gives to everything after it. */
export const ROLLOUT_KEYS = ["seq_no_eos_mask", "packed_input_ids", "packed_logprobs", "prompt_mask"] as const;

/** Keys that a policy is trained on, whatever the options are. */
export const POLICY_KEYS = [
  "packed_input_ids",
  "packed_logprobs",
  "rewards",
  "prompt_mask",
  "seq_no_eos_mask",
] as const;

/** Keys that a value function is trained on. */
export const CRITIC_KEYS = [
  "packed_input_ids",
  "packed_logprobs",
  "rewards",
  "values",
  "prompt_mask",
  "seq_no_eos_mask",
] as const;

/** Keys with those that an option adds. */
export function withKeys<const K extends string, const M extends string>(
  keys: readonly K[],
  more: readonly (M | false)[],
): readonly (K | M)[] {
  return [...keys, ...more.filter((key): key is M => key !== false)];
}
`;

const CLUSTERS = `import { clusterSpec, registerCluster } from "assay";
import { GPUS_PER_NODE } from "./constants.ts";

/** One node for trying things out. */
export const lab8 = registerCluster(
  clusterSpec({
    name: "lab8",
    type: "slurm",
    fileroot: "/storage/assay/lab",
    gpuType: "h100",
    nodeNamePrefix: "lab-",
    nodes: 1,
    gpusPerNode: GPUS_PER_NODE,
    cpusPerNode: 96,
    memMiBPerNode: 1_048_576,
  }),
);

/** The training cluster: 64 nodes of 8 GPUs. */
export const farm512 = registerCluster(
  clusterSpec({
    name: "farm512",
    type: "slurm",
    fileroot: "/storage/assay/farm",
    gpuType: "h800",
    gpuImage: "registry/train:2026.10",
    cpuImage: "registry/cpu:2026.10",
    gpuInferImage: "registry/infer:2026.10",
    nodeNamePrefix: "farm-",
    nodes: 64,
    gpusPerNode: GPUS_PER_NODE,
    cpusPerNode: 128,
    memMiBPerNode: 2_097_152,
  }),
);
`;

const DATASET_OPTIONS = `import { DEFAULT_BATCH } from "./constants.ts";
import { datasetFile } from "./paths.ts";

/** Where examples come from, and how many make a step. */
export class DatasetOptions {
  /** File of the training examples. */
  trainPath = datasetFile("default");
  /** File of the validation examples. */
  validPath = datasetFile("default", "valid");
  /** Longest example, in tokens. @range integer >= 1 */
  maxSeqlen = 1024;
  /** Examples of a training step. @range integer >= 1 */
  batchSize = DEFAULT_BATCH;
  /** Pads every example to the longest length. */
  fillToMaxLength = false;
}

/** Where prompts come from. */
export class PromptOptions {
  /** File of the prompts. */
  path = datasetFile("prompts");
  /** Longest prompt, in tokens. @range integer >= 1 */
  maxPromptLen = 1024;
  /** Prompts of a step. @range integer >= 1 */
  batchSize = 128;
}
`;

const GENERATION_OPTIONS = `import { MAX_CONTEXT } from "./constants.ts";

/** How answers are sampled. */
export class GenerationOptions {
  /** Longest answer, in tokens. @range integer >= 1 */
  maxNewTokens = 4096;
  /** Softens the distribution; 0 takes the likeliest token. @range >= 0 */
  temperature = 1;
  /** Part of the probability that is sampled from. @range (0, 1] */
  topP = 1;
  /** Answers of each prompt. @range integer >= 1 */
  groupSize = 8;
}

/** Tokens that are left for an answer. */
export function roomFor(promptTokens: number, wanted: number): number {
  return Math.max(1, Math.min(wanted, MAX_CONTEXT - promptTokens));
}
`;

const PPO_OPTIONS = `/** Settings of proximal policy optimization. */
export class PpoOptions {
  /** Weight of the KL penalty; 0 leaves the reference model out. @range >= 0 */
  klCtl = 0.1;
  /** Clips the ratio of probabilities. @range (0, 1] */
  epsClip = 0.2;
  /** Clips the change of a value. @range > 0 */
  valueEpsClip = 0.2;
  /** Minibatches of a step. @range integer >= 1 */
  nMinibatches = 4;
  /** Computes the probabilities of answers again before training. */
  recomputeLogprobs = false;
  /** Discount of later rewards. @range [0, 1] */
  discount = 1;
  /** Smoothing of the advantages. @range [0, 1] */
  gaeLambda = 1;
}
`;

const REWARD_OPTIONS = `import { referenceFolder } from "./paths.ts";

/** How answers are scored. */
export class RewardOptions {
  /** Folder of the reference answers. */
  references = referenceFolder("math");
  /** Multiplies every reward. */
  scaling = 1;
  /** Added to every reward before it is multiplied. */
  bias = 0;
}

/** Rewards that centre on zero for a task with this share of right answers. */
export function centredBias(rightShare: number): number {
  return Number((-rightShare).toFixed(3));
}
`;

const HAND_OPTIONS = `import { datasetFile } from "./paths.ts";

/** Settings of a study on preferences. */
export class PreferenceOptions {
  /** File of the pairs. */
  path = datasetFile("preferences");
  /** Longest answer with its prompt, in tokens. @range integer >= 1 */
  maxSeqlen = 2048;
  /** Pairs of a training step. @range integer >= 1 */
  batchSize = 256;
  /** How far the policy may leave the reference. @range > 0 */
  beta = 0.1;
}
`;

const MODEL_MAKERS = `import { frozen, model, type ModelPath, type ModelSpec } from "assay";
import "assay/plugins";
import { warmupPart } from "./schedule-math.ts";

/** A policy that is trained. */
export function policy(path: ModelPath, lr = 1e-5): ModelSpec {
  return model(path, {
    bf16: true,
    type: { family: "qwen2" },
    optimizer: { lr, warmupStepsProportion: warmupPart(1000, 10), weightDecay: 0.05, gradientClipping: 1 },
  });
}

/** A value function that starts from a policy's checkpoint. */
export function valueFunction(path: ModelPath, lr = 5e-6): ModelSpec {
  return model(path, {
    bf16: true,
    type: { family: "qwen2", isCritic: true },
    initCriticFromActor: true,
    optimizer: { lr, warmupStepsProportion: 0.02 },
  });
}

/** A model that only scores. */
export function scorer(path: ModelPath): ModelSpec {
  return frozen(model(path, { bf16: true, type: { family: "qwen2", isCritic: true }, initCriticFromActor: true }));
}
`;

const SFT_BASE = `import { CallOptions, CommonExperiment, flow, Option, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
import { perRank } from "./batch-math.ts";
import { DatasetOptions } from "./dataset-options.ts";
import { policy } from "./model-makers.ts";

/** Supervised fine-tuning as our teams run it. */
export abstract class SftBase extends CommonExperiment {
  override nGpusPerNode = 8;

  /** The model that is trained. */
  @Option() model = policy("qwen2.5-1.5b");
  /** Micro-batches of the train step. */
  @Option() allocation = new CallOptions();
  /** Training and validation data. */
  @Option() dataset = new DatasetOptions();

  /** Examples that each of \`ranks\` data-parallel ranks gets. */
  protected share(ranks: number): number {
    return perRank(this.dataset.batchSize, ranks);
  }

  override flow() {
    const { trainPath, validPath, maxSeqlen, batchSize, fillToMaxLength } = this.dataset;
    return flow({
      datasets: [promptAnswer({ maxLength: maxSeqlen, datasetPath: trainPath, fillToMaxLength })],
      evalDataset: promptAnswer({ maxLength: maxSeqlen, datasetPath: validPath }),
      models: { default: this.model },
      calls: { trainDefault: trainStep("default", sft(), { nSeqs: batchSize, allocation: this.allocation }) },
    });
  }
}
`;

const PPO_BASE = `import { CallOptions, CommonExperiment, Option } from "assay";
import { answersOf } from "./batch-math.ts";
import { PromptOptions } from "./dataset-options.ts";
import { GenerationOptions, roomFor } from "./generation-options.ts";
import { policy, scorer, valueFunction } from "./model-makers.ts";
import { PpoOptions } from "./ppo-options.ts";
import { RewardOptions } from "./reward-options.ts";

/** What all runs of reinforcement learning from rewards share. */
export abstract class PpoBase extends CommonExperiment {
  override nGpusPerNode = 8;

  /** The policy that is trained. */
  @Option() actor = policy("qwen2.5-1.5b");
  /** The value function. */
  @Option() critic = valueFunction("qwen2.5-1.5b");
  /** The model that scores answers. */
  @Option() rewardModel = scorer("qwen2.5-1.5b");
  /** Where prompts come from. */
  @Option() dataset = new PromptOptions();
  /** How answers are sampled. */
  @Option() generation = new GenerationOptions();
  /** Settings of the algorithm. */
  @Option() ppo = new PpoOptions();
  /** How answers are scored. */
  @Option() reward = new RewardOptions();
  /** Micro-batches of generation. */
  @Option() actorGen = new CallOptions();
  /** Micro-batches of the policy's training. */
  @Option() actorTrain = new CallOptions();

  /** Answers of a step. */
  get answers() {
    return answersOf(this.dataset.batchSize, this.generation.groupSize);
  }

  /** Longest answer that still fits the context. */
  get answerTokens() {
    return roomFor(this.dataset.maxPromptLen, this.generation.maxNewTokens);
  }

  /** Whether the reference model takes part. */
  get hasReference() {
    return this.ppo.klCtl > 0;
  }
}
`;

const TOPOLOGIES = `import { type ProcessTopology, processTopology } from "assay";

/** Topology of a model that trains on \`gpus\` GPUs, with \`tensor\` of them to a layer. */
export function trainingTopology(gpus: number, tensor: number): ProcessTopology {
  return processTopology({ layout: "pipe-data-tensor", pipe: 1, data: gpus / tensor, tensor });
}

/** The three ranks of worker \`index\`. */
export function ranksOf(topo: ProcessTopology, index: number) {
  const { data, tensor } = topo;
  return {
    tpRank: index % tensor,
    dpRank: Math.floor(index / tensor) % data,
    ppRank: Math.floor(index / (tensor * data)),
  };
}
`;

const SCHEDULING_DEFAULTS = `import {
  type ClusterSpec,
  type ExperimentScheduling,
  experimentScheduling,
  masterWorkerDefault,
  modelWorkerDefault,
  tasksGroup,
} from "assay";

/** One master and \`workers\` model workers; memory as the cluster's nodes allow. */
export function standardScheduling(cluster: ClusterSpec, workers: number, timeLimit: string): ExperimentScheduling {
  const memMiB = Math.floor((cluster.memMiBPerNode * 0.8) / cluster.gpusPerNode);
  return experimentScheduling({
    masterWorker: tasksGroup(1, masterWorkerDefault(cluster, { timeLimit })),
    modelWorker: tasksGroup(workers, modelWorkerDefault(cluster, { memMiB, timeLimit })),
  });
}
`;

const WORKER_MAKERS = `import { type ModelShard, modelName, modelShard, modelShardId, OptimizerOptions, type ProcessTopology } from "assay";
import { DistributedDataParallelOptions, inferenceBackend, megatron, MegatronOptions, realModel } from "assay/plugins";
import { ranksOf } from "./topologies.ts";

/** A checkpoint with what every worker says of it. */
export function checkpoint(modelPath: string) {
  return realModel({
    modelPath,
    isCritic: false,
    initCriticFromActor: false,
    dtype: "bf16",
    hfModelFamily: "qwen2",
    initFromScratch: false,
  });
}

/** Megatron with our defaults. */
export function trainingBackend(lr: number) {
  return megatron({
    ...new MegatronOptions(),
    bf16: true,
    optimizer: { ...new OptimizerOptions(), lr },
    ddp: { ...new DistributedDataParallelOptions() },
  } as never);
}

/** The shard of a role that worker \`index\` holds. */
export function shardOf(
  role: string,
  topo: ProcessTopology,
  index: number,
  { path, lr }: { readonly path: string; readonly lr: number | null },
): ModelShard {
  return modelShard({
    id: modelShardId({ modelName: modelName(role), topo, ...ranksOf(topo, index) }),
    model: checkpoint(path),
    backend: lr === null ? inferenceBackend() : trainingBackend(lr),
  });
}
`;

function interfacesModule(): string {
  const definitions = INTERFACES.map(
    ({ name, doc, type, args, calls }) =>
      `/** ${doc} */\nexport const ${name} = defineInterface(${literal({ type, args, calls })});\n`,
  );
  return `import { defineInterface } from "assay/plugin";\n\n${definitions.join("\n")}`;
}

function datasetsModule(): string {
  const definitions = DATASETS.map(
    ({ name, doc, type, args, yields, paths }) =>
      `/** ${doc} */\nexport const ${name} = defineDataset(${literal({ type, args, yields, paths })});\n`,
  );
  return `import { defineDataset } from "assay/plugin";\n\n${definitions.join("\n")}`;
}

function literal(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/"([A-Za-z]\w*)":/g, "$1:");
}
