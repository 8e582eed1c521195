import type { JsonObject } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import { modelNameText } from "../spec/model-name.ts";
import { systemSetup, WORKER_TYPE_NAMES, type WorkerInformation, type WorkerKind } from "../spec/worker.ts";
import { type WorkerSet, workerAt } from "../spec/worker-set.ts";
import { bind, type Bindings } from "./bindings.ts";
import { manifestDiagnostics } from "./diagnostics.ts";
import type { Manifest } from "./format.ts";

/** What a worker's configuration is made from. */
export type WorkerSource = Pick<Manifest, "name" | "authored" | "resolved">;

/** Number of workers of a kind. */
export function workerCount(manifest: Pick<Manifest, "resolved">, kind: WorkerKind, setup = 0): number {
  return manifest.resolved.setups[setup]?.counts[kind] ?? 0;
}

/**
 * The whole configuration of one worker, references filled in; no other worker is made for it. Model workers and the master
 * carry the calls, topologies and pairs of their setup; `msid2mwid` gives, by model, the workers of its ranks in rank order.
 * @throws {AssayError} `manifest/no-such-worker`, `manifest/unbound`
 */
export function resolveWorkerConfig(
  manifest: WorkerSource,
  kind: WorkerKind,
  index: number,
  bindings: Bindings,
  setup = 0,
): JsonObject {
  const { authored, resolved } = manifest;
  const count = workerCount(manifest, kind, setup);
  const config = authored.setups[setup];
  const own = resolved.setups[setup];
  const set: WorkerSet | null | undefined = kind === "masterWorker" ? own?.masterWorker : config?.[kind];
  const worker = set === null || set === undefined ? undefined : workerAt(set, index);
  if (worker === undefined || own === undefined || config === undefined) {
    throw new AssayError([
      manifestDiagnostics["no-such-worker"](
        { kind, index, count, setup },
        { at: { kind: "nowhere", reason: "the index was given by the program" } },
      ),
    ]);
  }
  const experimentName = bindings.experiment ?? manifest.name;
  const filled: Record<string, unknown> = {
    ...worker,
    workerInfo: systemSetup(worker["workerInfo"] as WorkerInformation | null, {
      experimentName,
      trialName: bindings.trial,
      workerType: WORKER_TYPE_NAMES[kind],
      workerIndex: index,
      workerCount: count,
    }),
  };
  if (kind === "modelWorker" || kind === "masterWorker") {
    filled["modelRpcs"] = config.modelRpcs;
    filled["modelTopos"] = own.modelTopos;
    filled["msid2mwid"] = own.msid2mwid;
    filled["dataTransferPairs"] = own.dataTransferPairs;
    filled["syncParamPairs"] = own.syncParamPairs;
  }
  if (Array.isArray(filled["shards"])) {
    const made = new Set(own.modelNamesToInstantiate);
    filled["shards"] = (filled["shards"] as { id: { modelName: { role: string; replicaId: number } } }[]).map(
      (shard) => ({ ...shard, shouldInstantiate: made.has(modelNameText(shard.id.modelName)) }),
    );
  }
  return bind(filled, { ...bindings, experiment: experimentName }, authored.cluster.fileroot) as JsonObject;
}
