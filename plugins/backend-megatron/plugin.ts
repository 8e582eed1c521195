import { defineBackend } from "assay/plugin";
import { MegatronOptions } from "./options.ts";
import { megatronMemory } from "./memory.ts";
import { megatronArgs } from "./schema.ts";

declare module "assay" {
  interface BackendGroups {
    megatron: MegatronOptions;
  }
}

/** Trains with Megatron: tensor, pipeline and data parallelism. */
export const megatron = defineBackend({
  type: "megatron",
  role: "train",
  gradientAccumulationFusion: true,
  options: MegatronOptions,
  args: megatronArgs,
  memory: megatronMemory,
  shard: ({ model }) =>
    ({ bf16: model["bf16"], optimizer: model["optimizer"], ...(model["megatron"] as object) }) as never,
});

export { DistributedDataParallelOptions, MegatronOptions } from "./options.ts";
