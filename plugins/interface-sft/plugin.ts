import { defineInterface } from "assay/plugin";

/** Supervised fine-tuning: next-token loss on answers. */
export const sft = defineInterface({
  type: "sft",
  args: { type: "object", properties: {}, additionalProperties: false },
  calls: {
    trainStep: {
      reads: { required: ["packed_input_ids", "prompt_mask"] },
      yields: { always: [] },
    },
    evaluate: {
      reads: { required: ["packed_input_ids", "prompt_mask"] },
      yields: { always: [] },
    },
  },
});
