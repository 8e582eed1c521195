import type { ClusterSpec } from "./cluster.ts";
import type { ExperimentConfig } from "./experiment-config.ts";
import {
  type ExperimentScheduling,
  experimentScheduling,
  generationServerDefault,
  gserverManagerDefault,
  masterWorkerDefault,
  modelWorkerDefault,
  rolloutWorkerDefault,
  tasksGroup,
} from "./scheduling.ts";
import type { WorkerKind } from "./worker.ts";

/**
 * The scheduling of a setup whose workers ask for nothing special: one task for each worker that it has and for the master, each
 * with its kind's default. Kinds without workers have no group; without a setup there is the master alone.
 * @example schedulingSetup() { return defaultScheduling(this.initialSetup(), this.cluster); }
 */
export function defaultScheduling(setup: ExperimentConfig | null, cluster: ClusterSpec): ExperimentScheduling {
  const group = (kind: WorkerKind, make: typeof modelWorkerDefault) => {
    const count = setup?.[kind]?.count ?? 0;
    return count === 0 ? null : tasksGroup(count, make(cluster));
  };
  return experimentScheduling({
    modelWorker: tasksGroup(setup?.modelWorker?.count ?? 0, modelWorkerDefault(cluster)),
    masterWorker: tasksGroup(setup?.masterWorker?.count ?? 1, masterWorkerDefault(cluster)),
    generationServer: group("generationServer", generationServerDefault),
    gserverManager: group("gserverManager", gserverManagerDefault),
    rolloutWorker: group("rolloutWorker", rolloutWorkerDefault),
  });
}
