// What is declared below adds to its types.
import "assay";
import { defineBackend, typed } from "assay/plugin";

/** Options of {@link myPlugin}, which models carry under `myPlugin`. */
export class MyPluginOptions {
  /** Parts of a sequence that GPUs work on at the same time. @range integer >= 1 */
  sequenceParts = 1;
  /** Keeps optimizer states in the memory of the host. */
  offload = false;
}

declare module "assay" {
  interface BackendGroups {
    myPlugin: MyPluginOptions;
  }
}

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Trains in bfloat16; in float16 otherwise. */
  readonly bf16: boolean;
  /** Parts of a sequence that GPUs work on at the same time. @range integer >= 1 */
  readonly sequenceParts: number;
  /** Keeps optimizer states in the memory of the host. */
  readonly offload: boolean;
}

/** Trains long sequences, each of which is split over GPUs. */
export const myPlugin = defineBackend({
  type: "my_plugin",
  role: "train",
  args: typed<MyPluginArgs>(),
  options: MyPluginOptions,
  group: "myPlugin",
  // Its arguments for each worker, from the options of the model in the experiment.
  shard: ({ model }) => {
    const { sequenceParts, offload } = model["myPlugin"] as unknown as MyPluginOptions;
    return { bf16: model["bf16"] === true, sequenceParts, offload };
  },
});
