import { defineModelFamily } from "assay/plugin";

declare module "assay" {
  interface Catalogue {
    "llama-3.1-8b": true;
    "llama-3.1-70b": true;
    "llama-3.1-405b": true;
    "mixtral-8x7b": true;
    "mixtral-8x22b": true;
    "deepseek-v3": true;
  }
}

// Families that the workers can read; checkpoints without a card are described by a `config.json` of the project.
/** Code Llama. */
export const codellama = defineModelFamily({ type: "codellama" });
/** DeepSeek. */
export const deepseek = defineModelFamily({ type: "deepseek" });
/** DeepSeek-V3 and R1: experts after three dense layers, and latent attention. The module that predicts further tokens is left out. */
export const deepseekV3 = defineModelFamily({
  type: "deepseek_v3",
  cards: {
    "deepseek-v3": {
      hiddenSize: 7168,
      layers: 61,
      heads: 128,
      kvHeads: 128,
      headDim: 192,
      ffnSize: 18432,
      vocabSize: 129280,
      tiedEmbeddings: false,
      maxPositions: 163840,
      params: 671026419200,
      experts: { count: 256, active: 8, shared: 1, ffnSize: 2048, denseLayers: 3, routerBias: true },
      latentAttention: { queryRank: 1536, keyValueRank: 512, nopeHeadDim: 128, ropeHeadDim: 64, valueHeadDim: 128 },
    },
  },
});
/** Gemma. */
export const gemma = defineModelFamily({ type: "gemma" });
/** GPT-2. */
export const gpt2 = defineModelFamily({ type: "gpt2" });
/** Llama. Code Llama and the first DeepSeek have its architecture and its reader. */
export const llama = defineModelFamily({
  type: "llama",
  readableAs: ["codellama", "deepseek"],
  cards: {
    "llama-3.1-8b": {
      hiddenSize: 4096,
      layers: 32,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 14336,
      vocabSize: 128256,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 8030261248,
    },
    "llama-3.1-70b": {
      hiddenSize: 8192,
      layers: 80,
      heads: 64,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 28672,
      vocabSize: 128256,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 70553706496,
    },
    "llama-3.1-405b": {
      hiddenSize: 16384,
      layers: 126,
      heads: 128,
      kvHeads: 8,
      headDim: 128,
      ffnSize: 53248,
      vocabSize: 128256,
      tiedEmbeddings: false,
      maxPositions: 131072,
      params: 405853388800,
    },
  },
});
/** Mistral. */
export const mistral = defineModelFamily({ type: "mistral" });
/** Mixtral. All its feed-forward layers are experts: there is no dense size. */
export const mixtral = defineModelFamily({
  type: "mixtral",
  cards: {
    "mixtral-8x7b": {
      hiddenSize: 4096,
      layers: 32,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      ffnSize: null,
      vocabSize: 32000,
      tiedEmbeddings: false,
      maxPositions: 32768,
      params: 46702792704,
      experts: { count: 8, active: 2, shared: 0, ffnSize: 14336, denseLayers: 0 },
    },
    "mixtral-8x22b": {
      hiddenSize: 6144,
      layers: 56,
      heads: 48,
      kvHeads: 8,
      headDim: 128,
      ffnSize: null,
      vocabSize: 32000,
      tiedEmbeddings: false,
      maxPositions: 65536,
      params: 140620634112,
      experts: { count: 8, active: 2, shared: 0, ffnSize: 16384, denseLayers: 0 },
    },
  },
});
