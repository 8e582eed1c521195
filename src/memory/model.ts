import type { JsonObject } from "type-fest";
import type { MemoryPart, MemoryPartKind, ModelCard } from "../manifest/format.ts";
import type { InterfaceType } from "../spec/call.ts";
import type { BackendMemory } from "./facts.ts";

/** Layout of a model, as far as memory depends on it. */
export interface MemoryLayout {
  readonly data: number;
  readonly pipe: number;
  readonly tensor: number;
  /** Splits activations along the sequence over the tensor ranks. */
  readonly sequenceParallel: boolean;
  /** Computes activations again in the backward pass. */
  readonly recompute: boolean;
}

/** A model on the GPUs that hold it. */
export interface MemoryModel {
  /** `role@replica`. */
  readonly name: string;
  readonly card: ModelCard;
  readonly isCritic: boolean;
  readonly layout: MemoryLayout;
  readonly backend: BackendMemory;
  /** Arguments of the backend. */
  readonly args: JsonObject;
  readonly isTrained: boolean;
  /** On the GPU while calls of other models run: neither offloaded nor given back after its own. */
  readonly stays: boolean;
}

/** A call, as far as memory depends on it. */
export interface MemoryCall {
  readonly name: string;
  readonly kind: InterfaceType;
  /** `null` if its model is not run, or if no limit of its sequences is known. */
  readonly tokens: CallTokens | null;
}

/** How many tokens a call has, by the limits of its sequences. */
export interface CallTokens {
  /** Sequences of the call on all data ranks together. */
  readonly sequences: number;
  /** Tokens of the longest prompt, or of the longest example. */
  readonly prompt: number;
  /** Tokens that are generated after it, at most. */
  readonly generated: number;
  /** Parts that a batch is trained in, one after another. */
  readonly minibatches: number;
  readonly nMbs: number;
  readonly maxTokensPerMb: number;
}

/** Kinds of parts in the order in which they are shown. */
export const PART_KINDS: readonly MemoryPartKind[] = [
  "weights",
  "gradients",
  "optimizer",
  "activations",
  "logits",
  "cache",
  "buffers",
  "runtime",
];

/** Sum of parts. */
export function bytesOf(parts: readonly MemoryPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
