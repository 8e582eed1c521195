import { describe, expect, it } from "vitest";
import { modelCardFromConfig } from "assay";
import { deepseekV3, mixtral, qwen3Moe } from "assay/plugins";
import { countParameters } from "../../../src/memory/parameters.ts";
import { readModelConfig } from "../../../src/manifest/model-card.ts";

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
      qkvBias: true,
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

/** What the files on the hub say, as far as cards depend on it. */
const MIXTURES = {
  "qwen3-30b-a3b": {
    model_type: "qwen3_moe",
    hidden_size: 2048,
    num_hidden_layers: 48,
    num_attention_heads: 32,
    num_key_value_heads: 4,
    head_dim: 128,
    intermediate_size: 6144,
    moe_intermediate_size: 768,
    num_experts: 128,
    num_experts_per_tok: 8,
    decoder_sparse_step: 1,
    mlp_only_layers: [],
    attention_bias: false,
    tie_word_embeddings: false,
    vocab_size: 151_936,
    max_position_embeddings: 40_960,
  },
  "mixtral-8x7b": {
    model_type: "mixtral",
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14_336,
    num_local_experts: 8,
    num_experts_per_tok: 2,
    tie_word_embeddings: false,
    vocab_size: 32_000,
    max_position_embeddings: 32_768,
  },
  "deepseek-v3": {
    model_type: "deepseek_v3",
    hidden_size: 7168,
    num_hidden_layers: 61,
    num_attention_heads: 128,
    num_key_value_heads: 128,
    head_dim: 192,
    intermediate_size: 18_432,
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_experts_per_tok: 8,
    first_k_dense_replace: 3,
    topk_method: "noaux_tc",
    attention_bias: false,
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    tie_word_embeddings: false,
    vocab_size: 129_280,
    max_position_embeddings: 163_840,
  },
} as const;

describe("the card of a mixture of experts", () => {
  const shipped = [qwen3Moe, mixtral, deepseekV3].flatMap(({ definition }) => definition.cards);

  it.each(Object.entries(MIXTURES))("%s is the shipped one", (id, file) => {
    const wanted = shipped.find((card) => card.id === id);
    const card = modelCardFromConfig(file, id);
    expect(card).toEqual({ ...wanted, params: null });
    expect(card === null ? null : countParameters(card)?.total).toBe(wanted?.params);
  });

  it.each([
    ["qwen3-30b-a3b", "num_experts_per_tok"],
    ["qwen3-30b-a3b", "moe_intermediate_size"],
    ["mixtral-8x7b", "num_experts_per_tok"],
    ["deepseek-v3", "v_head_dim"],
    ["deepseek-v3", "qk_rope_head_dim"],
  ] as const)("%s is none without %s, and says so", (id, key) => {
    const { card, problems } = readModelConfig({ ...MIXTURES[id], [key]: undefined }, id);
    expect([card, problems]).toEqual([null, [`has no \`${key}\``]]);
  });

  it("counts layers without experts", () => {
    const file = { ...MIXTURES["qwen3-30b-a3b"], mlp_only_layers: [0, 2] };
    expect(modelCardFromConfig(file, "x")).toMatchObject({ ffnSize: 6144, experts: { denseLayers: 2 } });
  });
});

describe("a configuration that gives no card", () => {
  it("is told of with every property that is missing or makes no sense", () => {
    const { problems } = readModelConfig({ model_type: "llama", hidden_size: "4096", num_attention_heads: 32 }, "x");
    expect(problems).toEqual([
      'has `hidden_size` "4096", which is no whole number from 1',
      "has no `num_hidden_layers`",
      "has no `vocab_size`",
    ]);
  });

  it("may lack the size of heads that hidden size does not give", () => {
    const { problems } = readModelConfig({ ...config, hidden_size: 1000 }, "x");
    expect(problems).toEqual(["has no `head_dim`, and `hidden_size` 1000 / `num_attention_heads` 12 is not whole"]);
  });

  it("of text and images has that of the language model inside", () => {
    expect(modelCardFromConfig({ model_type: "both", text_config: config }, "x")).toMatchObject({ family: "qwen2" });
  });
});
