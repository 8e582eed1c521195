import { defineDataset, typed } from "assay/plugin";

/** Conversations, one JSON object a line. */
export const chatMessages = defineDataset({
  type: "chat_messages",
  args: typed<{ /** File of the conversations. */ path: string }>(),
  yields: ["packed_input_ids", "prompt_mask"],
});
