import { defineInterface } from "assay/plugin";

/** Rewards of answers to mathematical and programming tasks, from a verifier that knows their solutions. */
export const rwMathCode = defineInterface({
  type: "rw-math-code",
  args: {
    type: "object",
    properties: {
      datasetPath: { type: "string", description: "File of the tasks with their solutions." },
      tokenizerPath: { type: "string", description: "Tokenizer by which answers become text." },
      outputScaling: { type: "number", description: "Factor of rewards, after the bias was added; 1 unless given." },
      outputBias: { type: "number", description: "Added to rewards; 0 unless given." },
      rwType: { enum: ["sparse", null], description: "`sparse`: one reward at the end of an answer." },
      checkXmlFormat: { type: "boolean", description: "Refuses answers that are not in the expected XML form." },
      groupSize: { type: "integer", minimum: 1, description: "Answers to each prompt." },
      checkVerifierStatus: {
        type: "boolean",
        description: "Fails when the verifier does, instead of giving no reward.",
      },
    },
    required: ["datasetPath", "tokenizerPath", "rwType", "checkXmlFormat", "groupSize", "checkVerifierStatus"],
    additionalProperties: false,
  },
  // Answers are judged as texts.
  loads: { inference: { runs: false } },
  calls: {
    inference: {
      reads: { required: ["packed_input_ids", "packed_prompts", "task_ids"] },
      yields: { always: ["rewards"] },
    },
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
