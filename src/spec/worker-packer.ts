import type { JsonObject, JsonValue } from "type-fest";
import { FINDINGS, type Finding } from "../diagnostics/finding.ts";
import { ORIGIN, originOf, withOrigin } from "../origin/call-site.ts";
import { lowestOf, toColumn } from "./column.ts";
import { ownFindings } from "./noun.ts";
import { type ProcessTopology, rankOf, topologyFindings } from "./topology.ts";
import type { ModelShard } from "./worker.ts";
import type { ShardPlacement, ShardTemplate, WorkerGroup, WorkerSet } from "./worker-set.ts";

/** Workers that hold shards of the same templates, and the coordinates of each, slot by slot. */
interface Shape {
  readonly workers: readonly number[];
  readonly shards: readonly number[];
  readonly ranks: readonly (readonly (readonly number[])[])[];
}

/** Collects workers and finds what they share. */
export class Packer {
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
