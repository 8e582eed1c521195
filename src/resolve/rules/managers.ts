import { own } from "../../spec/own.ts";
import type { RuleContext } from "./context.ts";

/** A manager of generation servers. */
export interface Manager {
  /** Sequences of a training step, by its count. */
  readonly batch: number;
  readonly batchPointer: string;
  /** Rollouts that it allows at a time; `null` if it says nothing. */
  readonly rollouts: number | null;
  readonly rolloutsPointer: string;
}

/** Managers of a setup whose batch is a number. */
export function managersOf({ config, base }: RuleContext): readonly Manager[] {
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
