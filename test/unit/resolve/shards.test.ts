import { describe, expect, it } from "vitest";
import { modelShard, modelShardId } from "../../../src/spec/worker.ts";
import { call, lines, PAIR, ranksOf, resolved, shard, topo, workers } from "./configs.ts";

const X = [call("a", "x@0")];
const at = (number: number, rest = "") => `/setups/0/modelWorker/shards/${number}${rest}`;

describe("shards", () => {
  it("give models in name order, topologies, and workers by rank", () => {
    const { value, findings } = resolved(
      [call("a", "b@1"), call("c", "b@0"), call("d", "a@0")],
      workers(
        [shard("b@1", topo(1, 2, 1), 1), shard("a@0", topo(1, 1, 1), 0)],
        [shard("b@0", topo(1, 1, 1), 0), shard("b@1", topo(1, 2, 1), 0)],
      ),
    );
    expect(findings).toEqual([]);
    const [setup] = value.setups;
    expect(setup?.modelNames).toEqual(["a@0", "b@0", "b@1"]);
    expect(setup?.msid2mwid).toEqual({ "a@0": "0", "b@0": "1", "b@1": "1,0" });
    expect(setup?.modelTopos["b@1"]).toMatchObject({ pipe: 1, data: 2, tensor: 1 });
  });

  it("sort roles by code unit and replicas by number", () => {
    const names = ["a@0", ...Array.from({ length: 11 }, (_, id) => `B@${id}`)];
    const { value } = resolved([], ranksOf(Object.fromEntries(names.map((name) => [name, topo(1, 1, 1)]))));
    expect(value.setups[0]?.modelNames).toEqual([...names.slice(1), "a@0"]);
  });
});

