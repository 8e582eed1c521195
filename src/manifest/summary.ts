import { callModelName } from "../spec/call.ts";
import { type Column, columnLength, runsOf } from "../spec/column.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import { worldSize } from "../spec/topology.ts";
import { type ModelName, modelNameText } from "../spec/model-name.ts";
import { WORKER_KINDS, type WorkerKind } from "../spec/worker.ts";
import { groupsOf, type TasksGroup } from "../spec/scheduling.ts";
import { workerAt } from "../spec/worker-set.ts";
import { parseTimeLimit, UNLIMITED_SECONDS } from "../spec/slurm-time.ts";
import type { Authored, Resolved, ResolvedSetup } from "./format.ts";

/** A manifest in a few lines: what lists and tables show. */
export interface ManifestSummary {
  readonly cluster: string;
  /** GPUs of all scheduled workers together. */
  readonly gpus: number;
  /** GPUs times the time limits of their jobs, in seconds; `null` if one of these has no limit. */
  readonly gpuSeconds: number | null;
  /** GPUs that hold a role's models, be it one replica or several, with those of the servers that generate with one. */
  readonly gpusByRole: Readonly<Record<string, number>>;
  /** Workers of each kind that there are, of the first setup. */
  readonly workers: Readonly<Partial<Record<WorkerKind, number>>>;
  readonly calls: readonly CallSummary[];
  /** Number of setups that run one after another. */
  readonly setups: number;
}

/** One call of the first setup. */
export interface CallSummary {
  readonly name: string;
  readonly kind: string;
  /** `role@replica`. */
  readonly model: string;
  /** `d4p1m2`; `null` if no worker holds the model. */
  readonly layout: string | null;
  readonly gpus: number;
}

/** Sums a manifest up. */
export function summarize(authored: Authored, resolved: Resolved): ManifestSummary {
  const [config] = authored.setups;
  const [setup] = resolved.setups;
  const topos = setup?.modelTopos ?? {};
  const topoOf = (model: string): ProcessTopology | undefined =>
    Object.hasOwn(topos, model) ? topos[model] : undefined;
  const groups = WORKER_KINDS.flatMap((kind) => groupsOf(authored.scheduling[kind]));
  const sumOf = (amount: (group: TasksGroup) => number) => groups.reduce((sum, group) => sum + amount(group), 0);
  const gpuSeconds = sumOf((group) => (gpusOf(group) === 0 ? 0 : gpusOf(group) * limitSeconds(group)));
  return {
    cluster: authored.cluster.name,
    gpus: sumOf(gpusOf),
    gpuSeconds: Number.isFinite(gpuSeconds) ? gpuSeconds : null,
    gpusByRole: gpusByRole(config, setup),
    workers: Object.fromEntries(
      WORKER_KINDS.flatMap((kind) => ((setup?.counts[kind] ?? 0) > 0 ? [[kind, setup?.counts[kind]]] : [])),
    ),
    calls: (config?.modelRpcs ?? []).map((call) => {
      const model = modelNameText(callModelName(call));
      const topo = topoOf(model);
      return {
        name: call.name,
        kind: call.interfaceType,
        model,
        layout: topo === undefined ? null : `d${topo.data}p${topo.pipe}m${topo.tensor}`,
        gpus: topo === undefined ? 0 : worldSize(topo),
      };
    }),
    setups: authored.setups.length,
  };
}

function gpusByRole(
  config: ExperimentConfig | undefined,
  setup: ResolvedSetup | undefined,
): Readonly<Record<string, number>> {
  const holders = new Map<string, readonly Column[]>();
  for (const [model, workers] of Object.entries(setup?.msid2mwid ?? {})) {
    const role = model.slice(0, model.lastIndexOf("@"));
    holders.set(role, [...(holders.get(role) ?? []), workers]);
  }
  const counts = new Map([...holders].map(([role, columns]) => [role, distinctIn(columns)]));
  const manager = config === undefined ? undefined : workerAt(config.gserverManager, 0);
  const server = config === undefined ? undefined : workerAt(config.generationServer, 0);
  if (manager !== undefined && server !== undefined) {
    const { role } = manager["modelName"] as unknown as ModelName;
    const gpus = Number(server["tpSize"]) * (setup?.counts.generationServer ?? 0);
    counts.set(role, (counts.get(role) ?? 0) + gpus);
  }
  return Object.fromEntries(counts);
}

/** Workers in any of the columns. Replicas of a role are few, and most have a column of one run. */
function distinctIn(columns: readonly Column[]): number {
  const [only] = columns;
  if (only !== undefined && new Set(columns).size === 1) return columnLength(only);
  const runs = columns.flatMap((column) => [...runsOf(column)]).sort(([a], [b]) => a - b);
  let [count, next] = [0, 0];
  for (const [first, last] of runs) {
    count += Math.max(0, last + 1 - Math.max(first, next));
    next = Math.max(next, last + 1);
  }
  return count;
}

function gpusOf({ count, scheduling }: TasksGroup): number {
  return count * scheduling.gpu;
}

/** No limit, or one that can't be read, is none. */
function limitSeconds({ scheduling: { timeLimit } }: TasksGroup): number {
  return (timeLimit === null ? null : parseTimeLimit(timeLimit)) ?? UNLIMITED_SECONDS;
}
