import type { JsonObject } from "type-fest";
import {
  allNumbers,
  type Column,
  columnAt,
  columnIndexOf,
  columnLength,
  numbersOf,
  runsOf,
  toColumn,
} from "./column.ts";
import type { ModelName } from "./model-name.ts";
import type { TypeArgs } from "./pair.ts";
import { type Coordinates, coordinatesOf, type ProcessTopology } from "./topology.ts";
import type { ModelAbstraction, ModelWorker } from "./worker.ts";
import { Packer } from "./worker-packer.ts";

/**
 * All workers of one kind: what they share once, and what tells them apart as columns. 16,384 workers that differ in
 * their ranks take a few hundred bytes when ranks run with workers, and a digit string when they are shuffled.
 */
export interface WorkerSet {
  readonly count: number;
  /** Fields that are the same for every worker. */
  readonly shared: JsonObject;
  /** Shards without their ranks; model workers only. */
  readonly shards: readonly ShardTemplate[];
  /** Workers that are alike but for columns; every worker is in exactly one group. */
  readonly groups: readonly WorkerGroup[];
}

/** A shard as its workers share it: all but the ranks. */
export interface ShardTemplate {
  readonly modelName: ModelName;
  readonly topo: ProcessTopology;
  readonly model: ModelAbstraction;
  readonly backend: TypeArgs;
  readonly evalDataset: TypeArgs | null;
  readonly evalBs: number;
  readonly shouldInstantiate: boolean;
}

/** A group of workers. */
export interface WorkerGroup {
  /** Worker indices: ascending, or in the order of ranks where that is much shorter. */
  readonly workers: Column;
  /** Fields that these workers share and others have otherwise. */
  readonly own: JsonObject;
  /** Whole-number fields, one number a worker, in the order of `workers`. */
  readonly columns: Readonly<Record<string, Column>>;
  /** The shards that each of these workers holds, in order. */
  readonly shards: readonly ShardPlacement[];
}

/** Which shard template, and each worker's rank in its topology. */
export interface ShardPlacement {
  readonly shard: number;
  /** Ranks in the order of the group's `workers`; `null` if some lie outside the topology. */
  readonly ranks: Column | null;
  /** Only where `ranks` is `null`: pipe, data and tensor rank of each worker. */
  readonly coordinates: readonly (readonly [pipe: number, data: number, tensor: number])[] | null;
}

/** True if a value is a worker set rather than a list of workers. */
export function isWorkerSet(value: unknown): value is WorkerSet {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "groups" in value && "shared" in value;
}

/** Packs workers, given one by one in index order. Linear in their number; equal parts are kept once. */
export function workerSet(workers: Iterable<object>): WorkerSet {
  const packer = new Packer();
  for (const worker of workers) packer.add(worker as Readonly<Record<string, unknown>>);
  return packer.finish();
}

/** A set of workers that are all alike, without making them. */
export function sameWorkers(count: number, worker: object): WorkerSet {
  if (count < 1) return workerSet([]);
  const one = workerSet([worker]);
  const workers: Column = count === 1 ? "0" : `0-${count - 1}`;
  return { ...one, count, groups: one.groups.map((group) => ({ ...group, workers })) };
}

/** The workers of a set, one at a time, in index order. Each is made when it is asked for; all take linear time. */
export function* workersOf(set: WorkerSet): Generator<JsonObject> {
  const waiting = new Map<number, { readonly make: () => JsonObject; readonly group: Generator<WaitingWorker> }>();
  const advance = (group: Generator<WaitingWorker>) => {
    const { value, done } = group.next();
    if (done !== true) waiting.set(value.index, { make: value.make, group });
  };
  for (const group of set.groups) advance(waitingWorkers(set, group));
  for (let index = 0; index < set.count; index += 1) {
    const next = waiting.get(index);
    if (next === undefined) continue;
    waiting.delete(index);
    advance(next.group);
    yield next.make();
  }
}

/** A worker that has its numbers, but is not made yet. */
interface WaitingWorker {
  readonly index: number;
  readonly make: () => JsonObject;
}

/** The workers of a group, by index. */
function* waitingWorkers(set: WorkerSet, group: WorkerGroup): Generator<WaitingWorker> {
  const indices = allNumbers(group.workers);
  const columns = Object.entries(group.columns).map(([field, column]) => [field, allNumbers(column)] as const);
  const ranks = group.shards.map((placement) => (placement.ranks === null ? null : allNumbers(placement.ranks)));
  for (const position of ascending(indices)) {
    const make = () => {
      const numbers = columns.map(([field, column]) => [field, column[position] ?? null] as const);
      const places = group.shards.map((placement, slot) => {
        const own = ranks[slot];
        return own
          ? coordinatesOf(templateOf(set, placement).topo, own[position] ?? 0)
          : coordinatesAt(placement, position);
      });
      return assemble(set, group, numbers, places);
    };
    yield { index: indices[position] as number, make };
  }
}

/** Positions of numbers from the lowest number to the highest. */
function ascending(numbers: readonly number[]): readonly number[] {
  const positions = numbers.map((_, position) => position);
  const sorted = numbers.every((number, position) => position === 0 || number > (numbers[position - 1] as number));
  return sorted ? positions : positions.sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
}

/** Worker `index` of a set without touching the others, or `undefined` if there is none. */
export function workerAt(set: WorkerSet, index: number): JsonObject | undefined {
  for (const group of set.groups) {
    const position = columnIndexOf(group.workers, index);
    if (position < 0) continue;
    const numbers = numbersAt(group, position);
    const places = group.shards.map((placement) => placementAt(placement, templateOf(set, placement).topo, position));
    return assemble(set, group, numbers, places);
  }
  return undefined;
}

