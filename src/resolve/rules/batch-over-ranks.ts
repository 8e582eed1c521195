import { defineDiagnostics } from "../../diagnostics/define.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { choiceText } from "./alike.ts";
import { nearestBatches, subjectOf, totalText } from "./batch-text.ts";
import { type BatchFacts, wrongBatches } from "./batches.ts";
import type { Rule } from "./context.ts";

/** Codes of batches that data ranks can't share. */
export const rankDiagnostics = defineDiagnostics("call", {
  "batch-not-divisible": {
    severity: "warning",
    message: (facts: BatchFacts) =>
      sentence`${subjectOf(facts, "takes", "take")} ${totalText(facts)} / ${factor("layout", `dp ${facts.ranks}`)}, which is not whole: data ranks can't share them evenly`,
    help: (facts) =>
      `take ${choiceText(nearestBatches(facts, facts.ranks))} sequences, or a data degree that divides ${facts.total}`,
  },
});

/** Every data rank gets as many sequences as every other one. */
export const batchOverRanks: Rule = (context) =>
  wrongBatches(
    context,
    ({ total, ranks }) => total >= ranks && total % ranks !== 0,
    (facts, details) => rankDiagnostics["batch-not-divisible"](facts, details),
  );
