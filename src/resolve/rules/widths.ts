import { defineDiagnostics } from "../../diagnostics/define.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { alike, axisPlace, cardFactor, choiceText, namesOf, nearestDivisors, ownModels } from "./alike.ts";
import type { Rule, RuleModel } from "./context.ts";

/** Codes of matrices that tensor ranks can't share. */
export const widthDiagnostics = defineDiagnostics("model", {
  "width-not-divisible": {
    severity: "error",
    message: ({ models, card, what, width, tensor }: WidthFacts) =>
      sentence`${factor("card", `${what} ${width}`)} of \`${card}\` / ${factor("tensor", `tensor size ${tensor}`)} is not whole: ranks of ${namesInTicks(models)} can't share it`,
    help: ({ width, tensor }) => `use a tensor size of ${choiceText(nearestDivisors(tensor, width))}`,
  },
});

type WidthFacts = {
  readonly models: readonly string[];
  readonly card: string;
  readonly what: string;
  readonly width: number;
  readonly tensor: number;
};

/** Hidden and feed-forward sizes and the vocabulary are split over tensor ranks, unless a backend pads them. */
export const widthsOfRanks: Rule = (context) =>
  alike(
    ownModels(context),
    (model) => widthProblem(model)?.what ?? null,
    (model, all, related): Finding => {
      const { what, width } = widthProblem(model) ?? { what: "", width: 1 };
      const { tensor } = model.topo;
      return widthDiagnostics["width-not-divisible"](
        { models: namesOf(all), card: model.card?.id ?? "", what, width, tensor },
        {
          at: axisPlace(model, "tensor"),
          gives: ["tensor"],
          related: [cardFactor(model, `${what} ${width}`), ...related],
        },
      );
    },
    (model) => axisPlace(model, "tensor"),
  );

/** The first size that does not divide. Heads that don't are a finding of their own, which says it all. */
function widthProblem({
  card,
  topo: { tensor },
  supports,
}: RuleModel): { readonly what: string; readonly width: number } | null {
  const pads = supports["padsVocabulary"];
  // Of a backend that says nothing nobody knows what it pads.
  if (card === null || pads === undefined || card.heads % tensor !== 0 || card.kvHeads % tensor !== 0) return null;
  const widths = [
    { what: "hidden size", width: card.hiddenSize },
    ...(card.ffnSize === null ? [] : [{ what: "feed-forward size", width: card.ffnSize }]),
    ...(card.experts === undefined ? [] : [{ what: "feed-forward size of experts", width: card.experts.ffnSize }]),
    // Only a backend that says that it doesn't pad the vocabulary needs one that divides.
    ...(pads === false ? [{ what: "vocabulary", width: card.vocabSize }] : []),
  ];
  return widths.find(({ width }) => width % tensor !== 0) ?? null;
}
