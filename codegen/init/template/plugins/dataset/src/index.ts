import { defineDataset, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** File of the conversations, one JSON object a line. */
  readonly path: string;
  /** Longest conversation, in tokens; longer ones are left out. @range integer >= 1 */
  readonly maxLength: number;
  /** Share of the conversations that is used; all of them unless given. @range (0, 1] */
  readonly share?: number;
}

/** Conversations, of which the answers are trained on. */
export const myPlugin = defineDataset({
  type: "my_plugin",
  args: typed<MyPluginArgs>(),
  // What a batch has: a call that reads another key neither compiles nor builds.
  yields: ["packed_input_ids", "prompt_mask"],
  paths: ["path"],
});
