import { defineBackend } from "assay/plugin";

/** Forward passes only. */
export const inferenceBackend = defineBackend({
  type: "inference",
  role: "inference",
  args: { type: "object", properties: {}, additionalProperties: false },
  shard: () => ({}),
});
