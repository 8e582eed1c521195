// Catalogue ids that editors offer: those that the shipped families declare.
import type { Catalogue } from "assay";
import "assay/plugins";

/** Every declared id; the compiler misses one that is not here, and refuses one that is declared nowhere. */
export const CATALOGUE_IDS: Readonly<Record<keyof Catalogue, true>> = {
  "llama-3.1-8b": true,
  "llama-3.1-70b": true,
  "llama-3.1-405b": true,
  "mixtral-8x7b": true,
  "mixtral-8x22b": true,
  "deepseek-v3": true,
  "qwen2.5-0.5b": true,
  "qwen2.5-1.5b": true,
  "qwen2.5-3b": true,
  "qwen2.5-7b": true,
  "qwen2.5-14b": true,
  "qwen2.5-32b": true,
  "qwen2.5-72b": true,
  "qwen3-0.6b": true,
  "qwen3-1.7b": true,
  "qwen3-4b": true,
  "qwen3-8b": true,
  "qwen3-14b": true,
  "qwen3-32b": true,
  "qwen3-30b-a3b": true,
  "qwen3-235b-a22b": true,
};
