import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import type { Rule, RuleCall } from "./context.ts";
import { degreeFactor, degreeOf } from "./degrees.ts";
import { type LengthFacts, lengthFacts, lengthText } from "./length-text.ts";
import { lengthPlaces, lengthsOf } from "./lengths.ts";
import { runsModel } from "./loads.ts";

/** Codes of sequences that no micro-batch can hold. */
export const tokenDiagnostics = defineDiagnostics("call", {
  "sequence-exceeds-micro-batch": {
    severity: "warning",
    message: ({ calls, tokens, context, ...lengths }: TokenFacts) =>
      sentence`${lengthText(lengths)} don't fit into a micro-batch of ${namesInTicks(calls)}, which holds ${factor("tokens", `${tokens} tokens`)}${context > 1 ? sentence` x ${factor("context", `context size ${context}`)} = ${lengths.limit}` : ""}`,
    help: ({ total, context }) =>
      `raise \`maxTokensPerMb\` to at least ${Math.ceil(total / context)}, or make sequences shorter`,
  },
});

type TokenFacts = LengthFacts & {
  readonly calls: readonly string[];
  readonly tokens: number;
  readonly context: number;
};

/** A sequence is never cut: it fits into a micro-batch of each call that runs its model on it. */
export const tokensOfMicroBatches: Rule = (context) => {
  const lengths = lengthsOf(context);
  if (lengths === null) return [];
  const wrong = new Map<string, readonly RuleCall[]>();
  for (const each of context.calls) {
    const { call, model } = each;
    // Generation packs prompts only.
    if (model === null || call.interfaceType === "generate" || !runsModel(each)) continue;
    const { size } = degreeOf(model, "context");
    if (!(call.mbSpec.maxTokensPerMb * size < lengths.total)) continue;
    const key = `${call.mbSpec.maxTokensPerMb} ${size}`;
    wrong.set(key, [...(wrong.get(key) ?? []), each]);
  }
  return [...wrong.values()].map((calls): Finding => {
    const [first, ...others] = calls as [RuleCall, ...RuleCall[]];
    const tokens = first.call.mbSpec.maxTokensPerMb;
    const degree = first.model === null ? { size: 1, pointer: null } : degreeOf(first.model, "context");
    const places = lengthPlaces(lengths);
    const placeOf = ({ pointer }: RuleCall) => at(`${pointer}/mbSpec/maxTokensPerMb`);
    const names = calls.map(({ call }) => call.name);
    return tokenDiagnostics["sequence-exceeds-micro-batch"](
      { calls: names, tokens, context: degree.size, ...lengthFacts(lengths, tokens * degree.size) },
      {
        at: placeOf(first),
        gives: ["tokens"],
        related: [
          { at: places.at, message: `${lengths.total} tokens`, gives: places.gives },
          ...places.related,
          ...degreeFactor(degree, "context size", "context"),
          ...others.map((call) => ({ at: placeOf(call), message: `\`${call.call.name}\`, too` })),
        ],
      },
    );
  });
};
