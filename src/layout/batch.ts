import type { Finding, RelatedPlace } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import { degreeFactor } from "./factors.ts";
import { placeOf } from "./input.ts";
import type { Placement } from "./place.ts";

/**
 * Every data-parallel rank and pipeline stage must get its sequences: `nSeqs >= f * dp * pp * min * mbs`, `f` being 2 for train
 * steps with a pipeline. The product is taken in doubles from left to right, as the workers do. Calls whose sequences are one
 * number of one place are one mistake, told of the call that needs most.
 */
export function batchFindings(calls: readonly Placement[]): readonly Finding[] {
  const short = new Map<string, readonly Short[]>();
  for (const placed of calls) {
    const { call, sizes } = placed;
    const factor = call.kind === "trainStep" && sizes.pipe > 1 ? 2 : 1;
    const least = factor * sizes.data * sizes.pipe * call.minNSeqsPerPass * call.mbSpec.nMbs;
    // A number of sequences that makes no sense has a finding of its own.
    if (call.nSeqs === null || call.nSeqs >= least || !(call.nSeqs >= 1)) continue;
    const cause = `${call.nSeqs} ${call.nSeqsFrom ?? `call ${call.name}`}`;
    short.set(cause, [...(short.get(cause) ?? []), { placed, nSeqs: call.nSeqs, factor, least }]);
  }
  return [...short.values()].map(batchFinding);
}

/** A call that gets fewer sequences than it needs. */
interface Short {
  readonly placed: Placement;
  readonly nSeqs: number;
  readonly factor: number;
  readonly least: number;
}

function batchFinding(all: readonly Short[]): Finding {
  const most = all.reduce((a, b) => (b.least > a.least ? b : a));
  const { placed, nSeqs, factor, least } = most;
  const { call, sizes } = placed;
  const others = all.filter((other) => other !== most);
  return allocationDiagnostics["batch-too-small"](
    {
      calls: all.map((each) => each.placed.call.name),
      call: call.name,
      nSeqs,
      least,
      factor,
      data: sizes.data,
      pipe: sizes.pipe,
      minNSeqsPerPass: call.minNSeqsPerPass,
      nMbs: call.mbSpec.nMbs,
    },
    {
      at: placeOf(call, "/nSeqs"),
      gives: ["nSeqs"],
      related: [
        ...degreeFactor(placed),
        ...settingFactors(placed),
        ...others.map((other) => ({
          at: placeOf(other.placed.call),
          message: `\`${other.placed.call.name}\` needs ${other.least}`,
        })),
      ],
    },
  );
}

/** Factors that the call itself says; 1 is what it has unless it says so. */
function settingFactors({ call }: Placement): readonly RelatedPlace[] {
  const { minNSeqsPerPass, mbSpec } = call;
  return [
    ...(minNSeqsPerPass === 1
      ? []
      : [
          {
            at: placeOf(call, "/minNSeqsPerPass"),
            message: `${minNSeqsPerPass} per pass comes from here`,
            gives: ["minNSeqsPerPass"],
          },
        ]),
    ...(mbSpec.nMbs === 1
      ? []
      : [
          {
            at: placeOf(call, "/mbSpec/nMbs"),
            message: `${mbSpec.nMbs} micro-batches come from here`,
            gives: ["nMbs"],
          },
        ]),
  ];
}
