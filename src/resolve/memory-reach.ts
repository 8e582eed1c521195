import type { Authored, Reach } from "../manifest/format.ts";
import { ASSUMPTIONS } from "../memory/assumptions.ts";
import { gpuMemoryMiB } from "../spec/gpu-types.ts";
import type { SetupReach } from "./reach.ts";

/** What an estimate of memory takes for granted, and what it leaves out. */
export function memoryReach(
  { cluster }: Pick<Authored, "cluster">,
  setups: readonly SetupReach[],
): Pick<Reach, "assumed" | "notChecked"> {
  const notChecked: string[] = [];
  const phases = setups.flatMap(({ resolved }) => resolved.memory?.phases ?? []);
  const reasons = new Map<string, Set<string>>();
  for (const { resolved } of setups) {
    for (const [model, reason] of Object.entries(resolved.memory?.notEstimated ?? {})) {
      reasons.set(reason, (reasons.get(reason) ?? new Set()).add(model));
    }
  }
  for (const [reason, models] of [...reasons].sort(byReason))
    notChecked.push(`memory of ${[...models].sort().join(", ")}: ${reason}`);
  if (phases.length === 0) {
    return { assumed: [], notChecked: notChecked.length > 0 ? notChecked : ["memory: no model card"] };
  }
  if (gpuMemoryMiB(cluster) === null) {
    const type = cluster.gpuType;
    return {
      assumed: [],
      notChecked: [
        ...notChecked,
        `memory: the memory of GPU type ${type} is not known, and the cluster gives no gpuMemMiB`,
      ],
    };
  }
  const unbounded = [...new Set(setups.flatMap((setup) => setup.unbounded))];
  if (unbounded.length > 0) {
    notChecked.push(`activations and caches of ${unbounded.join(", ")}: no limit of its sequences is known`);
  }
  return { assumed: [`memory: an estimate for ${ASSUMPTIONS}`], notChecked };
}

function byReason([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
