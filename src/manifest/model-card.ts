import type { ModelCard } from "./format.ts";

/**
 * Card of a model from its Hugging Face `config.json`: the properties that placement and memory depend on, as `transformers`
 * names them. `null` if one is missing that every causal language model has.
 * @param config the file's parsed content.
 * @param id name under which the card is found: a catalogue id, or a checkpoint path.
 */
export function modelCardFromConfig(config: Readonly<Record<string, unknown>>, id: string): ModelCard | null {
  const whole = (key: string): number | null => {
    const value = config[key];
    return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
  };
  const family = config["model_type"];
  const hiddenSize = whole("hidden_size");
  const layers = whole("num_hidden_layers");
  const heads = whole("num_attention_heads");
  const vocabSize = whole("vocab_size");
  if (typeof family !== "string" || hiddenSize === null || layers === null || heads === null || vocabSize === null) {
    return null;
  }
  return {
    id,
    family,
    hiddenSize,
    layers,
    heads,
    kvHeads: whole("num_key_value_heads") ?? heads,
    headDim: whole("head_dim") ?? hiddenSize / heads,
    ffnSize: whole("intermediate_size"),
    vocabSize,
    tiedEmbeddings: config["tie_word_embeddings"] === true,
    maxPositions: whole("max_position_embeddings"),
    params: null,
  };
}
