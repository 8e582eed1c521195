import { callModelName } from "../spec/call.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import { worldSize } from "../spec/topology.ts";
import { modelNameText } from "../spec/model-name.ts";
import { WORKER_KINDS, type WorkerKind } from "../spec/worker.ts";
import { groupsOf } from "../spec/scheduling.ts";
import type { Authored, Resolved } from "./format.ts";

/** A manifest in a few lines: what lists and tables show. */
export interface ManifestSummary {
  readonly cluster: string;
  /** GPUs of all scheduled workers together. */
  readonly gpus: number;
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
  const gpus = WORKER_KINDS.flatMap((kind) => groupsOf(authored.scheduling[kind])).reduce(
    (sum, { count, scheduling }) => sum + count * scheduling.gpu,
    0,
  );
  return {
    cluster: authored.cluster.name,
    gpus,
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
