/** Options of {@link PairDatasetOptions} that arguments of `rw_pair` come from. */
export const PAIR_OPTIONS = {
  datasetPath: "dataset.trainPath",
  maxLength: "dataset.maxSeqlen",
  maxPairsPerPrompt: "dataset.maxPairsPerPrompt",
} as const;

/** Prompts with answers in pairs, of which one is better. */
export class PairDatasetOptions {
  /** File of the training pairs. */
  trainPath = "";
  /** Pairs of a prompt that a batch takes, at most. @range integer >= 1 */
  maxPairsPerPrompt = 2;
  /** Longest prompt with one of its answers, in tokens. @range integer >= 1 */
  maxSeqlen = 1024;
  /** Prompts of a training step, each with its pairs. @range integer >= 1 */
  trainBsNSeqs = 256;
}
