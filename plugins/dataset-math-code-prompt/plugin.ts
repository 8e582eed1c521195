import { defineDataset } from "assay/plugin";

/** Prompts of mathematics and programming, each with the id of its task, under which its solutions are known. */
export const mathCodePrompt = defineDataset({
  type: "math_code_prompt",
  args: {
    type: "object",
    properties: {
      datasetPath: { type: "string", description: "File of the prompts." },
      maxLength: { type: "integer", minimum: 1, description: "Longest prompt, in tokens." },
      filterThreshold: {
        type: "number",
        minimum: 0,
        description: "Score above which a prompt counts as solved and may be left out from then on.",
      },
      maxFilterPercentage: {
        type: "number",
        minimum: 0,
        maximum: 1,
        description: "Part of the prompts that an epoch leaves out, at most.",
      },
    },
    required: ["datasetPath", "maxLength"],
    additionalProperties: false,
  },
  yields: ["packed_prompts", "task_ids"],
  paths: ["datasetPath"],
  maxTokens: "maxLength",
  columns: {
    prompt: { type: "string", maxTokens: "maxLength" },
    query_id: { type: ["string", "integer"] },
    // Those without are mathematics.
    task: { type: "string", values: ["math", "code"], optional: true },
    solutions: { type: "array", items: "string", rows: { task: "math" } },
    input_output: { type: "string", rows: { task: "code" } },
  },
});
