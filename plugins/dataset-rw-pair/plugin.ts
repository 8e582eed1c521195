import { defineDataset } from "assay/plugin";

/**
 * Prompts with answers in pairs, one JSON object a line: `{"prompt": ..., "pos_answers": [...], "neg_answers": [...]}`. The
 * first answer of the one list is preferred to the first of the other, and so on.
 */
export const rwPair = defineDataset({
  type: "rw_pair",
  args: {
    type: "object",
    properties: {
      datasetPath: { type: "string", description: "File of the pairs." },
      maxLength: { type: "integer", minimum: 1, description: "Longest prompt with one of its answers, in tokens." },
      maxPairsPerPrompt: {
        type: "integer",
        minimum: 1,
        description: "Pairs of a prompt that a batch takes, at most; chosen anew each time.",
      },
    },
    required: ["datasetPath", "maxLength"],
    additionalProperties: false,
  },
  yields: ["packed_input_ids", "prompt_lens"],
  paths: ["datasetPath"],
  maxTokens: "maxLength",
  columns: {
    prompt: { type: "string", maxTokens: "maxLength" },
    pos_answers: { type: "array", items: "string" },
    neg_answers: { type: "array", items: "string", sameLengthAs: "pos_answers" },
  },
});
