import { defineBackend } from "assay/plugin";
import { VllmOptions } from "./options.ts";

declare module "assay" {
  interface BackendGroups {
    vllm: VllmOptions;
  }
}

/** Generates with vLLM. */
export const vllm = defineBackend({
  type: "vllm",
  role: "generate",
  hybridTrain: true,
  options: VllmOptions,
  args: {
    type: "object",
    properties: {
      modelPath: { type: "string" },
      maxNumSeqs: { type: "integer" },
      dtype: { type: "string" },
      kvCacheType: { type: "string" },
      numSchedulerSteps: { type: "integer" },
      multiStepStreamOutputs: { type: "boolean" },
      blockSize: { type: "integer" },
      swapSpace: { type: "integer" },
      cpuOffloadGb: { type: "number" },
      maxSeqLenToCapture: { type: "integer" },
      disableSlidingWindow: { type: "boolean" },
      maxModelLen: { type: ["integer", "null"] },
      enableChunkedPrefill: { type: "boolean" },
      enablePrefixCaching: { type: "boolean" },
      gpuMemoryUtilization: { type: "number" },
      enforceEager: { type: "boolean" },
      hybridTrain: { type: "boolean" },
      additionalEngineArgs: { type: "object" },
    },
    required: [
      "modelPath",
      "maxNumSeqs",
      "dtype",
      "kvCacheType",
      "numSchedulerSteps",
      "multiStepStreamOutputs",
      "blockSize",
      "swapSpace",
      "cpuOffloadGb",
      "maxSeqLenToCapture",
      "disableSlidingWindow",
      "maxModelLen",
      "enableChunkedPrefill",
      "enablePrefixCaching",
      "gpuMemoryUtilization",
      "enforceEager",
      "hybridTrain",
      "additionalEngineArgs",
    ],
    additionalProperties: false,
  },
  shard: ({ model, apart }) =>
    ({
      modelPath: model.path,
      ...(model["vllm"] as object),
      ...(apart ? { hybridTrain: false } : {}),
    }) as never,
  supports: {
    axes: ["data", "tensor"],
    keyValueHeads: "copied",
    padsVocabulary: true,
    contextLength: "maxModelLen",
    release: "0.8.5",
    families: {
      codellama: null,
      deepseek: null,
      deepseek_v3: "0.6.6",
      gemma: null,
      gpt2: null,
      llama: null,
      mistral: null,
      mixtral: null,
      qwen2: null,
      qwen3: "0.8.4",
      qwen3_moe: "0.8.4",
    },
  },
  memory: {
    weights: [{ bytes: [{ typeOf: "dtype" }], over: ["tensor", "pipe"] }],
    pool: {
      fraction: "gpuMemoryUtilization",
      fractionIfNull: 0.9,
      holds: "everything",
      weightsType: "dtype",
      cacheType: "kvCacheType",
      path: "modelPath",
      freedBy: "hybridTrain",
    },
  },
  captures: { limit: "maxSeqLenToCapture", unless: "enforceEager" },
});

export { VllmOptions } from "./options.ts";
