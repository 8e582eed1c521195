import type { BackendMemory, SplitAxis } from "../../../src/memory/facts.ts";

const MODEL: readonly SplitAxis[] = ["tensor", "pipe"];
const DATA: readonly SplitAxis[] = ["tensor", "data"];

/** A backend that shards parts of the state over the data ranks by stages of ZeRO (arXiv:1910.02054), 16 bytes a parameter. */
export function zero(stage: 0 | 1 | 2 | 3): BackendMemory {
  const over = (from: number) => (stage >= from ? DATA : (["tensor"] as const));
  return {
    weights: [{ bytes: [2], over: over(3) }],
    gradients: [{ bytes: [2], over: over(2) }],
    optimizer: [{ bytes: [12], over: over(1) }],
    ...(stage === 3 ? { gathered: [{ bytes: [2], over: ["tensor"] as const }] } : {}),
  };
}

/** What a third party's DeepSpeed backend would say: the stage and where the optimizer is are arguments. */
export const DEEPSPEED: BackendMemory = {
  weights: [
    { when: { zeroStage: 3, "offload.weights": true }, bytes: [2], over: DATA, on: "host" },
    { when: { zeroStage: 3 }, bytes: [2], over: DATA },
    { bytes: [2], over: ["tensor"] },
  ],
  gradients: [
    { when: { zeroStage: 3 }, bytes: [4], over: DATA },
    { when: { zeroStage: 2 }, bytes: [4], over: DATA },
    { bytes: [4], over: ["tensor"] },
  ],
  optimizer: [
    { when: { "offload.optimizer": true }, bytes: [12], over: DATA, on: "host" },
    { when: { zeroStage: 0 }, bytes: [12], over: ["tensor"] },
    { bytes: [12], over: DATA },
  ],
  gathered: [{ when: { zeroStage: 3 }, bytes: [2], over: ["tensor"] }],
};

/** AReaL's FSDP in bfloat16: moments in 16 bits, no main parameters. */
export const FSDP_BF16: BackendMemory = {
  weights: [{ bytes: [2], over: DATA }],
  gradients: [{ bytes: [2], over: DATA }],
  optimizer: [{ bytes: [2, 2], over: DATA }],
};

/** FSDP with main parameters in float32, as verl and NeMo-RL have it. */
export const FSDP_FP32: BackendMemory = {
  weights: [{ bytes: [4], over: DATA }],
  gradients: [{ bytes: [4], over: DATA }],
  optimizer: [{ bytes: [4, 4], over: DATA }],
};

/** Megatron without its distributed optimizer. */
export const MEGATRON_PLAIN: BackendMemory = {
  weights: [{ bytes: [2], over: MODEL }],
  gradients: [{ bytes: [4], over: MODEL }],
  optimizer: [{ bytes: [12], over: MODEL }],
};
