import { defineBackend } from "assay/plugin";

interface Optimizer {
  readonly lr: number;
  readonly weightDecay: number;
  readonly eps: number;
  readonly beta1: number;
  readonly beta2: number;
}

/** Trains on the CPU without parallelism: for tests of everything around it. */
export const mockTrain = defineBackend({
  type: "mock_train",
  role: "train",
  args: {
    type: "object",
    properties: {
      optimizerName: { type: "string", enum: ["adam"] },
      optimizerConfig: {
        type: "object",
        properties: {
          lr: { type: "number" },
          weightDecay: { type: "number" },
          eps: { type: "number" },
          betas: { type: "array", items: { type: "number" } },
        },
        required: ["lr", "weightDecay", "eps", "betas"],
        additionalProperties: false,
      },
    },
    required: ["optimizerName", "optimizerConfig"],
    additionalProperties: false,
  },
  shard: ({ model }) => {
    const { lr, weightDecay, eps, beta1, beta2 } = (model["optimizer"] ?? {}) as unknown as Optimizer;
    return { optimizerName: "adam" as const, optimizerConfig: { lr, weightDecay, eps, betas: [beta1, beta2] } };
  },
});
