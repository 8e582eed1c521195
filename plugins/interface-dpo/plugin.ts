import { defineInterface } from "assay/plugin";

/**
 * Direct preference optimization: a reference gives the log-probability of each answer, and the policy is trained to prefer the
 * better answer of a pair by more than the reference does.
 */
export const dpo = defineInterface({
  type: "dpo",
  args: {
    type: "object",
    properties: {
      beta: {
        type: "number",
        exclusiveMinimum: 0,
        description: "Weight of the distance from the reference: the larger, the closer the policy stays.",
      },
      enableSave: {
        type: "boolean",
        description: "Whether saves write the model, as they do unless it is given; one that never changes needs none.",
      },
    },
    required: ["beta"],
    additionalProperties: false,
  },
  calls: {
    inference: { reads: { required: ["packed_input_ids", "prompt_lens"] }, yields: { always: ["seqlogp"] } },
    trainStep: {
      reads: { required: ["packed_input_ids", "seqlogp", "prompt_lens"] },
      yields: { always: [] },
    },
  },
});
