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
