import { type CallKeys, defineInterface, findPlugin } from "assay/plugin";

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
  callsFor: ({ interfaces }) => ({ inference: together([interfaces.rew, interfaces.ref]) }),
  pairs: { interfaces: "interface" },
});

/** Reads what each of the interfaces reads, and yields what each yields. Nothing is known of both if nothing is of one. */
function together(interfaces: readonly { readonly type: string }[]): CallKeys {
  const each = interfaces.map(({ type }) => inferenceKeys(type));
  const reads = each.map((keys) => keys?.reads ?? "any").filter((keys) => keys !== "any");
  const yields = each.map((keys) => keys?.yields ?? "any").filter((keys) => keys !== "any");
  const unique = (keys: readonly string[]) => [...new Set(keys)];
  return {
    reads:
      reads.length < each.length
        ? "any"
        : {
            required: unique(reads.flatMap(({ required }) => required)),
            optional: unique(reads.flatMap(({ optional = [] }) => optional)),
          },
    yields:
      yields.length < each.length
        ? "any"
        : {
            always: unique(yields.flatMap(({ always }) => always)),
            optional: unique(yields.flatMap(({ optional = [] }) => optional)),
          },
  };
}

/** Keys of an interface that is loaded; `undefined` for one that is not, or offers no inference. */
function inferenceKeys(type: string): CallKeys | undefined {
  const calls = findPlugin("interface", type)?.facts["calls"] as { readonly inference?: CallKeys } | undefined;
  return calls?.inference;
}
