import { defineDiagnostics } from "../../diagnostics/define.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { choiceText, nearestDivisors } from "./alike.ts";
import { nearestBatches, subjectOf, totalText } from "./batch-text.ts";
import { type BatchFacts, wrongBatches } from "./batches.ts";
import type { Rule } from "./context.ts";

/** Codes of micro-batches. */
export const microBatchDiagnostics = defineDiagnostics("call", {
  "micro-batches-not-divisible": {
    severity: "warning",
    message: (facts: BatchFacts) =>
      sentence`${subjectOf(facts, "takes", "take")} ${partText(facts)} / ${factor("nMbs", `${facts.nMbs} micro-batches`)}, which is not whole`,
    help: (facts) => {
      const own = facts.total / facts.ranks / facts.minibatches;
      const step = facts.ranks * facts.minibatches * facts.nMbs;
      const parts = choiceText(nearestDivisors(facts.nMbs, own));
      return `cut it into ${parts} micro-batches, or take ${choiceText(nearestBatches(facts, step))} sequences`;
    },
  },
});

function partText(facts: BatchFacts) {
  const own = sentence`${totalText(facts)} / ${factor("layout", `dp ${facts.ranks}`)}`;
  return facts.minibatches === 1
    ? own
    : sentence`${own} / ${factor("minibatches", `${facts.minibatches} minibatches`)}`;
}

/** The micro-batches of a data rank have the same number of sequences. */
export const evenMicroBatches: Rule = (context) =>
  wrongBatches(
    context,
    ({ total, ranks, minibatches, nMbs }) => {
      const own = total / ranks / minibatches.value;
      return Number.isInteger(own) && own >= nMbs && own % nMbs !== 0;
    },
    (facts, details) => microBatchDiagnostics["micro-batches-not-divisible"](facts, details),
  );
