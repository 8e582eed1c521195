import type { BackendMemory } from "assay/plugin";

const MODEL = ["tensor", "pipe"] as const;
const MODEL_AND_DATA = ["tensor", "pipe", "data"] as const;
const DISTRIBUTED = { "ddp.useDistributedOptimizer": true } as const;
/** Main parameters and both moments of Adam in 32 bits. */
const ADAM = [4, 4, 4] as const;

/**
 * Memory of models on Megatron, as `megatron/training/theoretical_memory_usage.py` has it: weights in 16 bits, gradients in 32 where they are
 * reduced so, and 12 bytes of optimizer, which the distributed optimizer shares out over the data ranks. The precision-aware
 * optimizer keeps what its types say. A pipeline trains on twice as many micro-batches as it has stages.
 */
export const megatronMemory: BackendMemory = {
  weights: [{ bytes: [2], over: MODEL }],
  gradients: [
    { when: { optimizer: null }, bytes: [0], over: MODEL },
    { when: { "optimizer.type": "empty" }, bytes: [0], over: MODEL },
    { when: { "ddp.gradReduceInFp32": true }, bytes: [4], over: MODEL },
    { bytes: [2], over: MODEL },
  ],
  optimizer: [
    { when: { optimizer: null }, bytes: [0], over: MODEL },
    { when: { "optimizer.type": "empty" }, bytes: [0], over: MODEL },
    { when: { "optimizer.offload": true }, bytes: ADAM, over: MODEL_AND_DATA, on: "host" },
    {
      when: { ...DISTRIBUTED, usePrecisionAwareOptimizer: true },
      bytes: [{ typeOf: "mainParamsDtype" }, { typeOf: "expAvgDtype" }, { typeOf: "expAvgSqDtype" }],
      over: MODEL_AND_DATA,
    },
    { when: DISTRIBUTED, bytes: ADAM, over: MODEL_AND_DATA },
    { bytes: ADAM, over: MODEL },
  ],
  logitBytes: { forward: 4, train: 8 },
  pipelineBatches: { forward: 1, train: 2 },
  cacheBytes: 2,
};
