import { callModelName } from "../spec/call.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import { worldSize } from "../spec/topology.ts";
import { modelNameText } from "../spec/model-name.ts";
import { WORKER_KINDS, type WorkerKind } from "../spec/worker.ts";
import { groupsOf, type TasksGroup } from "../spec/scheduling.ts";
import { parseTimeLimit, UNLIMITED_SECONDS } from "../spec/slurm-time.ts";
import type { Authored, Resolved } from "./format.ts";

/** A manifest in a few lines: what lists and tables show. */
export interface ManifestSummary {
  readonly cluster: string;
  /** GPUs of all scheduled workers together. */
  readonly gpus: number;
  /** GPUs times the time limits of their jobs, in seconds; `null` if one of these has no limit. */
  readonly gpuSeconds: number | null;
  /** GPUs that hold a role's models: the largest of its replicas. */
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
  const gpusByRole = new Map<string, number>();
  for (const [model, topo] of Object.entries(topos)) {
    const role = model.slice(0, model.lastIndexOf("@"));
    gpusByRole.set(role, Math.max(gpusByRole.get(role) ?? 0, worldSize(topo)));
  }
  const groups = WORKER_KINDS.flatMap((kind) => groupsOf(authored.scheduling[kind]));
  const sumOf = (amount: (group: TasksGroup) => number) => groups.reduce((sum, group) => sum + amount(group), 0);
  const gpuSeconds = sumOf((group) => (gpusOf(group) === 0 ? 0 : gpusOf(group) * limitSeconds(group)));
  return {
    cluster: authored.cluster.name,
    gpus: sumOf(gpusOf),
    gpuSeconds: Number.isFinite(gpuSeconds) ? gpuSeconds : null,
    gpusByRole: Object.fromEntries(gpusByRole),
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

function gpusOf({ count, scheduling }: TasksGroup): number {
  return count * scheduling.gpu;
}

/** No limit, or one that can't be read, is none. */
function limitSeconds({ scheduling: { timeLimit } }: TasksGroup): number {
  return (timeLimit === null ? null : parseTimeLimit(timeLimit)) ?? UNLIMITED_SECONDS;
}
