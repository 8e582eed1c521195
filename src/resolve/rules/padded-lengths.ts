import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding, type RelatedPlace } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { choiceText, nearestMultiples } from "./alike.ts";
import type { Rule, RuleCall, RuleModel } from "./context.ts";
import { degreeFactor, degreeOf } from "./degrees.ts";
import { runsModel } from "./loads.ts";

/** Codes of packed lengths that ranks can't share. */
export const paddingDiagnostics = defineDiagnostics("call", {
  "padded-length": {
    severity: "warning",
    message: ({ call, tokens, tensor, context, unit }: PaddingFacts) =>
      sentence`a micro-batch of call \`${call}\` holds ${factor("tokens", `${tokens} tokens`)}, no multiple of ${unitText(tensor, context)}${tensor > 1 && context > 1 ? ` = ${unit}` : ""}: one that is padded to be shared would hold more`,
    help: ({ tokens, unit }) => `set \`maxTokensPerMb\` to ${choiceText(nearestMultiples(tokens, unit))}`,
  },
});

type PaddingFacts = {
  readonly call: string;
  readonly tokens: number;
  /** Tensor ranks that share a sequence; 1 without sequence parallelism. */
  readonly tensor: number;
  readonly context: number;
  /** What lengths are padded to. */
  readonly unit: number;
};

function unitText(tensor: number, context: number) {
  const byTensor = factor("tensor", `tensor size ${tensor}`);
  const byContext = sentence`2 x ${factor("context", `context size ${context}`)}`;
  if (context === 1) return sentence`${byTensor}`;
  return tensor === 1 ? byContext : sentence`${byTensor} x ${byContext}`;
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
    const { tensor, context, unit } = paddingOf(model);
    if (tokens < 1 || tokens >= UNBOUNDED || tokens % unit === 0 || seen.has(`${tokens} ${unit}`)) return [];
    seen.add(`${tokens} ${unit}`);
    return [
      paddingDiagnostics["padded-length"](
        { call: call.name, tokens, tensor, context, unit },
        { at: at(`${each.pointer}/mbSpec/maxTokensPerMb`), gives: ["tokens"], related: factorsOf(each, model, tensor) },
      ),
    ];
  });
};

/** What packed lengths of a model are padded to: two parts of each context rank, so that all have the same work. */
function paddingOf(model: RuleModel): Pick<PaddingFacts, "tensor" | "context" | "unit"> {
  const tensor = model.topo.sequenceParallel ? model.topo.tensor : 1;
  const context = degreeOf(model, "context").size;
  return { tensor, context, unit: tensor * (context > 1 ? 2 * context : 1) };
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
  ];
}
