import { defineModel } from "assay/plugin";

/** A tokenizer without parameters: what the shards of a generation engine need beside the engine. */
export const tokenizer = defineModel({
  type: "tokenizer",
  holds: "tokenizer",
  args: {
    type: "object",
    properties: { tokenizerPath: { type: "string" } },
    required: ["tokenizerPath"],
    additionalProperties: false,
  },
  shard: ({ tokenizerPath }) => ({ tokenizerPath }),
});
