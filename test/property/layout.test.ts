import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveWorkerConfig, workerCount } from "../../src/manifest/worker-config.ts";
import { allNumbers } from "../../src/spec/column.ts";
import type { JsonObject } from "type-fest";
import { worldSize } from "../../src/spec/topology.ts";
import { type ModelShard, parallelismRank } from "../../src/spec/worker.ts";
import { workersOf } from "../../src/spec/worker-set.ts";
import { askPython, hasPython, type Question } from "../unit/manifest/python-reader.ts";
import { MISTAKES } from "./layout-mistakes.ts";
import {
  type Allocation,
  DATASET_KEYS,
  type Entry,
  formsOf,
  gpusOf,
  isWritable,
  type LaidOutCall,
  type Layout,
  layouts,
  mainCall,
  modelsOf,
  samePlace,
} from "./layouts.ts";
import { type LayoutProof, manifestOf, prove, proveSound, resolveAgain, textOf } from "./layout-proof.ts";

const RUNS = { numRuns: 150 };
const BINDINGS = { trial: "trial", user: "user" };

function holds(test: (layout: Layout) => void, arbitrary = layouts()): void {
  fc.assert(fc.property(arbitrary, test), RUNS);
}

describe("the layouts of these tests", () => {
  it("show every form that there is, several times in 500", () => {
    const counts = new Map<string, number>();
    for (const layout of fc.sample(layouts(), { numRuns: 500, seed: 20_240_229 })) {
      for (const form of formsOf(layout)) counts.set(form, (counts.get(form) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([...EVERY_FORM].sort());
    expect([...counts].filter(([, count]) => count < 5)).toEqual([]);
  });
});

const EVERY_FORM: readonly string[] = [
  ...[1, 2, 4, 8].map((gpus) => `gpus per node: ${gpus}`),
  ...["slurm", "ray", "local"].map((mode) => `launch mode: ${mode}`),
  ...["generate", "trainStep", "inference", "evaluate"].map((kind) => `call: ${kind}`),
  ...["vllm", "sglang"].flatMap((engine) => [`${engine} on the left`, `${engine} on the right`]),
  ...["shared", "decoupled"].flatMap((kind) =>
    ["one layout", "a list with *", "a list without *"].map((list) => `${kind}: ${list}`),
  ),
  "decoupled: no other call",
  "decoupled: an entry for the engine's part",
  ...["all GPUs", "part of a node", "one node", "some nodes"].map((mesh) => `manual: ${mesh}`),
  ...["without brackets", "of single nodes", "of a run"].map((list) => `manual: list ${list}`),
  "manual: names without a prefix",
  ...["one", "several", "more than 16", "some of the cluster's"].map((nodes) => `nodes: ${nodes}`),
  "part of a node",
  "name: outside of allocation strings",
  "role: with a space or a letter beyond ASCII",
  "role: named as a property of every object",
  "role: without a call",
  "role: two layouts",
  "role: several calls on one layout",
  "checkpoint: shared",
  "hybrid engine that generates beside training",
  "hybrid engine that generates only",
  "averaged parameters",
  "keys between calls",
  "calls: a reader ahead of its producer",
  "sequences: part of one in a pass",
  "sequences: as few as can be",
  "sequences: of another call",
  "micro-batches",
  "sizes: all three above one",
  "sizes: no power of two",
];

describe("a sound layout", () => {
  it("has each rank of each model on exactly one worker, and the map says which", () => {
    holds((layout) => {
      const { config, setup } = proveSound(layout);
      const held = new Map<string, number[]>();
      for (const [worker, { shards }] of [...workersOf(config.modelWorker as never)].entries()) {
        for (const { id } of shards as unknown as readonly ModelShard[]) {
          const name = `${id.modelName.role}@${id.modelName.replicaId}`;
          const ranks = held.get(name) ?? [];
          const rank = parallelismRank(id);
          expect(ranks[rank]).toBeUndefined();
          ranks[rank] = worker;
          held.set(name, ranks);
        }
      }
      expect([...held.keys()].sort()).toEqual([...setup.modelNames].sort());
      for (const [name, workers] of held) {
        expect(allNumbers(setup.msid2mwid[name] as string)).toEqual(workers);
        expect(workers).toHaveLength(worldSize(setup.modelTopos[name] as never));
      }
    });
  });

  it("has each call's model on the call's own GPUs, one rank a worker, in its sizes", () => {
    holds((layout) => {
      const { config, setup } = proveSound(layout);
      const models = modelsOf(layout);
      expect(config.modelRpcs.map(({ name, modelName }) => [name, modelText(modelName)])).toEqual([...models]);
      expect([...new Set(models.values())].sort()).toEqual([...setup.modelNames].sort());
      for (const { name, gpus, sizes } of layout.calls) {
        const model = models.get(name) as string;
        const workers = allNumbers(setup.msid2mwid[model] as string).sort((a, b) => a - b);
        expect(workers).toEqual(Array.from({ length: gpus.count }, (_, index) => gpus.first + index));
        expect(setup.modelTopos[model]).toMatchObject(sizes);
      }
    });
  });

  it("has the hooks that its places need, a sync pair for each, and no other", () => {
    holds((layout) => {
      const { config, setup } = proveSound(layout);
      const models = modelsOf(layout);
      const pairs = new Set<string>();
      for (const [index, call] of layout.calls.entries()) {
        const own = models.get(call.name) as string;
        const train = layout.calls.find(({ kind, role }) => kind === "trainStep" && role === call.role);
        const main = train === undefined ? own : (models.get(train.name) as string);
        const shares = layout.calls.some((other) => other !== call && overlap(other, call));
        const before = own === main ? [] : [`from ${main}`];
        const after = [
          ...(own === main ? [] : [`to ${main}`]),
          ...(train === undefined && shares ? ["offload"] : []),
          ...(call.averages === null ? [] : [`to ${models.get(mainCall(layout.calls, call.averages)?.name ?? "")}`]),
        ];
        expect(config.modelRpcs[index]?.preHooks.map(hookText)).toEqual(before);
        expect(config.modelRpcs[index]?.postHooks.map(hookText)).toEqual(after);
        for (const hook of [...before, ...after]) {
          if (hook.startsWith("from ")) pairs.add(JSON.stringify([hook.slice(5), own]));
          if (hook.startsWith("to ")) pairs.add(JSON.stringify([own, hook.slice(3)]));
        }
      }
      expect(setup.syncParamPairs.map((pair) => JSON.stringify(pair))).toEqual([...pairs]);
      for (const name of setup.syncParamPairs.flat()) expect(Object.keys(setup.modelTopos)).toContain(name);
    });
  });

  it("moves data along each edge of its graph, between the first call and each other start, and nowhere else", () => {
    holds((layout) => {
      const { setup } = proveSound(layout);
      const models = modelsOf(layout);
      const modelOf = ({ name }: LaidOutCall) => models.get(name) as string;
      const readsFrom = (reader: LaidOutCall, producer: LaidOutCall) =>
        producer.yields.some((key) => reader.reads.includes(key));
      const edges = layout.calls.flatMap((producer) =>
        layout.calls.filter((reader) => readsFrom(reader, producer)).map((reader) => [producer, reader] as const),
      );
      expect(setup.graph.edges.map(({ from, to }) => [from, to])).toEqual(
        edges.map(([producer, reader]) => [producer.name, reader.name]),
      );
      const pairs: (readonly string[])[] = edges.map(([producer, reader]) => [modelOf(producer), modelOf(reader)]);
      const starts = layout.calls.filter(({ reads }) => reads.every((key) => DATASET_KEYS.includes(key)));
      for (const start of starts) {
        const pair = [modelOf(starts[0] as LaidOutCall), modelOf(start)];
        if (!pairs.some((other) => String(other) === String(pair))) pairs.push(pair);
      }
      expect(setup.dataTransferPairs).toEqual(pairs);
      for (const name of pairs.flat()) expect(Object.keys(setup.modelTopos)).toContain(name);
    });
  });

  it("has as many workers scheduled as configured as there are GPUs", () => {
    holds((layout) => {
      const proof = proveSound(layout);
      const { authored, config, setup } = proof;
      const gpus = gpusOf(layout);
      expect(authored.scheduling.modelWorker).toMatchObject({ count: gpus });
      expect(setup.counts).toEqual({
        modelWorker: gpus,
        masterWorker: 1,
        gserverManager: 0,
        rolloutWorker: 0,
        generationServer: 0,
      });
      expect([...workersOf(config.modelWorker as never)]).toHaveLength(gpus);
      expect(setup.masterWorker.shared["nModelWorkers"]).toBe(gpus);
      const manifest = manifestOf(proof);
      expect(workerCount(manifest, "modelWorker")).toBe(gpus);
      const last = resolveWorkerConfig(manifest, "modelWorker", gpus - 1, BINDINGS);
      expect(last["workerInfo"]).toMatchObject({ workerIndex: gpus - 1, workerCount: gpus });
      expect(() => resolveWorkerConfig(manifest, "modelWorker", gpus, BINDINGS)).toThrow("no-such-worker");
    });
  });

  it("makes the parameters of the replica that trains, else of all that are called", () => {
    holds((layout) => {
      const { setup } = proveSound(layout);
      const trained = new Set(layout.calls.filter(({ kind }) => kind === "trainStep").map(({ role }) => role));
      const made = [...modelsOf(layout).values()].filter((model) => {
        const at = model.lastIndexOf("@");
        return !trained.has(model.slice(0, at)) || model.slice(at) === "@0";
      });
      expect([...setup.modelNamesToInstantiate].sort()).toEqual([...new Set(made)].sort());
    });
  });

  it("is the same bytes when its manifest is resolved once more", () => {
    holds((layout) => {
      const text = textOf(proveSound(layout));
      expect(textOf(prove(layout))).toBe(text);
      const manifest = manifestOf(prove(layout));
      const again = resolveAgain(manifest, layout);
      expect(again.findings).toEqual([]);
      expect(textOf({ authored: manifest.authored, resolved: again.value })).toBe(text);
    });
  });
});

/** Texts that are no whole numbers, which an object would put ahead of its other properties. */
const newRole = fc
  .tuple(fc.constantFrom("a", "Z", "_", "é", " ", "~"), fc.string({ unit: "grapheme", maxLength: 4 }))
  .map(([head, rest]) => head + rest.replaceAll("@", ""));
const newCall = fc.stringMatching(/^[A-Za-z_-][A-Za-z0-9_-]{0,6}$/).filter((name) => isWritable(name, true));
const several = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { minLength: 7, maxLength: 7 });

describe("names", () => {
  it("of roles are theirs: renamed ones give the renamed result, sorted anew", () => {
    fc.assert(
      fc.property(layouts(), several(newRole), (layout, names) => {
        const table = new Map(layout.roles.map(({ role }, index) => [role, names[index] as string]));
        const to = (role: string) => table.get(role) as string;
        const renamed: Layout = {
          ...layout,
          roles: layout.roles.map((role) => ({ ...role, role: to(role.role) })),
          calls: layout.calls.map((call) => ({
            ...call,
            role: to(call.role),
            averages: call.averages === null ? null : to(call.averages),
          })),
        };
        expect(textOf(proveSound(renamed))).toBe(textOf(withRolesRenamed(proveSound(layout), to)));
      }),
      RUNS,
    );
  });

  it("of calls are theirs: renamed ones give the renamed result", () => {
    fc.assert(
      fc.property(layouts(), several(newCall), (layout, names) => {
        const table = new Map(layout.calls.map(({ name }, index) => [name, names[index] as string]));
        const to = (name: string) => table.get(name) ?? name;
        const { allocation } = layout;
        const rename = (entry: Entry): Entry =>
          entry.name === "*" || (allocation.kind === "decoupled" && entry.name === "gen")
            ? entry
            : { ...entry, name: to(entry.name) };
        const renamed: Layout = {
          ...layout,
          calls: layout.calls.map((call) => ({ ...call, name: to(call.name) })),
          allocation:
            allocation.kind === "manual" ? allocation : { ...allocation, entries: allocation.entries.map(rename) },
        };
        expect(textOf(proveSound(renamed))).toBe(textOf(withCallsRenamed(proveSound(layout), to)));
      }),
      RUNS,
    );
  });
});

/** Every model name of a proof under its role's new name; lists that go by name are sorted. */
function withRolesRenamed({ authored, resolved }: LayoutProof, to: (role: string) => string): LayoutProof {
  const model = (name: string) => {
    const at = name.lastIndexOf("@");
    return to(name.slice(0, at)) + name.slice(at);
  };
  const keys = <T>(map: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(map).map(([name, value]) => [model(name), value]));
  const pairs = (list: readonly (readonly [string, string])[]) =>
    list.map(([from, other]) => [model(from), model(other)] as const);
  // Of models without a card the reach tells the names, in their order.
  const inReach = (line: string) => {
    const [, names, why] = /^memory of (.+): ([^:]*)$/.exec(line) ?? [];
    return names === undefined ? line : `memory of ${names.split(", ").map(model).sort().join(", ")}: ${why}`;
  };
  const inNouns = (_: string, value: unknown) =>
    typeof value === "object" && value !== null && "role" in value && "replicaId" in value
      ? { ...value, role: to(value.role as string) }
      : value;
  return {
    findings: [],
    authored: JSON.parse(JSON.stringify(authored), inNouns) as LayoutProof["authored"],
    resolved: {
      ...resolved,
      reach: { ...resolved.reach, notChecked: resolved.reach.notChecked.map(inReach) },
      setups: resolved.setups.map((setup) => ({
        ...setup,
        ...(setup.memory === undefined
          ? {}
          : {
              memory: {
                ...setup.memory,
                phases: setup.memory.phases.map((phase) => ({
                  ...phase,
                  model: model(phase.model),
                  parts: phase.parts.map((part) => ({
                    ...part,
                    model: part.model === null ? null : model(part.model),
                  })),
                })),
                notEstimated: keys(setup.memory.notEstimated),
              },
            }),
        modelNames: setup.modelNames.map(model).sort(byRoleThenReplica),
        modelNamesToInstantiate: setup.modelNamesToInstantiate.map(model).sort(byRoleThenReplica),
        modelTopos: keys(setup.modelTopos),
        msid2mwid: keys(setup.msid2mwid),
        models: keys(setup.models),
        dataTransferPairs: pairs(setup.dataTransferPairs),
        syncParamPairs: pairs(setup.syncParamPairs),
        graph: {
          ...setup.graph,
          dataProducers: mapValues(setup.graph.dataProducers, model),
          dataConsumers: mapValues(setup.graph.dataConsumers, (names) => names.map(model)),
        },
      })),
    },
  };
}

function withCallsRenamed({ authored, resolved }: LayoutProof, to: (name: string) => string): LayoutProof {
  return {
    findings: [],
    authored: {
      ...authored,
      setups: authored.setups.map((config) => ({
        ...config,
        modelRpcs: config.modelRpcs.map((call) => ({ ...call, name: to(call.name) })),
      })),
    },
    resolved: {
      ...resolved,
      setups: resolved.setups.map((setup) => ({
        ...setup,
        graph: {
          ...setup.graph,
          nodes: setup.graph.nodes.map((node) => ({
            ...node,
            name: to(node.name),
            parents: node.parents.map(to),
            children: node.children.map(to),
          })),
          edges: setup.graph.edges.map((edge) => ({ ...edge, from: to(edge.from), to: to(edge.to) })),
        },
      })),
    },
  };
}

describe("an allocation string", () => {
  it("says the same in every way of writing it", () => {
    const ways = fc.record({
      spelling: fc.array(fc.nat({ max: 17 }), { minLength: 4, maxLength: 4 }),
      keys: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
      explicit: fc.boolean(),
      swap: fc.boolean(),
    });
    fc.assert(
      fc.property(layouts("one", "list", "decoupled"), ways, (layout, { spelling, keys, explicit, swap }) => {
        const allocation = layout.allocation as Shared;
        const all = explicit ? withoutStar(layout, allocation.entries) : allocation.entries;
        const entries = all
          .map((entry, index) => ({ entry, key: keys[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry);
        const other = { ...allocation, entries };
        const written: Layout = { ...layout, spelling, allocation: swap ? swapped(other) : other };
        expect(textOf(proveSound(written))).toBe(textOf(proveSound(layout)));
      }),
      RUNS,
    );
  });

  it("says the same with its engine on the other side", () => {
    holds((layout) => {
      const moved = { ...layout, allocation: swapped(layout.allocation) };
      expect(textOf(proveSound(moved))).toBe(textOf(proveSound(layout)));
    }, layouts("decoupled"));
  });
});

type Shared = Extract<Allocation, { readonly entries: unknown }>;

function swapped(allocation: Allocation): Allocation {
  if (allocation.kind !== "decoupled") return allocation;
  return { ...allocation, side: allocation.side === "left" ? "right" : "left" };
}

/** An entry of its own for each call that `*` is for, where their names can be written. */
function withoutStar(layout: Layout, entries: readonly Entry[]): readonly Entry[] {
  const decoupled = layout.allocation.kind === "decoupled";
  const star = entries.find(({ name }) => name === "*");
  const calls = layout.calls.filter(({ kind }) => !decoupled || kind !== "generate");
  const served = calls.filter(
    ({ name }) => !entries.some((entry) => entry.name === name) || !isWritable(name, decoupled),
  );
  if (star === undefined || calls.length === 0 || served.some(({ name }) => !isWritable(name, decoupled)))
    return entries;
  const named = served.map(({ name }): Entry => ({ ...star, name }));
  return [...entries.filter((entry) => entry !== star), ...named];
}

describe("a sound layout with one mistake", () => {
  it.each(MISTAKES.map((mistake) => [mistake.what, mistake] as const))("has one code: %s", (_, { forms, make }) => {
    const numbers = fc.array(fc.nat(), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(layouts(...forms), numbers, (layout, given) => {
        let next = 0;
        const wrong = make(layout, (list) => list[(given[next++] ?? 0) % list.length] as never);
        fc.pre(wrong !== null);
        const { findings } = prove(wrong.layout, wrong.allocationMode);
        expect(findings.map(({ code }) => code)).toEqual(Array.from({ length: wrong.count }, () => wrong.code));
      }),
      { numRuns: 100 },
    );
  });
});

describe("the Python reader", () => {
  it.skipIf(!hasPython)("has the same workers (needs python3)", () => {
    const proofs = fc.sample(layouts(), { numRuns: 24, seed: 7 }).map(proveSound);
    const texts = proofs.map(textOf);
    const questions = proofs.flatMap((proof, manifest): readonly Question[] => {
      const one = { manifest, setup: 0, bindings: BINDINGS };
      const { count } = proof.config.modelWorker as { readonly count: number };
      const indices = [...new Set([0, Math.floor(count / 2), count - 1])];
      return [
        { ...one, kind: "masterWorker", index: 0 },
        ...indices.map((index) => ({ ...one, kind: "modelWorker", index })),
      ];
    });
    const answers = askPython(texts, questions);
    expect(answers).toHaveLength(questions.length);
    for (const [number, { manifest, kind, index }] of questions.entries()) {
      const read = manifestOf(proofs[manifest] as LayoutProof);
      const expected: JsonObject = resolveWorkerConfig(read, kind as "modelWorker", index, BINDINGS);
      expect(answers[number]).toEqual({ count: workerCount(read, kind as "modelWorker"), value: expected });
    }
  });
});

function modelText(model: string | { readonly role: string; readonly replicaId: number }): string {
  return typeof model === "string" ? model : `${model.role}@${model.replicaId}`;
}

type Hook = { readonly kind: string; readonly source?: unknown; readonly target?: unknown };

function hookText(hook: Hook): string {
  if (hook.kind === "offload") return "offload";
  return hook.source === null ? `to ${modelText(hook.target as never)}` : `from ${modelText(hook.source as never)}`;
}

function overlap(a: LaidOutCall, b: LaidOutCall): boolean {
  return samePlace(a, b) || (a.gpus.first < b.gpus.first + b.gpus.count && b.gpus.first < a.gpus.first + a.gpus.count);
}

function mapValues<T>(map: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

function byRoleThenReplica(a: string, b: string): number {
  const split = (name: string) =>
    [name.slice(0, name.lastIndexOf("@")), Number(name.slice(name.lastIndexOf("@") + 1))] as const;
  const [role, id] = split(a);
  const [otherRole, otherId] = split(b);
  if (role !== otherRole) return role < otherRole ? -1 : 1;
  return id - otherId;
}
