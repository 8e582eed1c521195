import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { alike, axisPlace, cardFactor, choiceText, namesOf } from "./alike.ts";
import type { Rule, RuleModel } from "./context.ts";
import { degreeOf } from "./degrees.ts";

/** Codes of heads that ranks of one sequence can't exchange. */
export const sequenceHeadDiagnostics = defineDiagnostics("model", {
  "sequence-heads": {
    severity: "error",
    message: ({ models, card, heads, kvHeads, tensor, sequence }: HeadFacts) =>
      sentence`${factor("sequence", `sequence size ${sequence}`)} of ${namesInTicks(models)} must divide the heads of a tensor rank, ${factor("card", `${heads} of \`${card}\``)} / ${factor("tensor", `tp ${tensor}`)} = ${heads / tensor}, and divide its ${kvHeads / tensor} key-value heads or be a multiple of them`,
    help: ({ heads, kvHeads, tensor }) => {
      const sizes = Array.from({ length: heads / tensor }, (_, index) => index + 1);
      return `use a sequence size among ${choiceText(sizes.filter((size) => areExchanged(size, heads / tensor, kvHeads / tensor)))}`;
    },
  },
});

type HeadFacts = {
  readonly models: readonly string[];
  readonly card: string;
  readonly heads: number;
  readonly kvHeads: number;
  readonly tensor: number;
  readonly sequence: number;
};

/** Ranks that exchange heads for parts of a sequence, as in Ulysses attention, get as many heads each. */
export const headsOfSequences: Rule = ({ models }) =>
  alike(
    models,
    (model) => {
      const { size } = degreeOf(model, "sequence");
      const heads = headsOf(model);
      return heads === null || areExchanged(size, heads.own, heads.keyValue) ? null : String(size);
    },
    (model, all, related): Finding => {
      const { card, topo } = model;
      const degree = degreeOf(model, "sequence");
      const { heads = 0, kvHeads = 0 } = card ?? {};
      return sequenceHeadDiagnostics["sequence-heads"](
        { models: namesOf(all), card: card?.id ?? "", heads, kvHeads, tensor: topo.tensor, sequence: degree.size },
        {
          at: at(degree.pointer ?? model.pointer),
          gives: ["sequence"],
          related: [
            cardFactor(model, `${heads} attention heads, ${kvHeads} key-value heads`),
            { at: axisPlace(model, "tensor"), message: `tp ${topo.tensor} comes from here`, gives: ["tensor"] },
            ...related,
          ],
        },
      );
    },
    (model) => at(degreeOf(model, "sequence").pointer ?? model.pointer),
  );

/** Heads of a tensor rank; `null` where nothing is known of them, or the layout is wrong in the first place. */
function headsOf(model: RuleModel): { readonly own: number; readonly keyValue: number } | null {
  const { card, topo } = model;
  const { tensor } = topo;
  if (topo.data % degreeOf(model, "sequence").size !== 0) return null;
  if (card === null || card.heads % tensor !== 0 || card.kvHeads % tensor !== 0) return null;
  return { own: card.heads / tensor, keyValue: card.kvHeads / tensor };
}

function areExchanged(size: number, heads: number, keyValueHeads: number): boolean {
  return heads % size === 0 && (keyValueHeads % size === 0 || size % keyValueHeads === 0);
}
