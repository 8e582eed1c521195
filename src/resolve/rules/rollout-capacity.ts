import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { own } from "../../spec/own.ts";
import type { Rule, RuleContext } from "./context.ts";

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
export const rolloutCapacity: Rule = (context) => managers(context).flatMap((manager) => wrongCapacity(manager));

interface Manager {
  readonly batch: number;
  readonly batchPointer: string;
  readonly rollouts: number | null;
  readonly rolloutsPointer: string;
}

function managers({ config, base }: RuleContext): readonly Manager[] {
  const set = config.gserverManager;
  return set.groups.flatMap((group, index) => {
    const field = (name: string) => {
      const shared = own(set.shared, name);
      if (shared !== undefined) return { value: shared, pointer: `${base}/gserverManager/shared/${name}` };
      return { value: own(group.own, name), pointer: `${base}/gserverManager/groups/${index}/own/${name}` };
    };
    const batch = field("trainBatchSize");
    const rollouts = field("maxConcurrentRollouts");
    if (typeof batch.value !== "number") return [];
    return [
      {
        batch: batch.value,
        batchPointer: batch.pointer,
        rollouts: typeof rollouts.value === "number" ? rollouts.value : null,
        rolloutsPointer: rollouts.pointer,
      },
    ];
  });
}

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
