import { defineInterface } from "assay/plugin";

/** Does nothing with its model, and gives made-up values: for measuring all that is around a model. */
export const nullInterface = defineInterface({
  type: "null",
  args: { type: "object", properties: {}, additionalProperties: false },
  loads: { generate: { runs: false }, inference: { runs: false }, trainStep: { runs: false } },
  calls: {
    generate: { reads: "any", yields: "any" },
    inference: { reads: "any", yields: "any" },
    trainStep: { reads: "any", yields: "any" },
  },
});
