import { defineInterface } from "assay/plugin";

/** A learned reward: trained on pairs to score the better answer higher, it then scores whatever is generated. */
export const pairedRw = defineInterface({
  type: "paired_rw",
  args: {
    type: "object",
    properties: {
      outputScaling: { type: "number", description: "Factor of rewards, after the bias was taken; 1 unless given." },
      outputBias: { type: "number", description: "Taken from rewards; 0 unless given." },
      enableSave: {
        type: "boolean",
        description: "Whether saves write the model, as they do unless it is given; one that never changes needs none.",
      },
    },
    additionalProperties: false,
  },
  calls: {
    inference: { reads: { required: ["packed_input_ids"] }, yields: { always: ["rewards"] } },
    trainStep: { reads: { required: ["packed_input_ids"] }, yields: { always: [] } },
    evaluate: { reads: { required: ["packed_input_ids"] }, yields: { always: [] } },
  },
});
