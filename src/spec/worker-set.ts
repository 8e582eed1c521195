import type { JsonObject, JsonValue } from "type-fest";
import { FINDINGS, type Finding } from "../diagnostics/finding.ts";
import { ORIGIN, originOf, withOrigin } from "../origin/call-site.ts";
import {
  allNumbers,
  type Column,
  columnAt,
  columnIndexOf,
  columnLength,
  lowestOf,
  numbersOf,
  runsOf,
  toColumn,
} from "./column.ts";
import type { ModelName } from "./model-name.ts";
import { ownFindings } from "./noun.ts";
import type { TypeArgs } from "./pair.ts";
import { type Coordinates, coordinatesOf, type ProcessTopology, rankOf, topologyFindings } from "./topology.ts";
import type { ModelAbstraction, ModelShard, ModelWorker } from "./worker.ts";

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

/** Workers that hold shards of the same templates, and the coordinates of each, slot by slot. */
interface Shape {
  readonly workers: readonly number[];
  readonly shards: readonly number[];
  readonly ranks: readonly (readonly (readonly number[])[])[];
}

/** Collects workers and finds what they share. */
class Packer {
  #count = 0;
  readonly #texts = new Map<object, string>();
  readonly #findings = new Map<string, Finding>();
  readonly #templates = new Map<string, { readonly index: number; readonly template: ShardTemplate }>();
  readonly #fields = new Map<string, FieldValues>();
  readonly #shapes = new Map<
    string,
    { readonly workers: number[]; readonly shards: readonly number[]; readonly ranks: (readonly number[])[][] }
  >();
  #hasShards = false;
  #first: object | null = null;

