import { describe, expect, it } from "vitest";
import { modelCardFromConfig } from "assay";

const config = {
  model_type: "qwen2",
  hidden_size: 1536,
  num_hidden_layers: 28,
  num_attention_heads: 12,
  vocab_size: 151_936,
};

describe("the card of a model's config.json", () => {
  it("has what the file says, and what follows from it", () => {
    const more = {
      num_key_value_heads: 2,
      intermediate_size: 8960,
      tie_word_embeddings: true,
      max_position_embeddings: 4096,
    };
    expect(modelCardFromConfig({ ...config, ...more }, "/ckpt/qwen")).toEqual({
      id: "/ckpt/qwen",
      family: "qwen2",
      hiddenSize: 1536,
      layers: 28,
      heads: 12,
      kvHeads: 2,
      headDim: 128,
      ffnSize: 8960,
      vocabSize: 151_936,
      tiedEmbeddings: true,
      maxPositions: 4096,
      params: null,
    });
  });

  it("takes each head for a key-value head, and leaves open what the file leaves open", () => {
    const card = modelCardFromConfig({ ...config, head_dim: 64 }, "x");
    expect(card).toMatchObject({ kvHeads: 12, headDim: 64, ffnSize: null, tiedEmbeddings: false, maxPositions: null });
  });

  it.each(Object.keys(config))("is none without %s", (key) => {
    expect(modelCardFromConfig({ ...config, [key]: undefined }, "x")).toBeNull();
  });
});
