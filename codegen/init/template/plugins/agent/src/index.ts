import { defineAgent, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Tokenizer of questions and answers. */
  readonly tokenizerPath: string;
  /** Turns of a dialogue, at most. @range integer >= 1 */
  readonly turns: number;
  /** Said between two turns; nothing unless given. */
  readonly hint?: string;
}

/** Answers in several turns, and hears after each of them whether the answer was right. */
export const myPlugin = defineAgent({ type: "my_plugin", args: typed<MyPluginArgs>() });
