import { defineDataset } from "assay/plugin";

/** Prompts with their answers, one JSON object a line: `{"prompt": ..., "answer": ...}`. Loss is taken on answers. */
export const promptAnswer = defineDataset({
  type: "prompt_answer",
  args: {
    type: "object",
    properties: {
      maxLength: { type: "integer", minimum: 1, description: "Longest prompt with its answer, in tokens." },
      datasetPath: { type: "string", description: "File of the examples." },
      fillToMaxLength: { type: "boolean", description: "Pads every example to the longest length." },
    },
    required: ["maxLength", "datasetPath"],
    additionalProperties: false,
  },
  yields: ["packed_input_ids", "prompt_mask"],
  paths: ["datasetPath"],
  maxTokens: "maxLength",
  columns: {
    prompt: { type: "string", maxTokens: "maxLength" },
    answer: { type: "string", maxTokens: "maxLength" },
  },
});
