import { defineDataset } from "assay/plugin";

/** Prompts, one JSON object a line: `{"id": ..., "prompt": ...}`. */
export const prompt = defineDataset({
  type: "prompt",
  args: {
    type: "object",
    properties: {
      datasetPath: { type: "string", description: "File of the prompts." },
      maxLength: { type: "integer", minimum: 1, description: "Longest prompt, in tokens; longer ones are cut." },
      fillToMaxLength: { type: "boolean", description: "Pads every prompt to the longest length." },
    },
    required: ["datasetPath", "maxLength"],
    additionalProperties: false,
  },
  yields: ["packed_prompts"],
  paths: ["datasetPath"],
  maxTokens: "maxLength",
  columns: { id: { type: ["string", "integer"] }, prompt: { type: "string", maxTokens: "maxLength" } },
});
