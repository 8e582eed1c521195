import { defineModel, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Checkpoint on the cluster. */
  readonly modelPath: string;
  /** Family whose code reads the checkpoint. */
  readonly family: string;
  /** Type of the parameters. */
  readonly dtype: "bf16" | "fp16";
}

/** A model whose parameters are read straight from the checkpoint's own files. */
export const myPlugin = defineModel({
  type: "my_plugin",
  holds: "weights",
  args: typed<MyPluginArgs>(),
  // Arguments that name the checkpoint and its family: checked as those of every model.
  path: "modelPath",
  family: "family",
  // Its arguments for each worker, from the options of the model in the experiment.
  shard: ({ model, family }) => ({
    modelPath: model.path,
    family,
    dtype: model["bf16"] === true ? ("bf16" as const) : ("fp16" as const),
  }),
});
