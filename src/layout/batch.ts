import type { Finding } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import { placeOf } from "./input.ts";
import type { Placement } from "./place.ts";

/**
 * Every data-parallel rank and pipeline stage must get its sequences: `nSeqs >= f * dp * pp * min * mbs`, `f` being 2 for train
 * steps with a pipeline. The product is taken in doubles from left to right, as the workers do.
 */
export function batchFindings(calls: readonly Placement[]): readonly Finding[] {
  return calls.flatMap(({ call, sizes }) => {
    const factor = call.kind === "trainStep" && sizes.pipe > 1 ? 2 : 1;
    const least = factor * sizes.data * sizes.pipe * call.minNSeqsPerPass * call.mbSpec.nMbs;
    // A number of sequences that makes no sense has a finding of its own.
    if (call.nSeqs === null || call.nSeqs >= least || !(call.nSeqs >= 1)) return [];
    return [
      allocationDiagnostics["batch-too-small"](
        {
          call: call.name,
          nSeqs: call.nSeqs,
          least,
          factor,
          data: sizes.data,
          pipe: sizes.pipe,
          minNSeqsPerPass: call.minNSeqsPerPass,
          nMbs: call.mbSpec.nMbs,
        },
        { at: placeOf(call, "/nSeqs") },
      ),
    ];
  });
}
