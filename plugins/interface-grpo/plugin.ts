import { defineInterface, generationConfigSchema } from "assay/plugin";

/**
 * Group relative policy optimization: several answers to each prompt, whose advantages are their rewards among one another. There is
 * no value function, and the distance from the reference is part of the loss. Prompts are `packed_input_ids` to it.
 */
export const grpo = defineInterface({
  type: "grpo",
  args: {
    type: "object",
    properties: {
      groupSize: { type: "integer", minimum: 2, description: "Answers to each prompt." },
      nMinibatches: { type: "integer", minimum: 1, description: "Parts that a batch is trained in, one update each." },
      generationConfig: generationConfigSchema,
      klCtl: { type: "number", minimum: 0, description: "Weight of the distance from the reference in the loss." },
      adaptiveKlCtl: { type: "boolean", description: "Adapts `klCtl` to the distance that is measured." },
      discount: { type: "number", minimum: 0, maximum: 1, description: "Discount of later rewards." },
      epsClip: {
        type: "number",
        minimum: 0,
        description: "Distance from 1 at which the ratio of probabilities is clipped.",
      },
      maxRewardClip: { type: "number", minimum: 0, description: "Size at which normalized rewards are clipped." },
      earlyStopImpRatio: {
        type: ["number", "null"],
        minimum: 0,
        description: "Ratio of probabilities at which an update is left out; none is if null.",
      },
      advNorm: { type: "boolean", description: "Normalizes advantages over the batch." },
      enableSave: {
        type: "boolean",
        description: "Whether saves write the model, as they do unless it is given; one that never changes needs none.",
      },
    },
    required: ["groupSize", "generationConfig"],
    additionalProperties: false,
  },
  generation: "generationConfig",
  group: { size: "groupSize", samples: "generationConfig.n" },
  loads: {
    generate: { sequences: ["groupSize"], newTokens: "generationConfig.maxNewTokens" },
    inference: { sequences: ["groupSize"] },
    trainStep: { sequences: ["groupSize"], minibatches: "nMinibatches" },
  },
  calls: {
    generate: {
      reads: { required: ["packed_input_ids"] },
      yields: { always: ["packed_input_ids", "packed_logprobs", "prompt_mask"], optional: ["packed_logits_mask"] },
    },
    inference: {
      reads: { required: ["packed_input_ids"], optional: ["packed_logits_mask"] },
      yields: { always: ["packed_ref_logprobs"] },
    },
    trainStep: {
      reads: {
        required: ["packed_input_ids", "packed_logprobs", "packed_ref_logprobs", "rewards", "prompt_mask"],
        optional: ["packed_logits_mask"],
      },
      yields: { always: [] },
    },
  },
});
