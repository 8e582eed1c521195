import { defineEnvironment } from "assay/plugin";

/** Tells of an answer to a mathematical or programming task whether it is right. */
export const mathCodeSingleStep = defineEnvironment({
  type: "math-code-single-step",
  args: {
    type: "object",
    properties: { datasetPath: { type: "string", description: "File of the tasks with their solutions." } },
    required: ["datasetPath"],
    additionalProperties: false,
  },
});