/** Fields of worker `index` without its shards, or `undefined` if there is none. */
export function fieldsAt(set: WorkerSet, index: number): JsonObject | undefined {
  for (const group of set.groups) {
    const position = columnIndexOf(group.workers, index);
    if (position >= 0) return { ...set.shared, ...group.own, ...Object.fromEntries(numbersAt(group, position)) };
  }
  return undefined;
}

function numbersAt(group: WorkerGroup, position: number): readonly (readonly [field: string, value: number | null])[] {
  return Object.entries(group.columns).map(([field, column]) => [field, columnAt(column, position) ?? null] as const);
}

function assemble(
  set: WorkerSet,
  group: WorkerGroup,
  numbers: readonly (readonly [field: string, value: number | null])[],
  places: readonly Coordinates[],
): JsonObject {
  const worker: Record<string, unknown> = { ...set.shared, ...group.own, ...Object.fromEntries(numbers) };
  if (set.shards.length > 0) {
    worker["shards"] = group.shards.map((placement, slot) => {
      const { modelName, topo, ...rest } = templateOf(set, placement);
      const { data, tensor, pipe } = places[slot] as Coordinates;
      return { id: { modelName, dpRank: data, tpRank: tensor, ppRank: pipe, topo }, ...rest };
    });
  }
  return worker as JsonObject;
}

function templateOf(set: WorkerSet, placement: ShardPlacement): ShardTemplate {
  return set.shards[placement.shard] as ShardTemplate;
}

/** Coordinates of the shard that the worker at `position` of a group holds. */
export function placementAt(placement: ShardPlacement, topo: ProcessTopology, position: number): Coordinates {
  if (placement.ranks === null) return coordinatesAt(placement, position);
  return coordinatesOf(topo, columnAt(placement.ranks, position) ?? 0);
}

function coordinatesAt({ coordinates }: ShardPlacement, position: number): Coordinates {
  const [pipe, data, tensor] = coordinates?.[position] ?? [0, 0, 0];
  return { pipe, data, tensor };
}

/** What a placement gives for model workers: which of them hold a shard of a template, with which ranks. */
export interface ShardHolding {
  readonly template: ShardTemplate;
  /** Number of the template in `set.shards`. */
  readonly shard: number;
  readonly workers: Column;
  readonly placement: ShardPlacement;
}

/** All placements of a set, group by group. */
export function holdingsOf(set: WorkerSet): readonly ShardHolding[] {
  return set.groups.flatMap((group) =>
    group.shards.map((placement) => ({
      template: set.shards[placement.shard] as ShardTemplate,
      shard: placement.shard,
      workers: group.workers,
      placement,
    })),
  );
}

/** One model's shards on a run of workers, as a layout knows them: worker `workers[k]` holds rank `ranks[k]`. */
export interface ShardLayout {
  readonly template: ShardTemplate;
  readonly workers: Column;
  readonly ranks: Column;
}

/** Makes a model worker set from layouts, without making a worker. Shards stand in a worker in the order of `layouts`. */
export function modelWorkerSet(
  count: number,
  shared: Omit<ModelWorker, "shards">,
  layouts: readonly ShardLayout[],
): WorkerSet {
  // Workers that hold the same layouts form a group; bounds of all runs cut the index range into pieces that do.
  const bounds = new Set([0, count]);
  for (const { workers } of layouts) for (const [first, last] of runsOf(workers)) bounds.add(first).add(last + 1);
  const cuts = [...bounds].filter((bound) => bound >= 0 && bound <= count).sort((a, b) => a - b);
  const pieces = new Map<string, { workers: number[][]; held: readonly number[] }>();
  for (let piece = 0; piece + 1 < cuts.length; piece += 1) {
    const first = cuts[piece] as number;
    const last = (cuts[piece + 1] as number) - 1;
    const held = layouts.flatMap(({ workers }, index) => (columnIndexOf(workers, first) >= 0 ? [index] : []));
    const key = held.join();
    const entry = pieces.get(key) ?? { workers: [], held };
    entry.workers.push([first, last]);
    pieces.set(key, entry);
  }
  const groups = [...pieces.values()].map(({ workers, held }): WorkerGroup => {
    const column = workers.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(",");
    return {
      workers: toColumn(numbersOf(column)),
      own: {},
      columns: {},
      shards: held.map((index) => ({
        shard: index,
        ranks: ranksOn(layouts[index] as ShardLayout, workers),
        coordinates: null,
      })),
    };
  });
  // Without any template a worker's shards are none: said once, as everything that all workers share.
  const all = layouts.length === 0 ? { ...shared, shards: [] } : shared;
  return { count, shared: all as unknown as JsonObject, shards: layouts.map(({ template }) => template), groups };
}

function ranksOn({ workers, ranks }: ShardLayout, pieces: readonly (readonly number[])[]): Column {
  const numbers: number[] = [];
  for (const [first = 0, last = 0] of pieces) {
    const offset = columnIndexOf(workers, first);
    for (let k = 0; k <= last - first; k += 1) numbers.push(columnAt(ranks, offset + k) ?? 0);
  }
  return toColumn(numbers);
}

/** Number of workers that hold each template. */
export function holderCount(holding: ShardHolding): number {
  return columnLength(holding.workers);
}
