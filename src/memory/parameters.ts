import type { ModelCard } from "../manifest/format.ts";

/** Parameters of a model. */
export interface ParameterCount {
  readonly total: number;
  /** Those that each token goes through; fewer than all where there are experts. */
  readonly active: number;
}

/** How one model is cut into the parts that single GPUs hold. */
export interface Split {
  readonly tensor: number;
  readonly pipe: number;
}

const WHOLE: Split = { tensor: 1, pipe: 1 };

/**
 * Parameters of a model by the sizes of its card, exactly as its checkpoint on the Hugging Face hub has them:
 * - attention: h·a·d + 2·h·k·d + a·d·h (+ a·d + 2·k·d biases, + 2·d norms of queries and keys); latent attention (DeepSeek-V2,
 *   arXiv:2405.04434) as `modeling_deepseek.py` has it: compressed queries, compressed keys and values, each with a norm;
 * - feed-forward: 3·h·f (SwiGLU); a layer of experts 3·h·f for each routed and shared one, and a router h·E (+ E biases);
 * - two norms a layer and one at the end; embeddings V·h, twice unless they are tied.
 *
 * `null` where the card lacks the size of a layer that it has.
 * @param isCritic with a value head in the place of the output embedding.
 */
export function countParameters(card: ModelCard, isCritic = false): ParameterCount | null {
  const stage = stageParameters(card, WHOLE, 0, isCritic);
  const { experts } = card;
  if (stage === null) return null;
  if (experts === undefined) return { total: stage, active: stage };
  const idle =
    (card.layers - experts.denseLayers) * (experts.count - experts.active) * expertSize(card, experts.ffnSize);
  return { total: stage, active: stage - idle };
}

/**
 * Parameters that one GPU of a pipeline stage holds. Projections, feed-forward layers and embeddings are split over the tensor
 * ranks, key-value heads as long as each rank has one; norms, routers and compressions are on every rank (Megatron-LM,
 * arXiv:1909.08053). Layers are spread evenly over the stages; the first has the embedding, the last the head, and of tied
 * embeddings each has one if there are several stages.
 * @param stage from 0.
 */
export function stageParameters(card: ModelCard, split: Split, stage: number, isCritic = false): number | null {
  const { tensor, pipe } = split;
  const [first, end] = layersOfStage(card.layers, pipe, stage);
  const dense = card.experts === undefined ? card.layers : card.experts.denseLayers;
  const denseHere = Math.max(0, Math.min(end, dense) - first);
  const expertsHere = end - first - denseHere;
  const layer = attentionParameters(card, tensor) + 2 * card.hiddenSize;
  const ffn = denseHere === 0 ? 0 : denseParameters(card, tensor);
  if (ffn === null) return null;
  const embedding = Math.ceil(card.vocabSize / tensor) * card.hiddenSize;
  const isFirst = stage === 0;
  const isLast = stage === pipe - 1;
  const head = isCritic ? card.hiddenSize : card.tiedEmbeddings && pipe === 1 ? 0 : embedding;
  return (
    (end - first) * layer +
    denseHere * ffn +
    expertsHere * expertParameters(card, tensor) +
    (isFirst ? embedding : 0) +
    (isLast ? head + card.hiddenSize : 0)
  );
}

/** The layers of a stage: the first of them, and the first of the next stage. */
export function layersOfStage(layers: number, pipe: number, stage: number): readonly [first: number, end: number] {
  return [Math.floor((stage * layers) / pipe), Math.floor(((stage + 1) * layers) / pipe)];
}

/**
 * Parameters of the largest block that a fully sharded model gathers at a time (ZeRO-3, FSDP): a layer, or an embedding.
 */
export function largestBlock(card: ModelCard, tensor: number): number | null {
  const ffn = card.experts === undefined || card.experts.denseLayers > 0 ? denseParameters(card, tensor) : 0;
  if (ffn === null) return null;
  const mixture = card.experts === undefined ? 0 : expertParameters(card, tensor);
  const layer = attentionParameters(card, tensor) + 2 * card.hiddenSize + Math.max(ffn, mixture);
  return Math.max(layer, Math.ceil(card.vocabSize / tensor) * card.hiddenSize);
}

function attentionParameters(card: ModelCard, tensor: number): number {
  const { hiddenSize: hidden, headDim, latentAttention: latent } = card;
  const heads = card.heads / tensor;
  if (latent !== undefined) {
    const { queryRank, keyValueRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = latent;
    const keyDim = nopeHeadDim + ropeHeadDim;
    const queries =
      queryRank === null ? hidden * heads * keyDim : hidden * queryRank + queryRank + queryRank * heads * keyDim;
    const compressed = hidden * (keyValueRank + ropeHeadDim) + keyValueRank;
    const keysAndValues = keyValueRank * heads * (nopeHeadDim + valueHeadDim);
    return queries + compressed + keysAndValues + heads * valueHeadDim * hidden;
  }
  // A rank has at least one key-value head: beyond that they are copied.
  const kvHeads = Math.max(1, card.kvHeads / tensor);
  const projections = 2 * hidden * heads * headDim + 2 * hidden * kvHeads * headDim;
  const biases = card.qkvBias === true ? heads * headDim + 2 * kvHeads * headDim : 0;
  return Math.ceil(projections + biases) + (card.qkNorm === true ? 2 * headDim : 0);
}

function denseParameters({ hiddenSize, ffnSize }: ModelCard, tensor: number): number | null {
  return ffnSize === null ? null : 3 * hiddenSize * Math.ceil(ffnSize / tensor);
}

function expertSize({ hiddenSize }: ModelCard, ffnSize: number): number {
  return 3 * hiddenSize * ffnSize;
}

function expertParameters(card: ModelCard, tensor: number): number {
  const { experts } = card;
  if (experts === undefined) return 0;
  const { count, shared, ffnSize, routerBias } = experts;
  const router = card.hiddenSize * count + (routerBias === true ? count : 0);
  return (count + shared) * expertSize(card, Math.ceil(ffnSize / tensor)) + router;
}
