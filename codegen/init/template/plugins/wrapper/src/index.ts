import { defineWrapper, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Rank of the matrices that are added. @range integer >= 1 */
  readonly rank: number;
  /** Factor of what is added, before it is divided by the rank. @range > 0 */
  readonly scale?: number;
  /** Layers that it is added to; all of them unless given. */
  readonly layers?: readonly ("attention" | "mlp")[];
}

/** Adds small matrices to the layers of a model, and trains them alone. */
export const myPlugin = defineWrapper({ type: "my_plugin", args: typed<MyPluginArgs>() });
