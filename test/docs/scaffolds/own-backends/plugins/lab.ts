import { defineBackend, defineInterface, generationConfigSchema } from "assay/plugin";

/** Options of `sharded`. */
export class ShardedOptions {
  /** Ranks that share a sequence. */
  sequenceSize = 1;
}

/** Options of `beside`. */
export class BesideOptions {
  /** Generates on the GPUs that train. */
  hybridTrain = false;
}

declare module "assay" {
  interface BackendGroups {
    sharded: ShardedOptions;
    beside: BesideOptions;
    alone: BesideOptions;
  }
}

/** Trains; ranks exchange heads for parts of a sequence. */
export const sharded = defineBackend({
  type: "sharded",
  role: "train",
  options: ShardedOptions,
  args: {
    type: "object",
    properties: { sequenceSize: { type: "integer", minimum: 1 } },
    required: ["sequenceSize"],
    additionalProperties: false,
  },
  shard: ({ model }) => ({ sequenceSize: model["sharded"] === undefined ? 1 : (model["sharded"] as ShardedOptions).sequenceSize }),
  supports: { degrees: { sequence: "sequenceSize" } },
});

/** Generates on GPUs that train, one replica for each of theirs. */
export const beside = defineBackend({
  type: "beside",
  role: "generate",
  hybridTrain: true,
  options: BesideOptions,
  args: { type: "object", properties: { modelPath: { type: "string" } }, required: ["modelPath"], additionalProperties: false },
  shard: ({ model }) => ({ modelPath: String(model["path"]) }),
  supports: { sharing: "equalReplicas" },
});

/** Generates on GPUs of its own only. */
export const alone = defineBackend({
  type: "alone",
  role: "generate",
  hybridTrain: true,
  options: BesideOptions,
  args: { type: "object", properties: { modelPath: { type: "string" } }, required: ["modelPath"], additionalProperties: false },
  shard: ({ model }) => ({ modelPath: String(model["path"]) }),
  supports: { sharing: "never" },
});

/** A policy whose answers are punished towards their end. */
export const policy = defineInterface({
  type: "policy",
  args: {
    type: "object",
    properties: { overlongTokens: { type: "integer", minimum: 0 }, generationConfig: generationConfigSchema },
    required: ["overlongTokens", "generationConfig"],
    additionalProperties: false,
  },
  generation: "generationConfig",
  overlongBuffer: "overlongTokens",
  calls: {
    generate: {
      reads: { required: ["packed_prompts"] },
      yields: { always: ["packed_input_ids", "packed_logprobs", "prompt_mask"] },
    },
    trainStep: {
      reads: { required: ["packed_input_ids", "packed_logprobs", "prompt_mask"] },
      yields: { always: [] },
    },
  },
});