describe("mistakes of shards", () => {
  const four = topo(1, 2, 2);

  it("model/shard-twice, also where the two differ", () => {
    const { findings } = resolved(X, workers([shard("x@0", four, 0), shard("x@0", four, 1)], [shard("x@0", four, 2)]));
    expect(lines(findings)).toEqual([`model/shard-twice ${at(0)}`]);
    expect(findings[0]?.data).toEqual({ model: "x@0", worker: 0 });
  });

  it("topology/rank-missing, naming every missing rank: also a trailing one, which the holders alone don't show", () => {
    const { findings } = resolved(X, workers([shard("x@0", four, 0)], [shard("x@0", four, 1)]));
    expect(lines(findings)).toEqual([`topology/rank-missing ${at(0)}`]);
    expect(findings[0]?.data).toEqual({ model: "x@0", missing: "2-3", world: 4, held: 2 });
  });

  it("topology/rank-twice, and what it leaves out is the same mistake", () => {
    const held = [0, 1, 1, 3].map((rank) => [shard("x@0", four, rank)]);
    const { findings } = resolved(X, workers(...held));
    expect(lines(findings)).toEqual([`topology/rank-twice ${at(0)}`]);
    expect(findings[0]?.data).toEqual({ model: "x@0", rank: 1, first: 1, second: 2 });
  });

  it("topology/rank-twice beside all ranks, and beside more missing ones than it explains", () => {
    const all = [0, 1, 2, 3, 3].map((rank) => [shard("x@0", four, rank)]);
    expect(lines(resolved(X, workers(...all)).findings)).toEqual([`topology/rank-twice ${at(0)}`]);
    const few = [0, 0].map((rank) => [shard("x@0", four, rank)]);
    expect(lines(resolved(X, workers(...few)).findings)).toEqual([
      `topology/rank-twice ${at(0)}`,
      `topology/rank-missing ${at(0)}`,
    ]);
  });

  it("topology/disagree where sizes differ though worlds agree, and where worlds differ", () => {
    for (const other of [topo(2, 2, 1), topo(1, 1, 2), topo(1, 2, 2, { layout: "data-pipe-tensor" })]) {
      const { findings } = resolved(X, workers([shard("x@0", four, 0)], [shard("x@0", other, 1)]));
      expect(lines(findings)).toEqual([`topology/disagree ${at(1, "/topo")}`]);
    }
  });

  it("model/shard-rank once an axis, however many workers have it; ranks are not counted then", () => {
    const far = (dpRank: number, tpRank: number) => {
      const modelName = { role: "x", replicaId: 0 };
      return modelShard({
        id: modelShardId({ modelName, topo: four, ppRank: 0, dpRank, tpRank }),
        model: PAIR,
        backend: PAIR,
      });
    };
    const { findings } = resolved(X, workers([far(0, 0)], [far(5, 0)], [far(6, -1)], [far(0.5, 1)]));
    expect(lines(findings)).toEqual([
      `model/shard-rank ${at(0, "/id/dpRank")}`,
      `model/shard-rank ${at(0, "/id/tpRank")}`,
    ]);
    expect(findings.map(({ data }) => data["rank"])).toEqual([5, -1]);
  });

  it("topology/size and topology/axes, without a word on the ranks of such a topology", () => {
    const bad = topo(0, 1, 1.5, { layout: "tensor-data-pipe" as never });
    const modelName = { role: "x", replicaId: 0 };
    const held = modelShard({
      id: { modelName, topo: bad, ppRank: 0, dpRank: 0, tpRank: 0 },
      model: PAIR,
      backend: PAIR,
    });
    expect(lines(resolved(X, workers([held])).findings)).toEqual([
      `topology/axes ${at(0, "/topo/layout")}`,
      `topology/size ${at(0, "/topo/pipe")}`,
      `topology/size ${at(0, "/topo/tensor")}`,
    ]);
  });

  it("model/replica-gap at the first replica behind the gap, once a role, whatever follows from it", () => {
    const one = topo(1, 1, 1);
    const models = { "x@0": one, "x@2": one, "x@3": one, "y@1": one };
    const calls = Object.keys(models).map((name) => call(name, name));
    const { findings } = resolved(calls, ranksOf(models));
    expect(lines(findings)).toEqual([
      `model/replica-gap ${at(1, "/modelName")}`,
      `model/replica-gap ${at(3, "/modelName")}`,
    ]);
  });

  it("model/at-in-role once, whatever follows from such a name", () => {
    const one = topo(1, 1, 1);
    const held = modelShard({
      id: { modelName: { role: "x@y", replicaId: 0 }, topo: one, ppRank: 0, dpRank: 0, tpRank: 0 },
      model: PAIR,
      backend: PAIR,
    });
    const { findings } = resolved([call("a", "x@0"), call("b", "x@1")], workers([held, shard("x@1", one, 0)]));
    expect(lines(findings)).toEqual([`model/at-in-role ${at(0, "/modelName/role[1,1]")}`]);
  });

  it("model/replica-id for a number that is none", () => {
    const one = topo(1, 1, 1);
    const { findings } = resolved([call("a", "x@-1")], workers([shard("x@-1", one, 0)]));
    expect(lines(findings)).toEqual(["model/replica-id /setups/0/modelRpcs/0/modelName/replicaId"]);
  });

  it.each([
    ["nobody holds such a replica", ["x@-1"], ["x@0"]],
    ["the others are not called, then", ["x@-1"], ["x@0", "x@1"]],
  ])("model/replica-id alone: %s", (_, called, held) => {
    const one = topo(1, 1, 1);
    const { findings } = resolved(
      called.map((model) => call("a", model)),
      workers(held.map((model) => shard(model, one, 0))),
    );
    expect(lines(findings)).toEqual(["model/replica-id /setups/0/modelRpcs/0/modelName/replicaId"]);
  });

  it("model/shards-differ, a warning, where a later shard says otherwise", () => {
    const pair = { type: "test", args: { a: 1 } };
    const other = topo(1, 2, 2, { sequenceParallel: true });
    const { findings, value } = resolved(
      X,
      workers(
        [shard("x@0", four, 0)],
        [shard("x@0", four, 1, { model: pair })],
        [shard("x@0", four, 2, { backend: pair })],
        [shard("x@0", other, 3)],
      ),
    );
    expect(lines(findings)).toEqual([
      `model/shards-differ ${at(1, "/model")}`,
      `model/shards-differ ${at(2, "/backend")}`,
      `model/shards-differ ${at(3, "/topo")}`,
    ]);
    expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(["warning"]));
    expect(value.setups[0]?.modelTopos["x@0"]?.sequenceParallel).toBe(false);
  });
});
