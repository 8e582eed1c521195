import { defineInterface } from "assay/plugin";
import { SHARED, sharedArguments } from "./arguments.ts";

/** The value function of proximal policy optimization: gives values, and is trained on returns. */
export const ppoCritic = defineInterface({
  type: "ppo_critic",
  args: {
    type: "object",
    properties: sharedArguments,
    required: SHARED,
    additionalProperties: false,
  },
  kl: { weight: "klCtl", reads: "packed_ref_logprobs" },
  loads: {
    inference: { sequences: ["groupSize"] },
    trainStep: { sequences: ["groupSize"], minibatches: "nMinibatches" },
  },
  calls: {
    inference: { reads: { required: ["packed_input_ids", "seq_no_eos_mask"] }, yields: { always: ["values"] } },
    trainStep: {
      reads: {
        required: ["packed_input_ids", "packed_logprobs", "rewards", "values", "prompt_mask", "seq_no_eos_mask"],
        optional: ["packed_ref_logprobs"],
      },
      yields: { always: [] },
    },
  },
});
