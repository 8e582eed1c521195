import type { CallTokens } from "./model.ts";

/** How a call's tokens on one data rank are cut into micro-batches. */
export interface MicroBatches {
  /** Tokens of the largest micro-batch. */
  readonly tokens: number;
  /** Sequences of the largest one. */
  readonly sequences: number;
  readonly count: number;
}

/**
 * Micro-batches of a data rank, if every sequence is as long as its limit: sequences are packed, so that a micro-batch has at most
 * `maxTokensPerMb` tokens, and there are at least `nMbs` times what the pipeline makes of each. A sequence is never cut.
 * @param length tokens of each sequence
 * @param factor micro-batches that the pipeline makes of each
 */
export function microBatchesOf(call: CallTokens, data: number, length: number, factor: number): MicroBatches {
  const { sequences, minibatches, nMbs, maxTokensPerMb } = call;
  const own = Math.max(1, Math.ceil(sequences / data / minibatches));
  const each = Math.max(1, Math.ceil(own / (nMbs * factor)));
  // Shorter sequences fill a micro-batch up to its limit.
  const tokens = Math.min(each * length, Math.max(maxTokensPerMb, length));
  return { tokens, sequences: each, count: Math.ceil((own * length) / tokens) };
}

/**
 * True if the bound of micro-batches decides how large they get, which they are then filled up to. Otherwise the batch does, and as
 * sequences are rarely all as long as their limits, nobody can tell how far.
 */
export function isBounded(call: CallTokens, data: number, length: number, factor: number): boolean {
  const whole = microBatchesOf({ ...call, maxTokensPerMb: Number.MAX_SAFE_INTEGER }, data, length, factor);
  return whole.sequences === 1 || call.maxTokensPerMb < whole.tokens;
}
