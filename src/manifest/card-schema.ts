import type { Schema } from "@cfworker/json-schema";
import { object, orNull } from "../schema/shapes.ts";

const name: Schema = { type: "string", minLength: 1 };
const boolean: Schema = { type: "boolean" };
const integer: Schema = { type: "integer" };
const count: Schema = { type: "integer", minimum: 0 };

/** Properties of a model card, as manifests and descriptors of plugins have it. */
export const CARD_PROPERTIES: Readonly<Record<string, Schema>> = {
  id: name,
  family: name,
  hiddenSize: integer,
  layers: integer,
  heads: integer,
  kvHeads: integer,
  headDim: integer,
  ffnSize: orNull(integer),
  vocabSize: integer,
  tiedEmbeddings: boolean,
  maxPositions: orNull(integer),
  params: orNull(integer),
  "qkvBias?": boolean,
  "qkNorm?": boolean,
  "experts?": object({
    count,
    active: count,
    shared: count,
    ffnSize: count,
    denseLayers: count,
    "routerBias?": boolean,
  }),
  "latentAttention?": object({
    queryRank: orNull(count),
    keyValueRank: count,
    nopeHeadDim: count,
    ropeHeadDim: count,
    valueHeadDim: count,
  }),
};
