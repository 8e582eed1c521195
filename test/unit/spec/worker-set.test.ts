import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allNumbers, type Column, numbersOf, toColumn } from "../../../src/spec/column.ts";
import { modelName } from "../../../src/spec/model-name.ts";
import { ownFindings } from "../../../src/spec/noun.ts";
import { type ProcessTopology, processTopology, rankOf, worldSize } from "../../../src/spec/topology.ts";
import {
  MODEL_WORKER_DEFAULTS,
  type ModelShard,
  modelShard,
  modelShardId,
  type ModelWorker,
  modelWorker,
} from "../../../src/spec/worker.ts";
import {
  holdingsOf,
  holderCount,
  isWorkerSet,
  modelWorkerSet,
  sameWorkers,
  type ShardLayout,
  type WorkerSet,
  workerAt,
  workerSet,
  workersOf,
} from "../../../src/spec/worker-set.ts";

/** Workers as a manifest has them: without call sites and findings. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const model = (path: string) => ({ type: "real_model", args: { path }, wrappers: [] });
const backend = { type: "inference", args: {} };
const topology = (pipe: number, data: number, tensor: number) =>
  processTopology({ layout: "pipe-data-tensor", pipe, data, tensor });

function shardOf(role: string, topo: ProcessTopology, ranks: readonly [number, number, number]): ModelShard {
  const [ppRank, dpRank, tpRank] = ranks;
  const id = modelShardId({ modelName: modelName(role), ppRank, dpRank, tpRank, topo });
  return modelShard({ id, model: model(role), backend });
}

/** Every rank of a topology, in rank order. */
function allRanks({ pipe, data, tensor }: ProcessTopology): readonly (readonly [number, number, number])[] {
  const ranks: [number, number, number][] = [];
  for (let pp = 0; pp < pipe; pp += 1)
    for (let dp = 0; dp < data; dp += 1) for (let tp = 0; tp < tensor; tp += 1) ranks.push([pp, dp, tp]);
  return ranks;
}

const TOPOLOGIES = [topology(1, 2, 2), topology(2, 1, 1), topology(1, 1, 8)];
const ranks = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.integer({ min: -1, max: 9 }));
const shards = fc
  .uniqueArray(fc.tuple(fc.constantFrom("actor", "critic", "ref"), fc.constantFrom(...TOPOLOGIES), ranks), {
    selector: ([role]) => role,
    maxLength: 3,
  })
  .map((list) => list.map(([role, topo, at]) => shardOf(role, topo, at)));
const workers: fc.Arbitrary<readonly ModelWorker[]> = fc.array(
  fc
    .record({
      baseSeed: fc.oneof(fc.constant(1), fc.nat(), fc.constantFrom(-1, 0.5)),
      shards,
      tokenizerNameOrPath: fc.constantFrom(null, "a", "b"),
      datasets: fc.constantFrom(null, ["prompts"], [{ type: "prompt_answer", args: { maxLength: 8 } }]),
      cudaCacheClearFreq: fc.constantFrom(null, 10, 11),
      profileMode: fc.boolean(),
    })
    .map(modelWorker),
  { maxLength: 24 },
);

