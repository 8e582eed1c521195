import { defineModelFamily } from "assay/plugin";

declare module "assay" {
  interface Catalogue {
    "qwen2.5-0.5b": true;
    "qwen2.5-1.5b": true;
    "qwen2.5-3b": true;
    "qwen2.5-7b": true;
    "qwen2.5-14b": true;
    "qwen2.5-32b": true;
    "qwen2.5-72b": true;
    "qwen3-0.6b": true;
    "qwen3-1.7b": true;
    "qwen3-4b": true;
    "qwen3-8b": true;
    "qwen3-14b": true;
    "qwen3-32b": true;
    "qwen3-30b-a3b": true;
    "qwen3-235b-a22b": true;
  }
}

/** Qwen 2 and 2.5. */
export const qwen2 = defineModelFamily({
  type: "qwen2",
  readableAs: ["mistral", "qwen3"],
  cards: {
    "qwen2.5-0.5b": {
      hiddenSize: 896,
      layers: 24,
      heads: 14,
      kvHeads: 2,
      headDim: 64,
      ffnSize: 4864,
      vocabSize: 151936,
      tiedEmbeddings: true,
      maxPositions: null,
      params: 494032768,
      qkvBias: true,
    },
    "qwen2.5-1.5b": {
      hiddenSize: 1536,
      layers: 28,
      heads: 12,
      kvHeads: 2,
      headDim: 128,
      ffnSize: 8960,
      vocabSize: 151936,
      tiedEmbeddings: true,
      maxPositions: 131072,
      params: 1543714304,
      qkvBias: true,
    },
    "qwen2.5-3b": {
      hiddenSize: 2048,
      layers: 36,
      heads: 16,
      kvHeads: 2,
      headDim: 128,
      ffnSize: 11008,
      vocabSize: 151936,
      tiedEmbeddings: true,
      maxPositions: 32768,
      params: 3085938688,
      qkvBias: true,
    },
    "qwen2.5-7b": {
      hiddenSize: 3584,
      layers: 28,
      heads: 28,
      kvHeads: 4,
      headDim: 128,
      ffnSize: 18944,
      vocabSize: 152064,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 7615616512,
      qkvBias: true,
    },
    "qwen2.5-14b": {
      hiddenSize: 5120,
      layers: 48,
      heads: 40,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 13824,
      vocabSize: 152064,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 14770033664,
      qkvBias: true,
    },
    "qwen2.5-32b": {
      hiddenSize: 5120,
      layers: 64,
      heads: 40,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 27648,
      vocabSize: 152064,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 32763876352,
      qkvBias: true,
    },
    "qwen2.5-72b": {
      hiddenSize: 8192,
      layers: 80,
      heads: 64,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 29568,
      vocabSize: 152064,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 72706203648,
      qkvBias: true,
    },
  },
});

/** Qwen 3, its dense models. */
export const qwen3 = defineModelFamily({
  type: "qwen3",
  cards: {
    "qwen3-0.6b": {
      hiddenSize: 1024,
      layers: 28,
      heads: 16,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 3072,
      vocabSize: 151936,
      tiedEmbeddings: true,
      maxPositions: 40960,
      params: 596049920,
      qkNorm: true,
    },
    "qwen3-1.7b": {
      hiddenSize: 2048,
      layers: 28,
      heads: 16,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 6144,
      vocabSize: 151936,
      tiedEmbeddings: true,
      maxPositions: 40960,
      params: 1720574976,
      qkNorm: true,
    },
    "qwen3-4b": {
      hiddenSize: 2560,
      layers: 36,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 9728,
      vocabSize: 151936,
      tiedEmbeddings: true,
      maxPositions: 40960,
      params: 4022468096,
      qkNorm: true,
    },
    "qwen3-8b": {
      hiddenSize: 4096,
      layers: 36,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 12288,
      vocabSize: 151936,
      tiedEmbeddings: false,
      maxPositions: 40960,
      params: 8190735360,
      qkNorm: true,
    },
    "qwen3-14b": {
      hiddenSize: 5120,
      layers: 40,
      heads: 40,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 17408,
      vocabSize: 151936,
      tiedEmbeddings: false,
      maxPositions: 40960,
      params: 14768307200,
      qkNorm: true,
    },
    "qwen3-32b": {
      hiddenSize: 5120,
      layers: 64,
      heads: 64,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 25600,
      vocabSize: 151936,
      tiedEmbeddings: false,
      maxPositions: 40960,
      params: 32762123264,
      qkNorm: true,
    },
  },
});

/** Qwen 3, its mixtures of experts. All their feed-forward layers are experts: there is no dense size. */
export const qwen3Moe = defineModelFamily({
  type: "qwen3_moe",
  cards: {
    "qwen3-30b-a3b": {
      hiddenSize: 2048,
      layers: 48,
      heads: 32,
      kvHeads: 4,
      headDim: 128,
      ffnSize: null,
      vocabSize: 151936,
      tiedEmbeddings: false,
      maxPositions: 40960,
      params: 30532122624,
      qkNorm: true,
      experts: { count: 128, active: 8, shared: 0, ffnSize: 768, denseLayers: 0 },
    },
    "qwen3-235b-a22b": {
      hiddenSize: 4096,
      layers: 94,
      heads: 64,
      kvHeads: 4,
      headDim: 128,
      ffnSize: null,
      vocabSize: 151936,
      tiedEmbeddings: false,
      maxPositions: 40960,
      params: 235093634560,
      qkNorm: true,
      experts: { count: 128, active: 8, shared: 0, ffnSize: 1536, denseLayers: 0 },
    },
  },
});
