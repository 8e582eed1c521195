import { defineDataset, defineInterface } from "assay/plugin";

/** Prompts, each with the collection that it is from. */
export const writing = defineDataset({
  type: "writing",
  args: { type: "object", properties: { path: { type: "string" } }, required: ["path"], additionalProperties: false },
  yields: ["packed_prompts"],
  paths: ["path"],
  columns: { prompt: { type: "string" }, source: { type: "string" } },
});

/** Scores what each collection wants. */
export const graded = defineInterface({
  type: "graded",
  args: { type: "object", properties: {}, additionalProperties: false },
  calls: { inference: { reads: { required: ["packed_prompts"] }, yields: { always: ["rewards"] } } },
  covers: { source: ["jokes", "poems"] },
});
