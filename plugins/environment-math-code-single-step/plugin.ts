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
  covers: { task: ["math", "code"] },
  env: {
    // Empty: answers are judged by the worker itself.
    FUNCTIONCALL_SERVICE_DOMAIN: {
      pattern: String.raw`^$|^https?://([^\s/:[\]]+|\[[0-9A-Fa-f:.]+\]):\d+$`,
      what: "an address of the form http://host:port or https://host:port",
    },
  },
});
