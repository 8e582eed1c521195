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
    },
  },
});

/** Qwen 3. */
export const qwen3 = defineModelFamily({ type: "qwen3" });
