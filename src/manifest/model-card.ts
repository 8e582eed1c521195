import { isObject } from "../spec/own.ts";
import type { ExpertsCard, LatentAttentionCard, ModelCard } from "./format.ts";

/** What a model's own configuration says of it. */
export interface ModelConfigReading {
  /** `null` if anything is missing that placement and memory depend on. */
  readonly card: ModelCard | null;
  /** What is missing or makes no sense, each after "it": `has no \`vocab_size\``. */
  readonly problems: readonly string[];
}

/**
 * Card of a model from its Hugging Face `config.json`: the properties that placement and memory depend on, as `transformers`
 * names them. `null` if one is missing that every causal language model has, or one that its kind has (experts, latent attention).
 * @param config the file's parsed content.
 * @param id name under which the card is found: a catalogue id, or a checkpoint path.
 */
export function modelCardFromConfig(config: Readonly<Record<string, unknown>>, id: string): ModelCard | null {
  return readModelConfig(config, id).card;
}

/** Like {@link modelCardFromConfig}, with what is wrong where there is no card. */
export function readModelConfig(config: Readonly<Record<string, unknown>>, id: string): ModelConfigReading {
  const fields = new ConfigFields(textConfigOf(config));
  const family = fields.text("model_type");
  const hiddenSize = fields.needed("hidden_size");
  const layers = fields.needed("num_hidden_layers");
  const heads = fields.needed("num_attention_heads");
  const vocabSize = fields.needed("vocab_size");
  const latentAttention = latentAttentionOf(fields);
  const experts = expertsOf(fields, layers);
  const headDim = fields.optional("head_dim") ?? hiddenSize / heads;
  if (fields.problems.length === 0 && !Number.isSafeInteger(headDim)) {
    fields.problems.push(
      `has no \`head_dim\`, and \`hidden_size\` ${hiddenSize} / \`num_attention_heads\` ${heads} is not whole`,
    );
  }
  if (fields.problems.length > 0) return { card: null, problems: fields.problems };
  const isDense = experts === null || experts.denseLayers > 0;
  const card: ModelCard = {
    id,
    family,
    hiddenSize,
    layers,
    heads,
    kvHeads: fields.optional("num_key_value_heads") ?? heads,
    headDim,
    ffnSize: isDense ? fields.optional("intermediate_size") : null,
    vocabSize,
    tiedEmbeddings: fields.flag("tie_word_embeddings") ?? TIED_FAMILIES.test(family),
    maxPositions: fields.optional("max_position_embeddings"),
    params: null,
    ...(hasQkvBias(family, fields) ? { qkvBias: true } : {}),
    ...(QK_NORM_FAMILIES.test(family) ? { qkNorm: true } : {}),
    ...(experts === null ? {} : { experts }),
    ...(latentAttention === null ? {} : { latentAttention }),
  };
  return { card, problems: [] };
}

/** Families of `transformers` that tie embeddings where their configuration doesn't say; it leaves out what is the default. */
const TIED_FAMILIES = /^(?:gemma|gpt2)/;
/** Families whose code norms queries and keys, without a property that says so. */
const QK_NORM_FAMILIES = /^(?:qwen3|gemma3)/;
/** Families whose code has biases on queries, keys and values, without a property that says so. */
const QKV_BIAS_FAMILIES = /^qwen2/;

function hasQkvBias(family: string, fields: ConfigFields): boolean {
  return fields.flag("attention_bias") ?? fields.flag("qkv_bias") ?? QKV_BIAS_FAMILIES.test(family);
}

/** Models of text and images have that of their language model inside. */
function textConfigOf(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const inner = config["text_config"];
  return isObject(inner) && config["hidden_size"] === undefined ? inner : config;
}

function latentAttentionOf(fields: ConfigFields): LatentAttentionCard | null {
  if (!fields.has("kv_lora_rank")) return null;
  return {
    queryRank: fields.optional("q_lora_rank"),
    keyValueRank: fields.needed("kv_lora_rank"),
    nopeHeadDim: fields.needed("qk_nope_head_dim"),
    ropeHeadDim: fields.needed("qk_rope_head_dim"),
    valueHeadDim: fields.needed("v_head_dim"),
  };
}

/** Names of the number of experts: those of Qwen, Mixtral and DeepSeek. */
const EXPERT_COUNTS = ["num_experts", "num_local_experts", "n_routed_experts"] as const;

function expertsOf(fields: ConfigFields, layers: number): ExpertsCard | null {
  const name = EXPERT_COUNTS.find((one) => fields.has(one));
  if (name === undefined) return null;
  // Mixtral has experts only, and their size under the name of dense layers.
  const size = name === "num_local_experts" && !fields.has("moe_intermediate_size") ? "intermediate_size" : EXPERT_SIZE;
  const ffnSize = fields.needed(size);
  const shared = fields.optional("shared_expert_intermediate_size");
  return {
    count: fields.needed(name),
    active: fields.needed("num_experts_per_tok"),
    shared: shared === null ? (fields.optional("n_shared_experts") ?? 0) : Math.ceil(shared / ffnSize),
    ffnSize,
    denseLayers: denseLayersOf(fields, layers),
    // What balances the experts without a loss of its own (DeepSeek-V3, arXiv:2412.19437) is a bias.
    ...(fields.is("topk_method", "noaux_tc") ? { routerBias: true } : {}),
  };
}

const EXPERT_SIZE = "moe_intermediate_size";

/** Layers without experts: DeepSeek's first ones, or those that Qwen lists, and those between every so many. */
function denseLayersOf(fields: ConfigFields, layers: number): number {
  const first = fields.optional("first_k_dense_replace");
  if (first !== null) return first;
  const listed = fields.list("mlp_only_layers");
  const step = fields.optional("decoder_sparse_step") ?? 1;
  let dense = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    if (listed.includes(layer) || (layer + 1) % step !== 0) dense += 1;
  }
  return dense;
}

/** Properties of a configuration, and what is wrong with those that were needed. */
class ConfigFields {
  readonly problems: string[] = [];
  readonly #config: Readonly<Record<string, unknown>>;

  constructor(config: Readonly<Record<string, unknown>>) {
    this.#config = config;
  }

  has(key: string): boolean {
    return (this.#config[key] ?? null) !== null;
  }

  is(key: string, value: string): boolean {
    return this.#config[key] === value;
  }

  text(key: string): string {
    const value = this.#config[key];
    if (typeof value === "string" && value !== "") return value;
    this.problems.push(this.has(key) ? `has a \`${key}\` that is no text` : `has no \`${key}\``);
    return "";
  }

  /** A whole number from 1; 1 stands in for one that is missing, which is a problem. */
  needed(key: string): number {
    const value = this.optional(key);
    if (value !== null) return value;
    const found = JSON.stringify(this.#config[key]);
    this.problems.push(
      this.has(key) ? `has \`${key}\` ${found}, which is no whole number from 1` : `has no \`${key}\``,
    );
    return 1;
  }

  /** A whole number from 1, if there is one. */
  optional(key: string): number | null {
    const value = this.#config[key];
    return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
  }

  flag(key: string): boolean | null {
    const value = this.#config[key];
    return typeof value === "boolean" ? value : null;
  }

  list(key: string): readonly unknown[] {
    const value = this.#config[key];
    return Array.isArray(value) ? value : [];
  }
}
