import { defineInterface, generationConfigSchema } from "assay/plugin";
import { SHARED, sharedArguments } from "./arguments.ts";

/** Arguments that only training needs, all of them; generation needs the rest. */
const TRAINING = [
  ...SHARED.filter((name) => name !== "groupSize"),
  "epsClip",
  "earlyStopImpRatio",
  "advNorm",
  "generationSize",
  "groupAdvNorm",
  "cClip",
];

/** The policy of proximal policy optimization: generates, gives log-probabilities, and is trained. */
export const ppoActor = defineInterface({
  type: "ppo_actor",
  args: {
    type: "object",
    properties: {
      ...sharedArguments,
      epsClip: {
        type: "number",
        minimum: 0,
        description: "Distance from 1 at which the ratio of probabilities is clipped.",
      },
      generationConfig: generationConfigSchema,
      earlyStopImpRatio: {
        type: "number",
        minimum: 0,
        description: "Ratio of probabilities at which an update is left out.",
      },
      advNorm: { type: "boolean", description: "Normalizes advantages over the batch." },
      generationSize: {
        type: ["integer", "null"],
        minimum: 1,
        description: "Answers generated for each prompt, of which `groupSize` are trained on; as many if null.",
      },
      groupAdvNorm: { type: "boolean", description: "Normalizes advantages within the answers to a prompt." },
      cClip: {
        type: ["number", "null"],
        minimum: 0,
        description: "Bound of the loss where the advantage is negative (dual clip); none if null.",
      },
      enableSave: {
        type: "boolean",
        description: "Whether saves write the model, as they do unless it is given; one that never changes needs none.",
      },
    },
    // Evaluation generates and no more. Whoever gives one argument of training gives all.
    required: ["generationConfig", "groupSize"],
    dependentRequired: Object.fromEntries(TRAINING.map((name) => [name, TRAINING])),
    additionalProperties: false,
  },
  generation: "generationConfig",
  group: {
    size: "groupSize",
    generated: "generationSize",
    samples: "generationConfig.n",
    normalizes: "groupAdvNorm",
  },
  kl: { weight: "klCtl", reads: "packed_ref_logprobs" },
  correction: "proximal_logprobs",
  loads: {
    generate: { sequences: ["generationSize", "groupSize"], newTokens: "generationConfig.maxNewTokens" },
    inference: { sequences: ["groupSize"] },
    trainStep: { sequences: ["groupSize"], minibatches: "nMinibatches" },
  },
  calls: {
    generate: {
      reads: { required: ["packed_prompts", "task_ids"] },
      yields: {
        always: ["seq_no_eos_mask", "packed_input_ids", "prompt_mask"],
        optional: ["packed_logprobs", "packed_logits_mask"],
      },
    },
    inference: {
      reads: { required: ["packed_input_ids"], optional: ["packed_logits_mask"] },
      yields: { always: ["logprobs"] },
    },
    trainStep: {
      reads: {
        required: ["packed_input_ids", "packed_logprobs", "rewards", "task_ids", "prompt_mask", "seq_no_eos_mask"],
        optional: [
          "packed_ref_logprobs",
          "values",
          "proximal_logprobs",
          "packed_logits_mask",
          "version_start",
          "version_end",
        ],
      },
      yields: { always: [] },
    },
  },
});
