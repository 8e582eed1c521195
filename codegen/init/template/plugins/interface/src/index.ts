import { defineInterface, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Length of answers, in tokens, above which the reward falls. @range integer >= 1 */
  readonly freeLength: number;
  /** What a token above it takes off. @range >= 0 */
  readonly penalty?: number;
  /** `answer`: one reward at the end of an answer; `token`: one for each of its tokens. */
  readonly granularity?: "answer" | "token";
}

/** Rewards answers that are short. */
export const myPlugin = defineInterface({
  type: "my_plugin",
  args: typed<MyPluginArgs>(),
  // Kinds of calls that it offers, with the keys that each of them reads and yields.
  calls: {
    inference: {
      reads: { required: ["packed_input_ids", "packed_prompts"] },
      yields: { always: ["rewards"] },
    },
  },
  // It reads the text: no model runs for its rewards, which is what a build makes of the memory of GPUs.
  loads: { inference: { runs: false } },
});
