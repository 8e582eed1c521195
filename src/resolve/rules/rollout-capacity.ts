import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import type { Rule } from "./context.ts";
import { type Manager, managersOf } from "./managers.ts";

/** Codes of the manager of generation servers. */
export const staleDiagnostics = defineDiagnostics("config", {
  "rollout-capacity": {
    severity: "warning",
    message: ({ rollouts, batch }: { rollouts: number; batch: number }) =>
      rollouts < 1
        ? sentence`the server manager allows ${factor("rollouts", `${rollouts} rollouts`)} at a time: none ever starts`
        : sentence`the server manager allows ${factor("rollouts", rollouts === 1 ? "1 rollout" : `${rollouts} rollouts`)} at a time, fewer than the ${factor("batch", `${batch} sequences`)} of a training step`,
    help: ({ batch }) => `allow at least ${batch}`,
  },
});

/** As many samples as a training step takes can be on their way at a time. */
export const rolloutCapacity: Rule = (context) => managersOf(context).flatMap((manager) => wrongCapacity(manager));

function wrongCapacity({ rollouts, rolloutsPointer, batch, batchPointer }: Manager): readonly Finding[] {
  if (rollouts === null || rollouts >= batch) return [];
  return [
    staleDiagnostics["rollout-capacity"](
      { rollouts, batch },
      {
        at: at(rolloutsPointer),
        gives: ["rollouts"],
        related: [{ at: at(batchPointer), message: `${batch} sequences a step`, gives: ["batch"] }],
      },
    ),
  ];
}
