import type { ModelCard } from "../manifest/format.ts";
import type { MemoryLayout } from "./model.ts";

/** Bytes that a layer keeps of each token and unit of hidden size whatever splits the model: norms and residuals. */
const NOT_SPLIT = 10;
/** The same of what tensor ranks split in any case, but for feed-forward layers: queries, keys, values, projections. */
const SPLIT = 8;
/** The same of each unit of feed-forward size. */
const FEED_FORWARD = 4;
/** What a layer keeps that computes the rest again: its input in 16 bits. */
const LAYER_INPUT = 2;

/**
 * Bytes of activations that one layer keeps for the backward pass: tokens·h·(18 + 4·f/h) over the tensor ranks with sequence
 * parallelism, tokens·h·(10 + (8 + 4·f/h)/t) without (Korthikanti et al., arXiv:2205.05198: 34 for f = 4·h, of which 10 are not
 * split; Megatron-LM, `megatron/training/theoretical_memory_usage.py`). Scores of attention are not kept (FlashAttention,
 * arXiv:2205.14135). Of a mixture of experts those count that a token goes through.
 */
export function layerActivationBytes(card: ModelCard, layout: MemoryLayout, tokens: number): number {
  const { hiddenSize } = card;
  const split = SPLIT * hiddenSize + FEED_FORWARD * activeFfn(card);
  const whole = NOT_SPLIT * hiddenSize;
  return Math.ceil(tokens * (split / layout.tensor + whole / (layout.sequenceParallel ? layout.tensor : 1)));
}

/** Bytes that one layer keeps if it computes the rest again: tokens·h·2, over the tensor ranks with sequence parallelism. */
export function layerInputBytes({ hiddenSize }: ModelCard, layout: MemoryLayout, tokens: number): number {
  return Math.ceil((LAYER_INPUT * tokens * hiddenSize) / (layout.sequenceParallel ? layout.tensor : 1));
}

function activeFfn({ ffnSize, experts }: ModelCard): number {
  const routed = experts === undefined ? 0 : (experts.active + experts.shared) * experts.ffnSize;
  return Math.max(ffnSize ?? 0, routed);
}

/**
 * Scores of attention that a layer keeps without FlashAttention: 5·a·s bytes a token (arXiv:2205.05198), over the tensor ranks.
 * @param length tokens of each sequence
 */
export function attentionScoreBytes({ heads }: ModelCard, tensor: number, tokens: number, length: number): number {
  return Math.ceil((5 * heads * length * tokens) / tensor);
}

/** Bytes of the logits of so many tokens: tokens·V/t·bytes; a tensor rank has its part of the vocabulary. */
export function logitBytes({ vocabSize }: ModelCard, tensor: number, tokens: number, bytesEach: number): number {
  return tokens * Math.ceil(vocabSize / tensor) * bytesEach;
}

/** Micro-batches whose activations a stage holds at a time (1F1B; PipeDream-Flush, arXiv:2006.09503): the first stage all that are under way. */
export function inFlight(pipe: number, stage: number, microBatches: number): number {
  return Math.min(pipe - stage, microBatches);
}
