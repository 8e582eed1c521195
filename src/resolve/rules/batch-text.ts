import { factor, sentence, type Sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import type { BatchFacts } from "./batches.ts";

/** The calls of a message, as its subject: "call `a` takes". */
export function subjectOf({ calls }: BatchFacts, one: string, several: string): string {
  return calls.length === 1 ? `call ${namesInTicks(calls)} ${one}` : `calls ${namesInTicks(calls)} ${several}`;
}

/** Sequences of a batch: "256 sequences x 8". */
export function totalText({ nSeqs, each }: BatchFacts): Sentence {
  const own = factor("nSeqs", `${nSeqs} sequences`);
  return each === 1 ? sentence`${own}` : sentence`${own} x ${factor("each", each)}`;
}

/** Numbers of sequences next to the given one that `step` divides, as often as each stands for. */
export function nearestBatches({ nSeqs, each }: BatchFacts, step: number): readonly number[] {
  // A multiple of so many rows has a whole number of steps in it.
  const unit = step / commonDivisor(step, each);
  const smaller = Math.floor(nSeqs / unit) * unit;
  return [...(smaller >= 1 && smaller !== nSeqs ? [smaller] : []), (Math.floor(nSeqs / unit) + 1) * unit];
}

/** The largest number that divides both. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
