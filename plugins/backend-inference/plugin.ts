import { defineBackend } from "assay/plugin";

/** Forward passes only. */
export const inferenceBackend = defineBackend({
  type: "inference",
  role: "inference",
  args: { type: "object", properties: {}, additionalProperties: false },
  memory: { weights: [{ bytes: [2], over: ["tensor", "pipe"] }], logitBytes: { forward: 4, train: 8 } },
  supports: {
    layers: "balanced",
    padsVocabulary: false,
    // Those that the workers can load, whatever runs on them.
    families: {
      codellama: null,
      deepseek: null,
      gemma: null,
      gpt2: null,
      llama: null,
      mistral: null,
      mixtral: null,
      qwen2: null,
      qwen3: null,
    },
  },
  shard: () => ({}),
});
