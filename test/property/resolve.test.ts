import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Authored } from "../../src/manifest/format.ts";
import { seal } from "../../src/manifest/seal.ts";
import { resolve } from "../../src/resolve/resolve.ts";
import { type CallHook, type ModelFunctionCall, paramRealloc } from "../../src/spec/call.ts";
import { allNumbers } from "../../src/spec/column.ts";
import { experimentConfig } from "../../src/spec/experiment-config.ts";
import { parseModelName } from "../../src/spec/model-name.ts";
import { worldSize } from "../../src/spec/topology.ts";
import { modelWorker, parallelismRank, type ModelShard, type ModelWorker } from "../../src/spec/worker.ts";
import { workersOf } from "../../src/spec/worker-set.ts";
import { authored, call, shard, topo } from "../unit/resolve/configs.ts";

/** A configuration without a mistake: models on runs of workers, and calls that read what earlier ones yield. */
interface Sound {
  readonly calls: readonly ModelFunctionCall[];
  readonly workers: readonly ModelWorker[];
}

const LAYOUTS = [
  topo(1, 2, 2),
  topo(2, 1, 2),
  topo(1, 1, 1),
  topo(1, 4, 1, { layout: "data-pipe-tensor" }),
  topo(1, 1, 2),
];

const models = fc.uniqueArray(
  fc.record({
    role: fc.constantFrom("actor", "critic", "ref", "reward"),
    layout: fc.nat({ max: 4 }),
    first: fc.nat({ max: 4 }),
  }),
  { selector: ({ role }) => role, minLength: 1, maxLength: 4 },
);

const sound: fc.Arbitrary<Sound> = fc
  .record({
    models,
    calls: fc.array(fc.record({ model: fc.nat(), reads: fc.array(fc.nat(), { maxLength: 4 }) }), { maxLength: 6 }),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ models: list, calls, order }) => {
    const layouts = list.flatMap(({ role, layout, first }) => [
      { name: `${role}@0`, topology: LAYOUTS[layout] as (typeof LAYOUTS)[number], first },
      {
        name: `${role}@1`,
        topology: LAYOUTS[(layout + 1) % LAYOUTS.length] as (typeof LAYOUTS)[number],
        first: first + 1,
      },
    ]);
    const held: ModelShard[][] = Array.from({ length: 10 }, () => []);
    for (const { name, topology, first } of layouts) {
      const ranks = Array.from({ length: worldSize(topology) }, (_, rank) => ({
        rank,
        key: order.next().value as number,
      }));
      ranks.sort((a, b) => a.key - b.key);
      for (const [index, { rank }] of ranks.entries()) held[first + index]?.push(shard(name, topology, rank));
    }
    // Every replica has a call; the first one syncs with the second.
    const names = [
      ...layouts.map(({ name }) => name),
      ...calls.map(({ model }) => layouts[model % layouts.length]?.name ?? ""),
    ];
    const made = names.map((name, index) => {
      const keys = (calls[index - layouts.length]?.reads ?? [index * 7]).map((key) => `key${key % (index + 1)}`);
      const reads = [...new Set(keys)].filter((key) => key !== `key${index}`);
      const { role, replicaId } = parseModelName(name);
      const hooks: CallHook[] = replicaId === 1 ? [paramRealloc({ source: { role, replicaId: 0 } })] : [];
      return call(`call${index}`, name, reads, [`key${index}`], { preHooks: hooks });
    });
    return { calls: made, workers: held.map((shards) => modelWorker({ baseSeed: 1, shards })) };
  });

function authoredOf({ calls, workers }: Sound): Authored {
  return authored([experimentConfig({ modelRpcs: calls, modelWorker: workers })]);
}

function setupOf(one: Sound) {
  const { value, findings } = resolve({ authored: authoredOf(one) });
  expect(findings).toEqual([]);
  return value.setups[0] as NonNullable<(typeof value.setups)[0]>;
}

function textOf(part: Authored): string {
  const { value } = resolve({ authored: part });
  return seal({ name: "test", preset: null, declared: null, authored: part, resolved: value }).text;
}

const RUNS = { numRuns: 60 };

