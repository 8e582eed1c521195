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

/** Which setup, and how much of a worker's configuration. */
export interface WorkerConfigOptions extends SetupOption {
  /** `false` leaves out what all workers of a setup share, for whoever sends that once; it is there unless told otherwise. */
  readonly shared?: boolean;
}

/** What model workers and the master share. */
const SHARED_FIELDS = ["modelRpcs", "modelTopos", "msid2mwid", "dataTransferPairs", "syncParamPairs"];

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
  { setup = 0, shared = true }: WorkerConfigOptions = {},
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
  const apart = Object.entries(whole).filter(([field]) => !SHARED_FIELDS.includes(field));
  const experiment = bindings.experiment ?? manifest.name;
  return bind(shared ? whole : Object.fromEntries(apart), {
    ...bindings,
    experiment,
    fileroot: authored.cluster.fileroot,
  }) as JsonObject;
}

/**
 * The configurations of all workers of a kind, in order, each made when it is asked for; see {@link resolveWorkerConfig}.
 * @throws {AssayError} `manifest/unbound`
 * @example for (const config of resolveWorkerConfigs(manifest, "rolloutWorker", bindings)) start(config);
 */
export function* resolveWorkerConfigs(
  manifest: WorkerSource,
  kind: WorkerKind,
  bindings: Bindings,
  options: WorkerConfigOptions = {},
): Generator<JsonObject> {
  const count = workerCount(manifest, kind, options);
  for (let index = 0; index < count; index += 1) {
    yield resolveWorkerConfig(manifest, kind, index, bindings, options);
  }
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
