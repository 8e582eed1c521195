import "assay/plugins";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { keyValueBytesPerToken } from "../../../src/memory/cache.ts";
import { countParameters, layersOfStage, stageParameters } from "../../../src/memory/parameters.ts";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";

interface Architecture {
  readonly params: number;
  readonly active: number;
  readonly kv_bytes_per_token_bf16: number;
}

const ARCHITECTURES = JSON.parse(
  readFileSync(new URL("../../goldens/architectures.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Architecture>>;
const { cards } = factsOfDefinitions(loadedPlugins());

describe("the catalogue", () => {
  it("has a card of every published architecture, and no other", () => {
    expect(Object.keys(cards).sort()).toEqual(Object.keys(ARCHITECTURES).sort());
  });

  it.each(Object.entries(ARCHITECTURES))("%s: parameters and cache are as published", (id, published) => {
    const card = cards[id];
    if (card === undefined) throw new Error("no card");
    expect(countParameters(card)).toEqual({ total: published.params, active: published.active });
    expect(card.params).toBe(published.params);
    expect(keyValueBytesPerToken(card, 1, 2)).toBe(published.kv_bytes_per_token_bf16);
  });

  it.each(Object.values(cards).map((card) => [card.id, card] as const))(
    "%s: stages of a pipeline hold the model together, tied embeddings twice",
    (_, card) => {
      for (const pipe of [2, 3, 5, 8]) {
        const stages = Array.from({ length: pipe }, (_unused, stage) =>
          stageParameters(card, { tensor: 1, pipe }, stage),
        );
        const sum = stages.reduce<number>((total, one) => total + (one ?? Number.NaN), 0);
        const again = card.tiedEmbeddings ? card.vocabSize * card.hiddenSize : 0;
        expect(sum).toBe((card.params ?? 0) + again);
      }
    },
  );

  it("cards lack no size of a layer that they have", () => {
    expect(Object.values(cards).filter((card) => countParameters(card) === null)).toEqual([]);
  });
});

describe("parameters", () => {
  it("are not counted without the size of dense layers", () => {
    const card = cards["llama-3.1-8b"];
    if (card === undefined) throw new Error("no card");
    expect(countParameters({ ...card, ffnSize: null })).toBeNull();
  });

  it("of a critic have a value in the place of the vocabulary", () => {
    const card = cards["llama-3.1-8b"];
    if (card === undefined) throw new Error("no card");
    const removed = card.vocabSize * card.hiddenSize - card.hiddenSize;
    expect(countParameters(card, true)?.total).toBe((card.params ?? 0) - removed);
  });

  it("of each layer are on one stage", () => {
    const stages = [0, 1, 2].map((stage) => layersOfStage(28, 3, stage));
    expect(stages).toEqual([
      [0, 9],
      [9, 18],
      [18, 28],
    ]);
  });
});
