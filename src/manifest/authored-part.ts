import { defaultScheduling } from "../spec/default-scheduling.ts";
import type { Authored } from "./format.ts";

/**
 * The authored part of a manifest that no class of Assay made, from what it can't be without. Its scheduling is that of the first
 * setup's workers with their kinds' defaults, and everything else is empty, unless given.
 * @example resolve({ authored: authoredPart({ experiment: "imported", cluster, setups: [config] }) });
 */
export function authoredPart(input: Pick<Authored, "experiment" | "cluster" | "setups"> & Partial<Authored>): Authored {
  const scheduling = input.scheduling ?? defaultScheduling(input.setups[0] ?? null, input.cluster);
  return { launch: {}, models: {}, facts: {}, acknowledgements: [], findings: [], ...input, scheduling };
}
