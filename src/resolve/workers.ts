import type { JsonObject } from "type-fest";
import { at, type Finding } from "../diagnostics/finding.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { type ExperimentScheduling, groupsOf } from "../spec/scheduling.ts";
import { MASTER_WORKER_DEFAULTS, WORKER_KINDS, type WorkerKind } from "../spec/worker.ts";
import { fieldsAt, type WorkerSet } from "../spec/worker-set.ts";
import { countDiagnostics, setupDiagnostics } from "./diagnostics.ts";

/** The one master worker of a setup: the author's, or made from what the model workers agree on. */
export function masterWorkerOf(
  config: ExperimentConfig,
  base: string,
  setup: number,
): { readonly set: WorkerSet; readonly findings: readonly Finding[] } {
  if (config.masterWorker !== null) {
    const { count } = config.masterWorker;
    const finding = () =>
      setupDiagnostics["master-workers"]({ setup, count }, { at: at(`${base}/masterWorker`), gives: ["count"] });
    return { set: config.masterWorker, findings: count === 1 ? [] : [finding()] };
  }
  const workers = config.modelWorker;
  const first = firstFields(workers);
  const findings =
    workers === null || workers.count === 0
      ? []
      : (["baseSeed", "shuffleDataset"] as const)
          .filter((field) => field in first && !Object.hasOwn(workers.shared, field))
          .map((field) => setupDiagnostics["ignored-difference"]({ field }, { at: at(`${base}/modelWorker`) }));
  const shared = {
    ...MASTER_WORKER_DEFAULTS,
    baseSeed: Number(first["baseSeed"] ?? 1),
    shuffleDataset: first["shuffleDataset"] !== false,
    expCtrl: config.expCtrl,
    nModelWorkers: workers?.count ?? 0,
  };
  return {
    set: {
      count: 1,
      shared: shared as unknown as JsonObject,
      shards: [],
      groups: [{ workers: "0", own: {}, columns: {}, shards: [] }],
    },
    findings,
  };
}

/** Fields of the first model worker. What all workers share is there without looking for it. */
function firstFields(workers: WorkerSet | null): JsonObject {
  if (workers === null) return {};
  const { shared } = workers;
  return "baseSeed" in shared && "shuffleDataset" in shared ? shared : (fieldsAt(workers, 0) ?? {});
}

/** Workers of each kind that a setup configures. */
export function workerCounts(config: ExperimentConfig): Readonly<Record<WorkerKind, number>> {
  return {
    modelWorker: config.modelWorker?.count ?? 0,
    masterWorker: config.masterWorker?.count ?? 1,
    gserverManager: config.gserverManager.count,
    rolloutWorker: config.rolloutWorker.count,
    generationServer: config.generationServer.count,
  };
}

/** Proves that what is scheduled is what is configured, kind by kind. */
export function checkCounts(
  scheduling: ExperimentScheduling,
  config: ExperimentConfig,
  setup: number,
): readonly Finding[] {
  const counts = workerCounts(config);
  return WORKER_KINDS.flatMap((kind) => {
    // Workers that could not be laid out, or are none or too many, have a finding of their own; so has a count that is no number.
    if (kind === "modelWorker" && (config.modelWorker?.count ?? 0) === 0) return [];
    if (kind === "masterWorker" && counts[kind] !== 1) return [];
    const groups = groupsOf(scheduling[kind]);
    if (groups.some(({ count }) => !Number.isSafeInteger(count) || count < 0)) return [];
    const scheduled = groups.reduce((sum, { count }) => sum + count, 0);
    const configured = counts[kind];
    if (scheduled === configured) return [];
    return [
      countDiagnostics["count-mismatch"](
        { kind, scheduled, configured, setup },
        {
          at: at(groups.length === 0 ? "/scheduling" : `/scheduling/${kind}`),
          gives: ["scheduled"],
          related: [
            { at: at(`/setups/${setup}/${kind}`), message: `${configured} configured here`, gives: ["configured"] },
          ],
        },
      ),
    ];
  });
}
