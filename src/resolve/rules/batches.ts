import { at, type Finding } from "../../diagnostics/finding.ts";
import { callName, type RuleCall, type RuleContext } from "./context.ts";
import { type Batch, batchFactors, batchOf, takesAnything } from "./loads.ts";

/** Numbers of a batch that messages name. */
export type BatchFacts = {
  readonly calls: readonly string[];
  readonly call: string;
  readonly nSeqs: number;
  readonly each: number;
  readonly total: number;
  readonly ranks: number;
  readonly minibatches: number;
  readonly nMbs: number;
};

/**
 * One finding for all calls whose batches break a rule in the same way: calls of a step mostly take one number of sequences.
 */
export function wrongBatches(
  { calls, authored }: RuleContext,
  isWrong: (batch: Batch, call: RuleCall) => boolean,
  make: (facts: BatchFacts, details: Pick<Finding, "at" | "gives" | "related"> & { at: Finding["at"] }) => Finding,
): readonly Finding[] {
  // A batch that is too small will be another one: how the calls of its step would share it is not asked yet.
  if (authored.findings.some(({ code }) => code === "allocation/batch-too-small")) return [];
  const wrong = new Map<string, readonly { readonly call: RuleCall; readonly batch: Batch }[]>();
  for (const call of calls) {
    const batch = batchOf(call);
    // An interface that takes anything says nothing of sequences.
    if (batch === null || takesAnything(call) || !isWrong(batch, call)) continue;
    const key = [batch.nSeqs, batch.each.value, batch.ranks, batch.minibatches.value, batch.nMbs].join(" ");
    wrong.set(key, [...(wrong.get(key) ?? []), { call, batch }]);
  }
  return [...wrong.values()].map((all) => {
    const [first, ...others] = all as [(typeof all)[number], ...typeof all];
    const { nSeqs, each, total, ranks, minibatches, nMbs } = first.batch;
    return make(
      {
        calls: all.map(({ call }) => callName(call)),
        call: callName(first.call),
        nSeqs,
        each: each.value,
        total,
        ranks,
        minibatches: minibatches.value,
        nMbs,
      },
      {
        at: at(`${first.call.pointer}/nSeqs`),
        gives: ["nSeqs"],
        related: [
          ...batchFactors(first.call, first.batch),
          ...others.map(({ call }) => ({ at: at(call.pointer), message: `\`${callName(call)}\`, too` })),
        ],
      },
    );
  });
}
