import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import type { Rule, RuleCall } from "./context.ts";
import { type Degree, degreeFactor, degreeOf } from "./degrees.ts";
import { type LengthFacts, lengthFacts, lengthText } from "./length-text.ts";
import { lengthPlaces, lengthsOf } from "./lengths.ts";
import { runsModel } from "./loads.ts";

/** Codes of sequences that no micro-batch can hold. */
export const tokenDiagnostics = defineDiagnostics("call", {
  "sequence-exceeds-micro-batch": {
    severity: "warning",
    message: ({ calls, tokens, context, sequence, ...lengths }: TokenFacts) =>
      sentence`${lengthText(lengths)} don't fit into a micro-batch of ${namesInTicks(calls)}, which holds ${factor("tokens", `${tokens} tokens`)}${times("context", context)}${times("sequence", sequence)}${context * sequence > 1 ? ` = ${lengths.limit}` : ""}`,
    help: ({ total, context, sequence }) =>
      `raise \`maxTokensPerMb\` to at least ${Math.ceil(total / context / sequence)}, or make sequences shorter`,
  },
});

type TokenFacts = LengthFacts & {
  readonly calls: readonly string[];
  readonly tokens: number;
  readonly context: number;
  readonly sequence: number;
};

function times(name: "context" | "sequence", size: number) {
  return size > 1 ? sentence` x ${factor(name, `${name} size ${size}`)}` : "";
}

/** A sequence is never cut: it fits into a micro-batch of each call that runs its model on it. */
export const tokensOfMicroBatches: Rule = (setup) => {
  const lengths = lengthsOf(setup);
  if (lengths === null) return [];
  const wrong = new Map<string, readonly RuleCall[]>();
  for (const each of setup.calls) {
    const { call, model } = each;
    // Generation packs prompts only.
    if (model === null || call.interfaceType === "generate" || !runsModel(each)) continue;
    const [context, sequence] = [degreeOf(model, "context").size, degreeOf(model, "sequence").size];
    if (!(call.mbSpec.maxTokensPerMb * context * sequence < lengths.total)) continue;
    const key = `${call.mbSpec.maxTokensPerMb} ${context} ${sequence}`;
    wrong.set(key, [...(wrong.get(key) ?? []), each]);
  }
  return [...wrong.values()].map((calls): Finding => {
    const [first, ...others] = calls as [RuleCall, ...RuleCall[]];
    const tokens = first.call.mbSpec.maxTokensPerMb;
    const degree = (name: "context" | "sequence"): Degree =>
      first.model === null ? { size: 1, pointer: null } : degreeOf(first.model, name);
    const [contextDegree, sequenceDegree] = [degree("context"), degree("sequence")];
    const [{ size: context }, { size: sequence }] = [contextDegree, sequenceDegree];
    const places = lengthPlaces(lengths);
    const placeOf = ({ pointer }: RuleCall) => at(`${pointer}/mbSpec/maxTokensPerMb`);
    const names = calls.map(({ call }) => call.name);
    return tokenDiagnostics["sequence-exceeds-micro-batch"](
      { calls: names, tokens, context, sequence, ...lengthFacts(lengths, tokens * context * sequence) },
      {
        at: placeOf(first),
        gives: ["tokens"],
        related: [
          { at: places.at, message: `${lengths.total} tokens`, gives: places.gives },
          ...places.related,
          ...degreeFactor(contextDegree, "context size", "context"),
          ...degreeFactor(sequenceDegree, "sequence size", "sequence"),
          ...others.map((call) => ({ at: placeOf(call), message: `\`${call.call.name}\`, too` })),
        ],
      },
    );
  });
};
