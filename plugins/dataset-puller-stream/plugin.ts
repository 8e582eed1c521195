import { defineStreamDataset } from "assay/plugin";

/** Trajectories that rollout workers push, as training data: prompts of the datasets with all that was generated for them. */
export const pullerStream = defineStreamDataset({
  type: "puller_stream",
  args: {
    type: "object",
    properties: {
      datasetCfgs: {
        type: "array",
        description: "Datasets that the rollout workers take prompts from.",
        items: {
          type: "object",
          properties: { type: { type: "string" }, args: { type: "object" } },
          required: ["type", "args"],
          additionalProperties: false,
        },
      },
    },
    required: ["datasetCfgs"],
    additionalProperties: false,
  },
  datasets: "datasetCfgs",
  stream: ({ datasets }) => ({ datasetCfgs: [...datasets] }),
});
