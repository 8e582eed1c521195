import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { ModelCard } from "../src/manifest/format.ts";

/**
 * Cards of the Hugging Face `config.json` files among a project's declared inputs. Each is known by its own path and by that of
 * its folder: an experiment names either, or `models` of the config maps a path of the cluster to it. Files that describe no
 * causal language model give no card; whoever needs one is told so.
 */
export function cardsOfInputs(root: string, inputs: readonly string[]): Readonly<Record<string, ModelCard>> {
  const cards: Record<string, ModelCard> = {};
  for (const file of inputs) {
    if (posix.basename(file) !== "config.json") continue;
    const config = parsed(join(root, file));
    if (config === null) continue;
    for (const id of [posix.dirname(file), file]) {
      const card = cardOf(config, id);
      if (card !== null) cards[id] = card;
    }
  }
  return cards;
}

/** Reads the properties that placement depends on, as `transformers` names them. */
function cardOf(config: Readonly<Record<string, unknown>>, id: string): ModelCard | null {
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

function parsed(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
