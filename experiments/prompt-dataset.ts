/** Options of {@link PromptDatasetOptions} that arguments of the shipped prompt datasets come from. */
export const PROMPT_OPTIONS = { datasetPath: "dataset.path", maxLength: "dataset.maxPromptLen" } as const;

/** Prompts for which sequences are generated. */
export class PromptDatasetOptions {
  /** File of the prompts. */
  path = "";
  /** Longest prompt, in tokens; longer ones are left out. @range integer >= 1 */
  maxPromptLen = 256;
  /** Prompts of a step. @range integer >= 1 */
  trainBsNSeqs = 256;
  /** Pads every prompt to the longest length. */
  fillToMaxLength = false;
}
