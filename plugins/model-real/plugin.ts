import { defineModel } from "assay/plugin";

interface ModelType {
  readonly isCritic: boolean;
}

/** A model with real parameters, from a checkpoint or from scratch. */
export const realModel = defineModel({
  type: "real_model",
  holds: "weights",
  path: "modelPath",
  family: "hfModelFamily",
  critic: "isCritic",
  args: {
    type: "object",
    properties: {
      modelPath: { type: "string", description: "Checkpoint on the cluster." },
      isCritic: { type: "boolean", description: "Has a value head." },
      initCriticFromActor: { type: "boolean", description: "Makes the critic from an actor's checkpoint." },
      dtype: { type: "string", enum: ["bf16", "fp16"], description: "Type of the parameters." },
      hfModelFamily: { type: "string", description: "Family whose code reads the checkpoint." },
      initFromScratch: { type: "boolean", description: "Starts from random parameters." },
    },
    required: ["modelPath", "isCritic", "initCriticFromActor", "dtype", "hfModelFamily", "initFromScratch"],
    additionalProperties: false,
  },
  shard: ({ model, family }) => ({
    modelPath: model.path,
    isCritic: (model["type"] as unknown as ModelType).isCritic,
    initCriticFromActor: model["initCriticFromActor"] === true,
    dtype: model["bf16"] === true ? ("bf16" as const) : ("fp16" as const),
    hfModelFamily: family,
    initFromScratch: model["initFromScratch"] === true,
  }),
});
