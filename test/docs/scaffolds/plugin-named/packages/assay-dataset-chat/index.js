import { defineDataset } from "assay/plugin";

export const chatMessages = defineDataset({
  type: "chat_messages",
  args: {
    type: "object",
    properties: { path: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
  yields: ["packed_input_ids", "prompt_mask"],
});
