import type { ModelCard } from "../manifest/format.ts";

/**
 * Bytes of the key-value cache that one token takes on one GPU, over all layers: 2·L·k·d·bytes, split over the tensor ranks as long
 * as each has a key-value head and copied beyond (vLLM, arXiv:2309.06180; grouped heads, arXiv:2305.13245). Latent attention keeps
 * the compressed keys and values, L·(rank + rope)·bytes, on every tensor rank (DeepSeek-V2, arXiv:2405.04434).
 * @param bytes of each number in the cache.
 */
export function keyValueBytesPerToken(card: ModelCard, tensor: number, bytes: number): number {
  const { layers, kvHeads, headDim, latentAttention: latent } = card;
  if (latent !== undefined) return layers * (latent.keyValueRank + latent.ropeHeadDim) * bytes;
  return 2 * layers * Math.max(1, Math.ceil(kvHeads / tensor)) * headDim * bytes;
}

/** Tokens that fit into what an engine leaves for its cache: the rest of its pool over the bytes of a token, 0 if nothing is left. */
export function cacheCapacityTokens(poolBytes: number, usedBytes: number, bytesPerToken: number): number {
  return Math.max(0, Math.floor((poolBytes - usedBytes) / bytesPerToken));
}
