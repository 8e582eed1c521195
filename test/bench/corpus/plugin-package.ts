import { PLUGIN_API_VERSION, type PluginDescriptor, type PluginTypeDescriptor } from "assay/plugin";

/** Name of the package whose descriptor says what the corpus' own types are. */
export const PLUGIN_PACKAGE = "assay-bench-plugins";

const VERSION = "1.0.0";

/** Interfaces of the corpus: name of the factory, type, arguments, and the keys of each kind of call. */
export const INTERFACES = [
  {
    name: "benchActor",
    doc: "A policy under PPO.",
    type: "bench_ppo_actor",
    args: {
      type: "object",
      properties: {
        klCtl: { type: "number", minimum: 0 },
        epsClip: { type: "number", exclusiveMinimum: 0, maximum: 1 },
        nMinibatches: { type: "integer", minimum: 1 },
        maxNewTokens: { type: "integer", minimum: 1 },
        temperature: { type: "number", minimum: 0 },
        disableValue: { type: "boolean" },
      },
      required: ["klCtl", "epsClip"],
      additionalProperties: false,
    },
    calls: {
      generate: {
        reads: { required: ["packed_prompts"], optional: ["task_ids"] },
        yields: {
          always: ["seq_no_eos_mask", "packed_input_ids", "packed_logprobs", "prompt_mask"],
          optional: ["packed_logits_mask"],
        },
      },
      inference: {
        reads: { required: ["packed_input_ids"], optional: ["packed_logits_mask"] },
        yields: { always: ["logprobs"], optional: [] },
      },
      trainStep: {
        reads: {
          required: ["packed_input_ids", "packed_logprobs", "rewards", "prompt_mask", "seq_no_eos_mask"],
          optional: ["packed_ref_logprobs", "proximal_logprobs", "values", "task_ids", "safety_scores"],
        },
        yields: { always: [], optional: [] },
      },
    },
  },
  {
    name: "benchCritic",
    doc: "A value function under PPO.",
    type: "bench_ppo_critic",
    args: {
      type: "object",
      properties: {
        valueEpsClip: { type: "number", exclusiveMinimum: 0 },
        nMinibatches: { type: "integer", minimum: 1 },
      },
      required: ["valueEpsClip"],
      additionalProperties: false,
    },
    calls: {
      inference: {
        reads: { required: ["packed_input_ids", "seq_no_eos_mask"], optional: [] },
        yields: { always: ["values"], optional: [] },
      },
      trainStep: {
        reads: {
          required: ["packed_input_ids", "packed_logprobs", "rewards", "values", "prompt_mask", "seq_no_eos_mask"],
          optional: ["packed_ref_logprobs"],
        },
        yields: { always: [], optional: [] },
      },
    },
  },
  {
    name: "benchReward",
    doc: "Rewards of finished answers.",
    type: "bench_reward",
    args: {
      type: "object",
      properties: {
        datasetPath: { type: "string" },
        scaling: { type: "number" },
        bias: { type: "number" },
        groupSize: { type: "integer", minimum: 1 },
      },
      required: ["datasetPath"],
      additionalProperties: false,
    },
    calls: {
      inference: {
        reads: { required: ["packed_input_ids"], optional: ["packed_prompts", "task_ids"] },
        yields: { always: ["rewards"], optional: [] },
      },
    },
  },
  {
    name: "benchSafety",
    doc: "Scores answers by a safety model.",
    type: "bench_safety",
    args: {
      type: "object",
      properties: { threshold: { type: "number", minimum: 0, maximum: 1 } },
      required: ["threshold"],
      additionalProperties: false,
    },
    calls: {
      inference: {
        reads: { required: ["packed_input_ids"], optional: [] },
        yields: { always: ["safety_scores"], optional: [] },
      },
    },
  },
  {
    name: "benchDpo",
    doc: "Direct preference optimization.",
    type: "bench_dpo",
    args: {
      type: "object",
      properties: { beta: { type: "number", exclusiveMinimum: 0 }, labelSmoothing: { type: "number", minimum: 0 } },
      required: ["beta"],
      additionalProperties: false,
    },
    calls: {
      inference: {
        reads: { required: ["packed_input_ids", "prompt_lens"], optional: [] },
        yields: { always: ["seqlogp"], optional: [] },
      },
      trainStep: {
        reads: { required: ["packed_input_ids", "prompt_lens", "seqlogp"], optional: [] },
        yields: { always: [], optional: [] },
      },
    },
  },
] as const;

/** Datasets of the corpus. */
export const DATASETS = [
  {
    name: "benchPrompts",
    doc: "Prompts with the tasks that they belong to.",
    type: "bench_prompts",
    args: {
      type: "object",
      properties: { datasetPath: { type: "string" }, maxLength: { type: "integer", minimum: 1 } },
      required: ["datasetPath", "maxLength"],
      additionalProperties: false,
    },
    yields: ["packed_prompts", "task_ids"],
    paths: ["datasetPath"],
  },
  {
    name: "benchPairs",
    doc: "Pairs of a better and a worse answer.",
    type: "bench_pairs",
    args: {
      type: "object",
      properties: {
        datasetPath: { type: "string" },
        maxLength: { type: "integer", minimum: 1 },
        maxPairsPerPrompt: { type: "integer", minimum: 1 },
      },
      required: ["datasetPath", "maxLength"],
      additionalProperties: false,
    },
    yields: ["packed_input_ids", "prompt_lens"],
    paths: ["datasetPath"],
  },
] as const;

/** The package's two files, by path inside its folder: it ships a descriptor and no code. */
export function pluginPackage(): ReadonlyMap<string, string> {
  return new Map([
    ["package.json", json({ name: PLUGIN_PACKAGE, version: VERSION, type: "module" })],
    ["assay-plugin.json", json(pluginDescriptor())],
  ]);
}

/** What the package says of its types. */
export function pluginDescriptor(): PluginDescriptor {
  const interfaces = INTERFACES.map(
    ({ type, args, calls }) => ({ kind: "interface", type, args, facts: { calls } }) as unknown as PluginTypeDescriptor,
  );
  const datasets = DATASETS.map(
    ({ type, args, yields, paths }) =>
      ({ kind: "dataset", type, args, facts: { yields, paths } }) as unknown as PluginTypeDescriptor,
  );
  return {
    assayPlugin: PLUGIN_API_VERSION,
    package: PLUGIN_PACKAGE,
    version: VERSION,
    types: [...datasets, ...interfaces],
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
