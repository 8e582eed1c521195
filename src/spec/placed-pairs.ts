import type { JsonValue } from "type-fest";
import type { ExperimentConfig } from "./experiment-config.ts";
import { isObject, own } from "./own.ts";
import type { TypeArgs } from "./pair.ts";

/** A type+args pair and where it stands. */
export interface PlacedPair {
  readonly kind: string;
  readonly pair: TypeArgs;
  readonly pointer: string;
}

/** Every pair of a setup. */
export function* pairsOf(config: ExperimentConfig, base: string): Generator<PlacedPair> {
  for (const [index, tracker] of (config.trackers ?? []).entries()) {
    yield { kind: "tracker", pair: tracker, pointer: `${base}/trackers/${index}` };
  }
  for (const [index, call] of config.modelRpcs.entries()) {
    yield { kind: "interface", pair: call.interfaceImpl, pointer: `${base}/modelRpcs/${index}/interfaceImpl` };
  }
  for (const [index, shard] of (config.modelWorker?.shards ?? []).entries()) {
    const pointer = `${base}/modelWorker/shards/${index}`;
    yield { kind: "model", pair: shard.model, pointer: `${pointer}/model` };
    for (const [position, wrapper] of shard.model.wrappers.entries()) {
      yield { kind: "wrapper", pair: wrapper, pointer: `${pointer}/model/wrappers/${position}` };
    }
    yield { kind: "backend", pair: shard.backend, pointer: `${pointer}/backend` };
    if (shard.evalDataset !== null)
      yield { kind: "dataset", pair: shard.evalDataset, pointer: `${pointer}/evalDataset` };
  }
  yield* datasetsOf(config, base);
  for (const field of ["env", "agent"] as const) {
    const kind = field === "env" ? "environment" : "agent";
    for (const [value, pointer] of fieldOf(config, "rolloutWorker", field, base)) {
      if (isPair(value)) yield { kind, pair: value, pointer };
    }
  }
}

/** The datasets of model workers and rollout workers. Plain strings are names that the workers know: no pairs. */
export function* datasetsOf(config: ExperimentConfig, base: string): Generator<PlacedPair> {
  for (const set of ["modelWorker", "rolloutWorker"] as const) {
    for (const [value, pointer] of fieldOf(config, set, "datasets", base)) {
      for (const [index, dataset] of (Array.isArray(value) ? value : []).entries()) {
        if (isPair(dataset)) yield { kind: "dataset", pair: dataset, pointer: `${pointer}/${index}` };
      }
    }
  }
}

/** A field of a worker set where it stands: shared, or once a group. */
export function* fieldOf(
  config: ExperimentConfig,
  set: "modelWorker" | "rolloutWorker" | "generationServer",
  field: string,
  base: string,
): Generator<readonly [JsonValue, string]> {
  const workers = config[set];
  if (workers === null) return;
  const shared = own(workers.shared, field);
  if (shared !== undefined) yield [shared, `${base}/${set}/shared/${field}`];
  for (const [index, group] of workers.groups.entries()) {
    const value = own(group.own, field);
    if (value !== undefined) yield [value, `${base}/${set}/groups/${index}/own/${field}`];
  }
}

/** True for a type with its arguments. */
export function isPair(value: unknown): value is TypeArgs {
  return isObject(value) && typeof value["type"] === "string" && isObject(value["args"]);
}
