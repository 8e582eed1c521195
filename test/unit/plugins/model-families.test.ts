import "assay/plugins";
import { describe, expect, it } from "vitest";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";
import { CATALOGUE_IDS } from "../../types/catalogue.ts";
import { call, lines, resolved, workers, shard, topo } from "../resolve/configs.ts";

const FACTS = factsOfDefinitions(loadedPlugins());
const cards = Object.values(FACTS.cards);

describe("model families", () => {
  it("are those that the workers read", () => {
    expect(Object.keys(FACTS.types["modelFamily"] ?? {}).sort()).toEqual([
      "codellama",
      "deepseek",
      "deepseek_v3",
      "gemma",
      "gpt2",
      "llama",
      "mistral",
      "mixtral",
      "qwen2",
      "qwen3",
      "qwen3_moe",
    ]);
  });

  it("declare the ids of their cards, and no others", () => {
    expect(cards.map(({ id }) => id).sort()).toEqual(Object.keys(CATALOGUE_IDS).sort());
  });

  it.each(cards.map((card) => [card.id, card] as const))("%s shares key-value heads out evenly", (_, card) => {
    expect(card.heads % card.kvHeads).toBe(0);
  });

  it.each([
    ["llama-3.1-8b", "llama", []],
    ["llama-3.1-8b", "codellama", []],
    ["llama-3.1-8b", "qwen2", ["model/family-mismatch"]],
    ["qwen2.5-7b", "qwen3", []],
    ["qwen2.5-7b", "llama", ["model/family-mismatch"]],
    ["qwen3-8b", "qwen3", []],
    ["qwen3-8b", "qwen3_moe", ["model/family-mismatch"]],
    ["qwen3-8b", "qwen4", ["model/family-unknown"]],
    ["qwen3-30b-a3b", "qwen3_moe", []],
    ["mixtral-8x7b", "mixtral", []],
    ["mixtral-8x7b", "mistral", ["model/family-mismatch"]],
  ])("%s read as %s", (modelPath, hfModelFamily, codes) => {
    const args = {
      modelPath,
      hfModelFamily,
      isCritic: false,
      initCriticFromActor: false,
      dtype: "bf16",
      initFromScratch: false,
    };
    const held = workers([shard("x@0", topo(1, 1, 1), 0, { model: { type: "real_model", args } })]);
    const { findings } = resolved([call("a", "x@0")], held, {}, FACTS);
    expect(lines(findings).filter((line) => line.startsWith("model/"))).toEqual(
      codes.map((code) => `${code} /setups/0/modelWorker/shards/0/model/args/hfModelFamily`),
    );
  });
});
