import type { FromSchema } from "json-schema-to-ts";

/** JSON Schema of how sequences are generated: an argument of interfaces and agents that generate. */
export const generationConfigSchema = {
  type: "object",
  description: "How sequences are generated.",
  properties: {
    n: { type: "integer", minimum: 1, description: "Sequences for each prompt." },
    maxNewTokens: { type: "integer", minimum: 1, description: "Tokens of a sequence after its prompt, at most." },
    minNewTokens: { type: "integer", minimum: 0, description: "Tokens of a sequence after its prompt, at least." },
    greedy: { type: "boolean", description: "Takes the likeliest token each time." },
    topP: {
      type: "number",
      exclusiveMinimum: 0,
      maximum: 1,
      description: "Probability that the likeliest tokens, from which one is drawn, have together.",
    },
    topK: { type: "integer", minimum: 1, description: "Likeliest tokens from which one is drawn." },
    temperature: {
      type: "number",
      exclusiveMinimum: 0,
      description: "Evens out probabilities above 1, sharpens them below.",
    },
    useCudaGraph: { type: "boolean", description: "Decodes in captured graphs." },
    forceCudagraphRecapture: { type: "boolean", description: "Captures graphs anew for each batch." },
    forceNoLogitsMask: { type: "boolean", description: "Keeps no mask of the tokens that top-p and top-k left out." },
  },
  required: [
    "n",
    "maxNewTokens",
    "minNewTokens",
    "greedy",
    "topP",
    "topK",
    "temperature",
    "useCudaGraph",
    "forceCudagraphRecapture",
    "forceNoLogitsMask",
  ],
  additionalProperties: false,
} as const;

/** How sequences are generated, as interfaces and agents take it. */
export type GenerationConfig = FromSchema<typeof generationConfigSchema>;
