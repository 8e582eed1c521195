import { defineInterface } from "assay/plugin";

/** A type with its arguments. */
const pair = {
  type: "object",
  properties: { type: { type: "string" }, args: { type: "object" } },
  required: ["type", "args"],
  additionalProperties: false,
} as const;

/** Rewards and the reference's log-probabilities in one call, each in a thread of its own. */
export const fusedThreading = defineInterface({
  type: "fused-threading",
  args: {
    type: "object",
    properties: {
      interfaces: {
        type: "object",
        description: "Interfaces that run side by side.",
        properties: {
          rew: { ...pair, description: "Gives rewards." },
          ref: { ...pair, description: "Gives log-probabilities." },
        },
        required: ["rew", "ref"],
        additionalProperties: false,
      },
    },
    required: ["interfaces"],
    additionalProperties: false,
  },
  calls: { inference: { reads: "any", yields: "any" } },
  pairs: { interfaces: "interface" },
});
