import { defineBackend } from "assay/plugin";

/** Forward passes only. */
export const inferenceBackend = defineBackend({
  type: "inference",
  role: "inference",
  args: { type: "object", properties: {}, additionalProperties: false },
  memory: { weights: [{ bytes: [2], over: ["tensor", "pipe"] }], logitBytes: { forward: 4, train: 8 } },
  shard: () => ({}),
});
