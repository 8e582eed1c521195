import { defineDiagnostics } from "../../diagnostics/define.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { choiceText, nearestDivisors } from "./alike.ts";
import { nearestBatches, subjectOf, totalText } from "./batch-text.ts";
import { type BatchFacts, wrongBatches } from "./batches.ts";
import type { Rule } from "./context.ts";

/** Codes of batches that are trained in parts. */
export const minibatchDiagnostics = defineDiagnostics("call", {
  "minibatches-not-divisible": {
    severity: "warning",
    message: (facts: BatchFacts) =>
      sentence`${subjectOf(facts, "trains", "train")} ${totalText(facts)} / ${factor("layout", `dp ${facts.ranks}`)} / ${factor("minibatches", `${facts.minibatches} minibatches`)}, which is not whole: minibatches can't be of one size`,
    help: (facts) => {
      const own = facts.total / facts.ranks;
      const parts = Number.isInteger(own) ? nearestDivisors(facts.minibatches, own) : [];
      const fewer = parts.length === 0 ? "" : `, or train in ${choiceText(parts)} minibatches`;
      return `take ${choiceText(nearestBatches(facts, facts.ranks * facts.minibatches))} sequences${fewer}`;
    },
  },
});

/** The minibatches of a data rank are of one size. */
export const evenMinibatches: Rule = (context) =>
  wrongBatches(
    context,
    ({ total, ranks, minibatches: { value } }) =>
      total % ranks === 0 && total >= ranks * value && (total / ranks) % value !== 0,
    (facts, details) => minibatchDiagnostics["minibatches-not-divisible"](facts, details),
  );