  add(worker: Readonly<Record<string, unknown>>): void {
    const index = this.#count;
    this.#count += 1;
    this.#first ??= worker;
    this.#collect(worker, index);
    for (const [field, value] of Object.entries(worker)) {
      if (field === "shards" || value === undefined) continue;
      let values = this.#fields.get(field);
      if (values === undefined) {
        values = new FieldValues();
        this.#fields.set(field, values);
      }
      values.add(index, value, this.#text(value));
    }
    const shards = (worker["shards"] ?? []) as readonly ModelShard[];
    if ("shards" in worker) this.#hasShards = true;
    const held = shards.map((shard) => this.#template(shard));
    const key = held.join();
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      shape = { workers: [], shards: held, ranks: held.map(() => []) };
      this.#shapes.set(key, shape);
    }
    shape.workers.push(index);
    for (const [position, { id }] of shards.entries()) shape.ranks[position]?.push([id.ppRank, id.dpRank, id.tpRank]);
  }

  finish(): WorkerSet {
    const count = this.#count;
    const shared: Record<string, unknown> = {};
    const columns: string[] = [];
    const own: string[] = [];
    for (const [field, values] of this.#fields) {
      if (values.isConstant(count)) shared[field] = values.first;
      else if (values.isColumn(count)) columns.push(field);
      else own.push(field);
    }
    const groups = [...this.#shapes.values()].flatMap((shape) => this.#split(shape, own, columns));
    const set: WorkerSet = {
      count,
      shared: keepOrigin(shared, this.#first) as JsonObject,
      shards: [...this.#templates.values()].map(({ template }) => template),
      groups: groups
        .map((group) => ({ group, first: lowestOf(group.workers) ?? 0 }))
        .sort((a, b) => a.first - b.first)
        .map(({ group }) => group),
    };
    if (this.#hasShards && set.shards.length === 0) shared["shards"] = [];
    const findings = [...this.#findings.values()];
    if (findings.length > 0) Object.defineProperty(set, FINDINGS, { value: findings, enumerable: true });
    return this.#first === null ? set : withOrigin(set, originOf(this.#first) ?? { frames: [] });
  }

  #split(shape: Shape, own: readonly string[], columns: readonly string[]): WorkerGroup[] {
    const parts = new Map<string, number[]>();
    for (const [position, worker] of shape.workers.entries()) {
      const key = own.map((field) => this.#fields.get(field)?.textAt(worker) ?? "").join("\u0000");
      const part = parts.get(key);
      if (part === undefined) parts.set(key, [position]);
      else part.push(position);
    }
    const templates = [...this.#templates.values()].map(({ template }) => template);
    return [...parts.values()].map((unordered) => {
      const positions = shorterOrder(unordered, shape, templates);
      const workers = positions.map((position) => shape.workers[position] as number);
      const sample = workers[0] as number;
      return {
        workers: toColumn(workers),
        own: Object.fromEntries(
          own.flatMap((field) => {
            const value = this.#fields.get(field)?.valueAt(sample);
            return value === undefined ? [] : [[field, value as JsonValue]];
          }),
        ),
        columns: Object.fromEntries(
          columns.map((field) => [
            field,
            toColumn(workers.map((worker) => this.#fields.get(field)?.valueAt(worker) as number)),
          ]),
        ),
        shards: shape.shards.map((shard, slot) =>
          placement(
            shard,
            (templates[shard] as ShardTemplate).topo,
            positions.map((position) => shape.ranks[slot]?.[position] as readonly [number, number, number]),
          ),
        ),
      };
    });
  }

  #template(shard: ModelShard): number {
    const { id, ...rest } = shard;
    const key =
      [id.modelName, id.topo, rest.model, rest.backend, rest.evalDataset]
        .map((part) => this.#text(part))
        .join("\u0000") + `\u0000${rest.evalBs}\u0000${rest.shouldInstantiate}`;
    const known = this.#templates.get(key);
    if (known !== undefined) return known.index;
    const template = keepOrigin({ modelName: id.modelName, topo: id.topo, ...rest }, shard) as ShardTemplate;
    const index = this.#templates.size;
    this.#templates.set(key, { index, template });
    return index;
  }

  /** Canonical enough for equality: the same object is written once, so shared parts cost nothing. */
  #text(value: unknown): string {
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
    let text = this.#texts.get(value);
    if (text === undefined) {
      text = JSON.stringify(value);
      this.#texts.set(value, text);
    }
    return text;
  }

  /** A loop makes the same mistake in thousands of workers: it is kept once, for the first of them. */
  #collect(worker: Readonly<Record<string, unknown>>, index: number): void {
    const owners: object[] = [worker];
    for (const shard of (worker["shards"] ?? []) as readonly ModelShard[])
      owners.push(shard, shard.id, shard.id.modelName, shard.id.topo);
    for (const owner of owners) {
      for (const finding of ownFindings(owner)) {
        const frames = originOf(owner)?.frames ?? [];
        const pointer = finding.at.kind === "pointer" ? finding.at.pointer : "";
        const key = `${finding.code}\u0000${JSON.stringify(frames)}\u0000${pointer}`;
        if (this.#findings.has(key)) continue;
        const path = [0, ...pointer.split("/").slice(1)];
        const data = "worker" in finding.data ? { ...finding.data, worker: index } : finding.data;
        this.#findings.set(key, {
          ...finding,
          data,
          message: finding.message.replace("model worker -1", `model worker ${index}`),
          at: frames.length > 0 ? { kind: "site", frames, path } : { kind: "class" },
          notes: [...(finding.notes ?? []), `found at worker ${index}`],
        });
      }
    }
  }
}

/** Values of one field over the workers. */
class FieldValues {
  readonly #values: unknown[] = [];
  readonly #texts: string[] = [];
  readonly #at: number[] = [];
  #constant = true;
  #whole = true;

  get first(): unknown {
    return this.#values[0];
  }

  add(index: number, value: unknown, text: string): void {
    if (this.#texts.length > 0 && this.#texts[0] !== text) this.#constant = false;
    if (!(typeof value === "number" && Number.isSafeInteger(value) && value >= 0)) this.#whole = false;
    this.#values.push(value);
    this.#texts.push(text);
    this.#at.push(index);
  }

  isConstant(count: number): boolean {
    return this.#constant && this.#values.length === count;
  }

  isColumn(count: number): boolean {
    return this.#whole && this.#values.length === count;
  }

  valueAt(worker: number): unknown {
    return this.#values[this.#position(worker)];
  }

  textAt(worker: number): string | undefined {
    return this.#texts[this.#position(worker)];
  }

  #position(worker: number): number {
    if (this.#at[worker] === worker) return worker;
    return this.#at.indexOf(worker);
  }
}

/** Columns with fewer runs are kept in the order of the workers: they are easier to read. */
const MANY = 200;

/**
 * The order of a group's workers. Shuffled workers have shuffled ranks, mostly the same ones of each model: in the order of ranks
 * only the workers are shuffled, and stand in one column instead of in one for each model.
 */
function shorterOrder(
  positions: readonly number[],
  { ranks, shards }: Shape,
  templates: readonly ShardTemplate[],
): readonly number[] {
  const topo = templates[shards[0] ?? -1]?.topo;
  const [own] = ranks;
  if (topo === undefined || own === undefined || positions.length < MANY) return positions;
  if (topologyFindings(topo).length > 0) return positions;
  const rankAt = (position: number): number => {
    const [pipe = 0, data = 0, tensor = 0] = own[position] ?? [];
    return rankOf(topo, { pipe, data, tensor });
  };
  const key = new Map(positions.map((position) => [position, rankAt(position)]));
  const runs = positions.filter(
    (position, index) => key.get(position) !== (key.get(positions[index - 1] ?? -1) ?? -1) + 1,
  );
  if (runs.length < MANY) return positions;
  return [...positions].sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0) || a - b);
}

function placement(
  shard: number,
  topo: ProcessTopology,
  coordinates: readonly (readonly [number, number, number])[],
): ShardPlacement {
  const inside =
    topologyFindings(topo).length === 0 &&
    coordinates.every(
      ([pipe, data, tensor]) => fits(pipe, topo.pipe) && fits(data, topo.data) && fits(tensor, topo.tensor),
    );
  if (!inside) return { shard, ranks: null, coordinates };
  return {
    shard,
    ranks: toColumn(coordinates.map(([pipe, data, tensor]) => rankOf(topo, { pipe, data, tensor }))),
    coordinates: null,
  };
}

function fits(rank: number, size: number): boolean {
  return Number.isSafeInteger(rank) && rank >= 0 && rank < size;
}

function keepOrigin<T extends object>(value: T, from: object | null): T {
  const origin = from === null ? undefined : originOf(from);
  if (origin !== undefined) Object.defineProperty(value, ORIGIN, { value: origin, enumerable: true });
  return value;
}

/** Number of workers that hold each template. */
export function holderCount(holding: ShardHolding): number {
  return columnLength(holding.workers);
}
