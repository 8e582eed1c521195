import "assay/plugins";
import type { ModelCard } from "../../../src/manifest/format.ts";
import type { BackendMemory } from "../../../src/memory/facts.ts";
import type { CallTokens, MemoryCall, MemoryLayout, MemoryModel } from "../../../src/memory/model.ts";
import type { Phase } from "../../../src/memory/phase.ts";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";

const { cards } = factsOfDefinitions(loadedPlugins());

/** All cards of the catalogue. */
export const CARDS: readonly ModelCard[] = Object.values(cards);

/** A card of the catalogue. */
export function cardNamed(id: string): ModelCard {
  const card = cards[id];
  if (card === undefined) throw new Error(`there is no card ${id}`);
  return card;
}

export function layout(data: number, pipe: number, tensor: number, more: Partial<MemoryLayout> = {}): MemoryLayout {
  return { data, pipe, tensor, sequenceParallel: tensor > 1, recompute: false, ...more };
}

/** A model that is trained, on one GPU unless a layout is given. */
export function trained(card: ModelCard, backend: BackendMemory, more: Partial<MemoryModel> = {}): MemoryModel {
  return {
    name: "actor@0",
    card,
    isCritic: false,
    layout: layout(1, 1, 1),
    backend,
    args: {},
    isTrained: true,
    stays: true,
    ...more,
  };
}

export const TOKENS: CallTokens = {
  sequences: 64,
  prompt: 1024,
  generated: 0,
  minibatches: 1,
  nMbs: 1,
  maxTokensPerMb: 1_000_000_000_000,
};

export function phase(own: MemoryModel, call: Partial<MemoryCall> = {}, more: Partial<Phase> = {}): Phase {
  return {
    call: { name: "train", kind: "trainStep", tokens: TOKENS, ...call },
    own,
    others: [],
    source: null,
    gpuBytes: 80 * 1024 ** 3,
    ...more,
  };
}