describe("a sound configuration, resolved", () => {
  it("has each rank of each model on exactly one worker, and says which", () => {
    fc.assert(
      fc.property(sound, (one) => {
        const { msid2mwid, modelTopos, modelNames } = setupOf(one);
        expect(Object.keys(msid2mwid)).toEqual(modelNames);
        for (const name of modelNames) {
          const holders = allNumbers(msid2mwid[name] as string);
          expect(holders).toHaveLength(worldSize(modelTopos[name] as never));
          expect(new Set(holders).size).toBe(holders.length);
          for (const [rank, worker] of holders.entries()) {
            const own = one.workers[worker]?.shards.find(
              ({ id }) => `${id.modelName.role}@${id.modelName.replicaId}` === name,
            );
            expect(own === undefined ? -1 : parallelismRank(own.id)).toBe(rank);
          }
        }
      }),
      RUNS,
    );
  });

  it("moves data along each edge and to each source, and parameters along each hook", () => {
    fc.assert(
      fc.property(sound, (one) => {
        const { graph, dataTransferPairs, syncParamPairs } = setupOf(one);
        const modelOf = new Map(one.calls.map(({ name, modelName: model }) => [name, textOfModel(model)]));
        const edges = graph.edges.map(({ from, to }) => [modelOf.get(from), modelOf.get(to)]);
        expect(dataTransferPairs.slice(0, edges.length)).toEqual(edges);
        const sources = graph.nodes.filter(({ isSrc }) => isSrc).map(({ name }) => modelOf.get(name));
        for (const source of sources) expect(dataTransferPairs).toContainEqual([sources[0], source]);
        for (const [from, to] of dataTransferPairs.slice(edges.length)) {
          expect(from).toBe(sources[0]);
          expect(sources).toContain(to);
        }
        const hooked = one.calls
          .filter(({ preHooks }) => preHooks.length > 0)
          .map(({ name }) => modelOf.get(name) ?? "");
        const expected = [...new Set(hooked)].map((own) => [own.replace("@1", "@0"), own]);
        expect(syncParamPairs).toEqual(expected);
      }),
      RUNS,
    );
  });

  it("counts the workers that there are", () => {
    fc.assert(
      fc.property(sound, (one) => {
        const { counts, masterWorker } = setupOf(one);
        expect(counts).toMatchObject({ modelWorker: one.workers.length, masterWorker: 1, rolloutWorker: 0 });
        expect(masterWorker.shared["nModelWorkers"]).toBe(one.workers.length);
      }),
      RUNS,
    );
  });

  it("is the same bytes once more, from the same input, and from what was written", () => {
    fc.assert(
      fc.property(sound, (one) => {
        const first = textOf(authoredOf(one));
        expect(textOf(authoredOf(one))).toBe(first);
        expect(textOf((JSON.parse(first) as { authored: Authored }).authored)).toBe(first);
      }),
      RUNS,
    );
  });

  it("is renamed where its roles are", () => {
    fc.assert(
      fc.property(sound, (one) => {
        // The new names sort as the old ones do: what is ordered by name stays where it is.
        const renamed = JSON.stringify(resolve({ authored: authoredOf(one) }).value).replaceAll(ROLES, "new-$1");
        const part = JSON.parse(JSON.stringify(authoredOf(one)).replaceAll(ROLES, "new-$1")) as Authored;
        expect(JSON.stringify(resolve({ authored: part }).value)).toBe(renamed);
      }),
      RUNS,
    );
  });

  it("depends on the order of its workers only where it names them", () => {
    fc.assert(
      fc.property(sound, (one) => {
        const { msid2mwid, ...rest } = setupOf(one);
        const reversed = setupOf({ ...one, workers: one.workers.toReversed() });
        const { msid2mwid: others, ...same } = reversed;
        expect(JSON.stringify(same)).toBe(JSON.stringify(rest));
        for (const [name, column] of Object.entries(msid2mwid)) {
          const mirrored = allNumbers(column).map((worker) => one.workers.length - 1 - worker);
          expect(allNumbers(others[name] as string)).toEqual(mirrored);
        }
      }),
      RUNS,
    );
  });
});

const ROLES = /\b(actor|critic|ref|reward)\b/g;

function textOfModel(model: ModelFunctionCall["modelName"]): string {
  return typeof model === "string" ? `${model}@0` : `${model.role}@${model.replicaId}`;
}

describe("work", () => {
  /** Reads of properties of workers and shards while they are packed, which is where each is looked at. */
  function readsOf(count: number): number {
    let reads = 0;
    const counted = <T extends object>(value: T): T =>
      new Proxy(value, {
        get: (target, key) => {
          reads += 1;
          return Reflect.get(target, key) as unknown;
        },
      });
    const topology = topo(1, count, 1);
    function* each(): Generator<ModelWorker> {
      for (let index = 0; index < count; index += 1) {
        const held = [shard("actor@0", topology, (index * 7) % count)];
        yield counted({ ...modelWorker({ baseSeed: 1, shards: held }), shards: held.map(counted) });
      }
    }
    const part = authored([experimentConfig({ modelRpcs: [call("a", "actor@0")], modelWorker: each() })]);
    expect(resolve({ authored: part }).findings).toEqual([]);
    const set = part.setups[0]?.modelWorker;
    expect(set === null || set === undefined ? 0 : [...workersOf(set)].length).toBe(count);
    return reads;
  }

  it("is linear in workers: each is looked at equally often", () => {
    const [few, many] = [readsOf(256), readsOf(2048)];
    expect(few).toBeGreaterThan(256);
    expect(many / 2048).toBeCloseTo(few / 256, 1);
  });
});
