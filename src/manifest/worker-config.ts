import type { JsonObject } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import { modelNameText } from "../spec/model-name.ts";
import {
  type ModelShard,
  systemSetup,
  WORKER_TYPE_NAMES,
  type WorkerInformation,
  type WorkerKind,
} from "../spec/worker.ts";
import { type WorkerSet, workerAt } from "../spec/worker-set.ts";
import { bind, type Bindings } from "./bindings.ts";
import { manifestDiagnostics } from "./diagnostics.ts";
import type { Manifest, ResolvedSetup } from "./format.ts";

/** What a worker's configuration is made from. */
export type WorkerSource = Pick<Manifest, "name" | "authored" | "resolved">;

/** Which of a manifest's setups; the first one unless told otherwise. */
export interface SetupOption {
  /** From 0. */
  readonly setup?: number;
}

/** Number of workers of a kind; 0 where there is no such setup. */
export function workerCount(
  manifest: Pick<Manifest, "resolved">,
  kind: WorkerKind,
  { setup = 0 }: SetupOption = {},
): number {
  const counts = manifest.resolved.setups[setup]?.counts;
  return counts !== undefined && Object.hasOwn(counts, kind) ? counts[kind] : 0;
}

/**
 * The whole configuration of one worker, references filled in; no other worker is made for it. Model workers and the master
 * carry the calls, topologies and pairs of their setup; `msid2mwid` gives, by model, the workers of its ranks in rank order.
 * The result is the caller's own: nothing in it is shared with the manifest.
 * @throws {AssayError} `manifest/no-such-worker`, `manifest/unbound`
 */
export function resolveWorkerConfig(
  manifest: WorkerSource,
  kind: WorkerKind,
  index: number,
  bindings: Bindings,
  { setup = 0 }: SetupOption = {},
): JsonObject {
  const { authored, resolved } = manifest;
  const config = authored.setups[setup];
  const own = resolved.setups[setup];
  const count = workerCount(manifest, kind, { setup });
  const worker = index < count ? workerOf(kind === "masterWorker" ? own?.masterWorker : config?.[kind], index) : null;
  if (worker === null || own === undefined || config === undefined) {
    throw new AssayError([
      manifestDiagnostics["no-such-worker"](
        { kind, index, count, setup },
        { at: { kind: "nowhere", reason: "the index was given by the program" } },
      ),
    ]);
  }
  const whole = {
    ...worker,
    ...(kind === "modelWorker" ? { shards: shardsToMake(worker["shards"], own) } : {}),
    ...(kind === "modelWorker" || kind === "masterWorker"
      ? {
          modelRpcs: config.modelRpcs,
          modelTopos: own.modelTopos,
          msid2mwid: own.msid2mwid,
          dataTransferPairs: own.dataTransferPairs,
          syncParamPairs: own.syncParamPairs,
        }
      : {}),
    // Names stand as references, so that a name without a value is found together with all others.
    workerInfo: systemSetup((worker["workerInfo"] ?? null) as WorkerInformation | null, {
      experimentName: "${experiment}",
      trialName: "${trial}",
      workerType: WORKER_TYPE_NAMES[kind],
      workerIndex: index,
      workerCount: count,
    }),
  };
  const experiment = bindings.experiment ?? manifest.name;
  return bind(whole, { ...bindings, experiment, fileroot: authored.cluster.fileroot }) as JsonObject;
}

function workerOf(set: WorkerSet | null | undefined, index: number): JsonObject | null {
  return set === null || set === undefined || !Number.isSafeInteger(index) ? null : (workerAt(set, index) ?? null);
}

function shardsToMake(shards: unknown, { modelNamesToInstantiate }: ResolvedSetup): readonly object[] {
  const made = new Set(modelNamesToInstantiate);
  return ((shards ?? []) as readonly ModelShard[]).map((shard) => ({
    ...shard,
    shouldInstantiate: made.has(modelNameText(shard.id.modelName)),
  }));
}