describe("a worker set", () => {
  it("gives back the workers that it was packed from, in their order", () => {
    fc.assert(
      fc.property(workers, (list) => {
        const set = workerSet(list);
        expect(set.count).toBe(list.length);
        expect(plain([...workersOf(set)])).toEqual(plain(list));
        expect(plain([...workersOf(plain(set))])).toEqual(plain(list));
      }),
    );
  });

  it("gives one worker without the others", () => {
    fc.assert(
      fc.property(workers, fc.nat({ max: 30 }), (list, index) => {
        expect(plain(workerAt(workerSet(list), index) ?? null)).toEqual(plain(list[index] ?? null));
      }),
    );
  });

  it("has each worker in one group, groups by their first worker", () => {
    fc.assert(
      fc.property(workers, (list) => {
        const groups = workerSet(list).groups.map((group) => [...numbersOf(group.workers)]);
        expect(groups.flat().sort((a, b) => a - b)).toEqual(list.map((_, index) => index));
        expect(groups.map(([first]) => first)).toEqual(
          groups.map(([first]) => first).sort((a, b) => (a ?? 0) - (b ?? 0)),
        );
      }),
    );
  });

  it("has the same workers however they come in", () => {
    fc.assert(
      fc.property(workers, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = list
          .map((worker) => ({ worker, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key);
        const sorted = (set: WorkerSet) => [...workersOf(set)].map((worker) => JSON.stringify(worker, sortKeys)).sort();
        expect(sorted(workerSet(shuffled.map(({ worker }) => worker)))).toEqual(sorted(workerSet(list)));
      }),
    );
  });

  it("takes workers that lack a field which others have", () => {
    const list = [{ a: 1 }, { a: 2, b: "x" }, { b: "y" }, {}];
    expect(plain([...workersOf(workerSet(list))])).toEqual(list);
  });

  it("takes shards of a topology that is none", () => {
    const topo = { ...topology(1, 2, 1), layout: "data-first" } as never;
    const list = [0, 1].map((dp) => modelWorker({ baseSeed: 1, shards: [shardOf("actor", topo, [0, dp, 0])] }));
    expect(plain([...workersOf(workerSet(list))])).toEqual(plain(list));
  });

  it("is told from a list", () => {
    expect(isWorkerSet(workerSet([]))).toBe(true);
    expect([[], {}, null, 1].map(isWorkerSet)).toEqual([false, false, false, false]);
  });

  it("keeps what its workers share once", () => {
    const topo = topology(1, 4, 2);
    const set = workerSet(
      allRanks(topo).map((at) => modelWorker({ baseSeed: 3, shards: [shardOf("actor", topo, at)] })),
    );
    expect(plain(set)).toEqual({
      count: 8,
      shared: { ...MODEL_WORKER_DEFAULTS, baseSeed: 3 },
      shards: [
        {
          modelName: { role: "actor", replicaId: 0 },
          topo: plain(topo),
          model: model("actor"),
          backend,
          evalDataset: null,
          evalBs: 128,
          shouldInstantiate: true,
        },
      ],
      groups: [{ workers: "0-7", own: {}, columns: {}, shards: [{ shard: 0, ranks: "0-7", coordinates: null }] }],
    });
  });

  it("keeps ranks outside of their topology as they are", () => {
    const topo = topology(1, 2, 2);
    const set = workerSet(
      [[0, 0, 0] as const, [0, 5, 0] as const].map((at) =>
        modelWorker({ baseSeed: 1, shards: [shardOf("actor", topo, at)] }),
      ),
    );
    expect(set.groups[0]?.shards).toEqual([
      {
        shard: 0,
        ranks: null,
        coordinates: [
          [0, 0, 0],
          [0, 5, 0],
        ],
      },
    ]);
  });

  it("reports a mistake that a loop repeats once, with the first worker that has it", () => {
    const topo = topology(1, 2, 1);
    const list = [0, 7, 8, 9].map((dp) => modelWorker({ baseSeed: 1, shards: [shardOf("actor", topo, [0, dp, 0])] }));
    expect(ownFindings(workerSet(list)).map(({ code, notes }) => [code, notes])).toEqual([
      ["model/shard-rank", ["found at worker 1"]],
    ]);
  });

  it("names the worker that holds a model twice", () => {
    const topo = topology(1, 2, 1);
    const twice = [shardOf("actor", topo, [0, 0, 0]), shardOf("actor", topo, [0, 1, 0])];
    const list = [[], twice].map((held) => modelWorker({ baseSeed: 1, shards: held }));
    expect(ownFindings(workerSet(list))).toMatchObject([
      {
        code: "model/shard-twice",
        data: { model: "actor@0", worker: 1 },
        message: "model worker 1 holds model `actor@0` twice",
      },
    ]);
  });
});

/** Puts keys in one order, so that equal workers are equal texts. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("16,384 workers", () => {
  const topo = topology(8, 256, 8);
  const inOrder = allRanks(topo);
  // A multiplier prime to the count visits every rank once, far from its neighbours.
  const shuffled = inOrder.map((_, index) => inOrder[(index * 7919) % inOrder.length] as (typeof inOrder)[number]);
  const workers = (list: typeof inOrder) =>
    list.map((at) => modelWorker({ baseSeed: 1, shards: [shardOf("actor", topo, at)], tokenizerNameOrPath: "m" }));
  const list = workers(shuffled);

  it("in rank order take a few hundred bytes", () => {
    const set = workerSet(workers(inOrder));
    expect(set.count).toBe(16_384);
    expect(JSON.stringify(set).length).toBeLessThan(1500);
  });

  it("in any order take a number each, are packed at once, and come back the same", () => {
    const start = performance.now();
    const set = workerSet(list);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(JSON.stringify(set).length).toBeLessThan(6 * 16_384 + 1500);
    // The order of ranks: the shuffled column is that of the workers, once for all models that they hold.
    const [group] = set.groups;
    expect(group?.shards[0]?.ranks).toBe("0-16383");
    const rankOfWorker = shuffled.map(([pipe, data, tensor]) => rankOf(topo, { pipe, data, tensor }));
    expect(allNumbers(group?.workers ?? "").map((worker) => rankOfWorker[worker])).toEqual(
      inOrder.map((_, rank) => rank),
    );
    expect(plain([...workersOf(set)].slice(0, 500))).toEqual(plain(list.slice(0, 500)));
    for (const index of [0, 1, 9999, 16_383]) expect(plain(workerAt(set, index))).toEqual(plain(list[index]));
  });

  it("are walked one by one in time linear in their number", () => {
    const set = workerSet(list);
    const start = performance.now();
    let ranks = 0;
    for (const worker of workersOf(set)) ranks += (worker["shards"] as readonly unknown[]).length;
    expect(ranks).toBe(16_384);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

const SHARED = { ...MODEL_WORKER_DEFAULTS, baseSeed: 1 };

/** A layout of a role on a run of workers, its ranks in some order. */
function layoutOf(role: string, topo: ProcessTopology, first: number, step: number): ShardLayout {
  const size = worldSize(topo);
  const { modelName: name, ...rest } = { ...shardOf(role, topo, [0, 0, 0]), modelName: modelName(role) };
  const { id: _, ...template } = rest;
  return {
    template: { modelName: name, topo, ...template },
    workers: toColumn(Array.from({ length: size }, (__, index) => first + index)),
    ranks: toColumn(Array.from({ length: size }, (__, index) => (index * step + 1) % size)),
  };
}

const layouts = fc
  .uniqueArray(
    fc.record({
      role: fc.constantFrom("actor", "critic", "ref", "reward"),
      topo: fc.constantFrom(topology(1, 2, 2), topology(2, 1, 1), topology(1, 1, 8), topology(1, 1, 1)),
      first: fc.nat({ max: 12 }),
      step: fc.constantFrom(1, 3, 5),
    }),
    { selector: ({ role }) => role, minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.sort((a, b) => a.first - b.first).map((one) => layoutOf(one.role, one.topo, one.first, one.step)),
  );

/** Workers of layouts, made one by one. */
function expanded(count: number, list: readonly ShardLayout[]): readonly ModelWorker[] {
  const at = (column: Column) => [...numbersOf(column)];
  return Array.from({ length: count }, (_, worker) =>
    modelWorker({
      ...SHARED,
      shards: list.flatMap(({ template, workers: held, ranks: order }) => {
        const position = at(held).indexOf(worker);
        if (position < 0) return [];
        const [pp, dp, tp] = allRanks(template.topo)[at(order)[position] as number] as readonly [
          number,
          number,
          number,
        ];
        return [shardOf(template.modelName.role, template.topo, [pp, dp, tp])];
      }),
    }),
  );
}

describe("a few hundred shuffled workers", () => {
  it("come back in their order, whatever numbers tell them apart", () => {
    const topo = topology(1, 512, 1);
    const list = Array.from({ length: 512 }, (_, index) =>
      modelWorker({ baseSeed: (index * 31) % 97, shards: [shardOf("actor", topo, [0, (index * 307) % 512, 0])] }),
    );
    const set = workerSet(list);
    expect(set.groups[0]?.shards[0]?.ranks).toBe("0-511");
    expect(plain([...workersOf(set)])).toEqual(plain(list));
    expect(list.map((_, index) => plain(workerAt(set, index)))).toEqual(plain(list));
  });
});

describe("a set made from layouts", () => {
  it("is the set of the workers that they mean", () => {
    fc.assert(
      fc.property(layouts, (list) => {
        const set = modelWorkerSet(20, SHARED, list);
        expect(plain(set)).toEqual(plain(workerSet(expanded(20, list))));
      }),
    );
  });

  it("has the same workers in whatever order the layouts come", () => {
    fc.assert(
      fc.property(layouts, (list) => {
        const reversed = list.toReversed();
        expect(plain([...workersOf(modelWorkerSet(20, SHARED, reversed))])).toEqual(plain(expanded(20, reversed)));
      }),
    );
  });

  it("has workers without shards where there is no layout", () => {
    expect(plain([...workersOf(modelWorkerSet(2, SHARED, []))])).toEqual(plain(expanded(2, [])));
  });

  it("knows who holds what", () => {
    const set = modelWorkerSet(12, SHARED, [
      layoutOf("actor", topology(1, 1, 8), 0, 1),
      layoutOf("ref", topology(1, 2, 2), 6, 1),
    ]);
    const held = holdingsOf(set).map((holding) => [
      holding.template.modelName.role,
      holding.workers,
      holderCount(holding),
    ]);
    expect(held).toEqual([
      ["actor", "0-5", 6],
      ["actor", "6-7", 2],
      ["ref", "6-7", 2],
      ["ref", "8-9", 2],
    ]);
  });
});

describe("workers that are all alike", () => {
  it("are the set that they would be if each were made", () => {
    const worker = { baseSeed: 1, backendArgs: { dtype: "float16" }, tpSize: 4 };
    for (const count of [0, 1, 2, 257]) {
      const each = workerSet(Array.from({ length: count }, () => worker));
      expect(plain(sameWorkers(count, worker))).toEqual(plain(each));
    }
  });
});
