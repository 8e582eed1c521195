import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding, type RelatedPlace } from "../../diagnostics/finding.ts";
import { factor, sentence, type Sentence } from "../../diagnostics/sentence.ts";
import { choiceText, nearestMultiples } from "./alike.ts";
import type { Rule, RuleCall, RuleModel } from "./context.ts";
import { degreeFactor, degreeOf } from "./degrees.ts";
import { runsModel } from "./loads.ts";

/** Codes of packed lengths that ranks can't share. */
export const paddingDiagnostics = defineDiagnostics("call", {
  "padded-length": {
    severity: "warning",
    message: ({ call, tokens, unit, ...ranks }: PaddingFacts) =>
      sentence`a micro-batch of call \`${call}\` holds ${factor("tokens", `${tokens} tokens`)}, no multiple of ${unitText(ranks, unit)}: one that is padded to be shared would hold more`,
    help: ({ tokens, unit }) => `set \`maxTokensPerMb\` to ${choiceText(nearestMultiples(tokens, unit))}`,
  },
});

type PaddingFacts = {
  readonly call: string;
  readonly tokens: number;
  /** Tensor ranks that share a sequence; 1 without sequence parallelism. */
  readonly tensor: number;
  readonly context: number;
  readonly sequence: number;
  /** What lengths are padded to. */
  readonly unit: number;
};

type Ranks = Pick<PaddingFacts, "tensor" | "context" | "sequence">;

function unitText({ tensor, context, sequence }: Ranks, unit: number): Sentence {
  const parts = [
    ...(tensor > 1 ? [sentence`${factor("tensor", `tensor size ${tensor}`)}`] : []),
    ...(context > 1 ? [sentence`2 x ${factor("context", `context size ${context}`)}`] : []),
    ...(sequence > 1 ? [sentence`${factor("sequence", `sequence size ${sequence}`)}`] : []),
  ];
  const product = parts.reduce((whole, part) => sentence`${whole} x ${part}`);
  return parts.length > 1 ? sentence`${product} = ${unit}` : product;
}

/** What a micro-batch holds where nobody bounds it. */
const UNBOUNDED = 1_000_000_000_000;

/** Ranks that share a sequence get parts of one size: packed lengths are padded to that, and their limit must allow for it. */
export const paddedLengths: Rule = ({ calls }) => {
  const seen = new Set<string>();
  return calls.flatMap((each): readonly Finding[] => {
    const { call, model } = each;
    const tokens = call.mbSpec.maxTokensPerMb;
    if (model === null || call.interfaceType === "generate" || !runsModel(each) || !Number.isSafeInteger(tokens))
      return [];
    const { unit, ...ranks } = paddingOf(model);
    if (tokens < 1 || tokens >= UNBOUNDED || tokens % unit === 0 || seen.has(`${tokens} ${unit}`)) return [];
    seen.add(`${tokens} ${unit}`);
    return [
      paddingDiagnostics["padded-length"](
        { call: call.name, tokens, ...ranks, unit },
        {
          at: at(`${each.pointer}/mbSpec/maxTokensPerMb`),
          gives: ["tokens"],
          related: factorsOf(each, model, ranks.tensor),
        },
      ),
    ];
  });
};

/** What packed lengths of a model are padded to: two parts of each context rank, so that all have the same work. */
function paddingOf(model: RuleModel): Ranks & Pick<PaddingFacts, "unit"> {
  const tensor = model.topo.sequenceParallel ? model.topo.tensor : 1;
  const context = degreeOf(model, "context").size;
  const sequence = degreeOf(model, "sequence").size;
  return { tensor, context, sequence, unit: tensor * (context > 1 ? 2 * context : 1) * sequence };
}

function factorsOf({ call }: RuleCall, model: RuleModel, tensor: number): readonly RelatedPlace[] {
  return [
    ...(tensor === 1
      ? []
      : [
          {
            at: at(`${model.pointer}/topo/tensor`),
            message: `\`${call.name}\` shares sequences among ${tensor} tensor ranks`,
            gives: ["tensor"],
          },
        ]),
    ...degreeFactor(degreeOf(model, "context"), "context size", "context"),
    ...degreeFactor(degreeOf(model, "sequence"), "sequence size", "sequence"),
  ];
}
