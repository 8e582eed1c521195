import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import type { ModelCard } from "../../manifest/format.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { alike, cardFactor, choiceText, namesOf, nearestDivisors } from "./alike.ts";
import type { Rule } from "./context.ts";
import { degreeOf } from "./degrees.ts";

/** Codes of experts that ranks can't share. */
export const expertDiagnostics = defineDiagnostics("model", {
  "experts-not-divisible": {
    severity: "error",
    message: ({ models, card, experts, expert }: ExpertFacts) =>
      experts === 0
        ? sentence`${factor("expert", `expert size ${expert}`)} of ${namesInTicks(models)} splits experts, of which ${factor("card", `\`${card}\``)} has none`
        : sentence`${factor("card", `${experts} experts`)} of \`${card}\` / ${factor("expert", `expert size ${expert}`)} is not whole: ranks of ${namesInTicks(models)} can't share them`,
    help: ({ experts, expert }) =>
      experts === 0 ? "leave the expert size at 1" : `use expert size ${choiceText(nearestDivisors(expert, experts))}`,
  },
});

type ExpertFacts = {
  readonly models: readonly string[];
  readonly card: string;
  readonly experts: number;
  readonly expert: number;
};

/** Ranks that share experts get the same number of them. */
export const expertsOfRanks: Rule = ({ models }) =>
  alike(
    models,
    (model) => {
      const { size } = degreeOf(model, "expert");
      return model.card === null || size === 1 || isShared(expertsOf(model.card), size) ? null : String(size);
    },
    (model, all, related): Finding => {
      const degree = degreeOf(model, "expert");
      const experts = model.card === null ? 0 : expertsOf(model.card);
      return expertDiagnostics["experts-not-divisible"](
        { models: namesOf(all), card: model.card?.id ?? "", experts, expert: degree.size },
        {
          at: at(degree.pointer ?? model.pointer),
          gives: ["expert"],
          related: [cardFactor(model, `${experts === 0 ? "no" : experts} experts`), ...related],
        },
      );
    },
    (model) => at(degreeOf(model, "expert").pointer ?? model.pointer),
  );

function isShared(experts: number, size: number): boolean {
  return experts > 0 && experts % size === 0;
}

/** Routed experts of a layer; a dense model has none. */
function expertsOf(card: ModelCard): number {
  return card.experts?.count ?? 0;
}
