import { defineAgent, generationConfigSchema } from "assay/plugin";

/** Answers a task once, with a group of answers, and leaves out groups that are too easy or too hard. */
export const mathSingleStep = defineAgent({
  type: "math-single-step",
  generation: "gconfig",
  args: {
    type: "object",
    properties: {
      gconfig: generationConfigSchema,
      tokenizerPath: { type: "string", description: "Tokenizer of prompts and answers." },
      successRateLb: {
        type: "number",
        minimum: 0,
        maximum: 1,
        description: "Part of a group that must be right for the group to be kept, at least.",
      },
      successRateUb: {
        type: "number",
        minimum: 0,
        maximum: 1,
        description: "Part of a group that may be right for the group to be kept, at most.",
      },
      rewardScaling: { type: "number", description: "Factor of rewards, after the bias was added." },
      rewardBias: { type: "number", description: "Added to rewards." },
    },
    required: ["gconfig", "tokenizerPath", "successRateLb", "successRateUb", "rewardScaling", "rewardBias"],
    additionalProperties: false,
  },
});
