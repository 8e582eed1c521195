import type { JsonObject } from "type-fest";
import type { ModelCard } from "../../../manifest/format.ts";
import { modelCardFromConfig } from "../../../manifest/model-card.ts";
import { countParameters } from "../../../memory/parameters.ts";
import type { ModelFamilyDefinition } from "../../../plugin/definition.ts";
import { isObject } from "../../../spec/own.ts";
import type { ContractCase } from "../case.ts";
import { ODD_NAMES } from "../hostile.ts";
import type { Subject } from "../subject.ts";
import { problemCase } from "./names.ts";

/** A family's cards describe models that there can be. */
export function modelFamilyCases(
  { definition }: Subject<ModelFamilyDefinition>,
  configs: Readonly<Record<string, JsonObject>>,
): readonly ContractCase[] {
  const { cards, type } = definition;
  const of = `the family \`${type}\``;
  const first = (find: (card: ModelCard) => string | null) => () => {
    for (const card of cards) {
      const problem = find(card);
      if (problem !== null) return `\`${card.id}\`: ${problem}`;
    }
    return null;
  };
  return [
    problemCase(
      "cards: ids are names, each once",
      `${of} names its cards`,
      "name cards by letters, digits, `.`, `_`, `/` and `-`",
      () => {
        const odd = cards.find(({ id }) => !/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(id));
        if (odd !== undefined) return odd.id;
        return cards.find(({ id }, index) => cards.findIndex((other) => other.id === id) < index)?.id;
      },
    ),
    problemCase(
      "cards: sizes are whole numbers",
      `sizes of models of ${of} are whole numbers from 1`,
      "correct the card",
      first(sizeProblem),
    ),
    problemCase(
      "cards: heads are shared evenly",
      `key-value heads of ${of} serve the same number of heads each`,
      "correct `heads` and `kvHeads`",
      first(({ heads, kvHeads }) => (heads % kvHeads === 0 ? null : `${heads} heads, ${kvHeads} key-value heads`)),
    ),
    problemCase(
      "cards: parameters are as many as the architecture has",
      `models of ${of} have, up to a fifth, the parameters that their sizes give`,
      "correct `params`, or the size that is wrong",
      first(paramsProblem),
    ),
    problemCase(
      "readers: families that read its checkpoints are named once",
      `${of} names other families by which its checkpoints are read`,
      "correct `readableAs`",
      () => {
        const names = Array.isArray(definition.facts["readableAs"]) ? definition.facts["readableAs"] : [];
        return names.find((name, index) => name === type || typeof name !== "string" || names.indexOf(name) < index);
      },
    ),
    problemCase(
      "configs: a card is read from a checkpoint's own configuration",
      `a \`config.json\` of ${of} gives the card of its model`,
      "correct the card, or the sample of `configs`",
      () => {
        for (const [id, config] of Object.entries(configs)) {
          const read = modelCardFromConfig(config, id);
          if (read === null) return `\`${id}\`: no card can be read`;
          const card = cards.find((one) => one.id === id);
          const expected = card === undefined ? { family: type } : { ...card, params: null };
          const wrong = Object.entries(expected).find(
            ([name, value]) => !sameData(read[name as keyof ModelCard], value),
          );
          if (wrong !== undefined)
            return { id, property: wrong[0], card: wrong[1], config: read[wrong[0] as keyof ModelCard] };
        }
        return null;
      },
    ),
    problemCase(
      "configs: a card comes back from what it says",
      `what a card of ${of} says is what a \`config.json\` of the same sizes gives, under any id`,
      "correct the size that is missing or no whole number",
      first((card) => {
        for (const id of [card.id, ...ODD_NAMES]) {
          const read = modelCardFromConfig(configOf(card), id);
          if (read === null) return "no card can be read";
          const expected: ModelCard = { ...card, id, params: null };
          const wrong = Object.entries(expected).find(
            ([name, value]) => !sameData(read[name as keyof ModelCard], value),
          );
          if (wrong !== undefined)
            return `\`${wrong[0]}\` is ${textOf(read[wrong[0] as keyof ModelCard])}, not ${textOf(wrong[1])}`;
        }
        return null;
      }),
    ),
  ];
}

const textOf = (value: unknown) => JSON.stringify(value) ?? "missing";

/** Whether two values of cards, which are plain data, say the same, in whatever order. */
function sameData(left: unknown, right: unknown): boolean {
  if (!isObject(left) || !isObject(right)) return left === right;
  const names = Object.keys(right);
  return names.length === Object.keys(left).length && names.every((name) => sameData(left[name], right[name]));
}

const SIZES = ["hiddenSize", "layers", "heads", "kvHeads", "headDim", "vocabSize"] as const;
const SIZES_OR_NULL = ["ffnSize", "maxPositions", "params"] as const;

function sizeProblem(card: ModelCard): string | null {
  const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
  const wrong =
    SIZES.find((name) => !isWhole(card[name])) ??
    SIZES_OR_NULL.find((name) => card[name] !== null && !isWhole(card[name]));
  return wrong === undefined ? null : `\`${wrong}\` is ${String(card[wrong])}`;
}

/** Parameters against those that the sizes give, be there experts or latent attention. */
function paramsProblem(card: ModelCard): string | null {
  const { params } = card;
  const counted = countParameters(card);
  if (params === null || counted === null) return null;
  const isPlausible = Math.abs(params / counted.total - 1) <= 0.2;
  return isPlausible ? null : `${params} parameters, its sizes give ${counted.total}`;
}

/** The configuration of a model of these sizes, as `transformers` names them. */
function configOf(card: ModelCard): JsonObject {
  const { experts, latentAttention } = card;
  return {
    model_type: card.family,
    hidden_size: card.hiddenSize,
    num_hidden_layers: card.layers,
    num_attention_heads: card.heads,
    num_key_value_heads: card.kvHeads,
    head_dim: card.headDim,
    ...(card.ffnSize === null ? {} : { intermediate_size: card.ffnSize }),
    vocab_size: card.vocabSize,
    tie_word_embeddings: card.tiedEmbeddings,
    ...(card.maxPositions === null ? {} : { max_position_embeddings: card.maxPositions }),
    attention_bias: card.qkvBias === true,
    ...(experts === undefined
      ? {}
      : {
          n_routed_experts: experts.count,
          num_experts_per_tok: experts.active,
          n_shared_experts: experts.shared,
          moe_intermediate_size: experts.ffnSize,
          first_k_dense_replace: experts.denseLayers,
          ...(experts.routerBias === true ? { topk_method: "noaux_tc" } : {}),
        }),
    ...(latentAttention === undefined
      ? {}
      : {
          q_lora_rank: latentAttention.queryRank,
          kv_lora_rank: latentAttention.keyValueRank,
          qk_nope_head_dim: latentAttention.nopeHeadDim,
          qk_rope_head_dim: latentAttention.ropeHeadDim,
          v_head_dim: latentAttention.valueHeadDim,
        }),
  };
}
