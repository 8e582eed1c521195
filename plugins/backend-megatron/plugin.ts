import { defineBackend } from "assay/plugin";
import { MegatronOptions } from "./options.ts";
import { WORKER_FAMILIES } from "./families.ts";
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
  supports: {
    layers: "balanced",
    padsVocabulary: false,
    families: WORKER_FAMILIES,
    degrees: {
      context: "contextParallelSize",
      expert: "expertParallelSize",
      expertTensor: "expertTensorParallelSize",
      virtualPipe: "virtualPipelineParallelSize",
    },
  },
  shard: ({ model }) =>
    ({ bf16: model["bf16"], optimizer: model["optimizer"], ...withoutDefaults(model["megatron"] as object) }) as never,
});

/** Degrees that split nothing, which workers without them take for granted. */
const UNSPLIT: Readonly<Record<string, unknown>> = {
  contextParallelSize: 1,
  expertParallelSize: 1,
  expertTensorParallelSize: null,
  virtualPipelineParallelSize: 1,
};

function withoutDefaults(options: object): object {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !(name in UNSPLIT) || UNSPLIT[name] !== value),
  );
}

export { DistributedDataParallelOptions, MegatronOptions } from "./options.ts";
