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
