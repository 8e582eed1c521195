import { describe, expect, it } from "vitest";
import { call, lines, ranksOf, resolved, topo } from "./configs.ts";

const one = topo(1, 1, 1);
const train = { interfaceType: "trainStep" } as const;
const made = (calls: Parameters<typeof resolved>[0], ...models: readonly string[]) => {
  const { value, findings } = resolved(calls, ranksOf(Object.fromEntries(models.map((name) => [name, one]))));
  return { names: value.setups[0]?.modelNamesToInstantiate, found: lines(findings) };
};

describe("models that are made at start", () => {
  it("are the replica that trains, of a role that is trained", () => {
    const calls = [call("gen", "x@0"), call("train", "x@1", [], [], train), call("inf", "x@2")];
    expect(made(calls, "x@0", "x@1", "x@2")).toEqual({ names: ["x@1"], found: [] });
  });

  it("are as many replicas as calls use, of a role that is not", () => {
    const calls = [call("a", "r@1"), call("b", "r@0"), call("c", "r@1"), call("d", "q@0")];
    expect(made(calls, "r@0", "r@1", "q@0")).toEqual({ names: ["q@0", "r@0", "r@1"], found: [] });
  });

  it("stand in name order, replicas by number", () => {
    const names = Array.from({ length: 11 }, (_, id) => `r@${id}`);
    const { names: found } = made(
      [...names].reverse().map((name) => call(name, name)),
      ...names,
    );
    expect(found).toEqual(names);
  });

  it("graph/replica-not-called where calls use only a later replica: the first one is made all the same", () => {
    expect(made([call("a", "r@1")], "r@0", "r@1")).toEqual({
      names: ["r@0"],
      found: ["graph/replica-not-called /setups/0/modelRpcs/0/modelName"],
    });
  });

  it("graph/role-without-call, at the role's first shard: nothing of it is made", () => {
    expect(made([call("a", "r@0")], "r@0", "s@0", "s@1")).toEqual({
      names: ["r@0"],
      found: ["graph/role-without-call /setups/0/modelWorker/shards/1/modelName"],
    });
  });

  it("graph/two-train-steps at the second one; the first one's replica is made", () => {
    const calls = [call("a", "x@1", [], [], train), call("b", "x@0", [], [], train), call("c", "y@0", [], [], train)];
    expect(made(calls, "x@0", "x@1", "y@0")).toEqual({
      names: ["x@1", "y@0"],
      found: ["graph/two-train-steps /setups/0/modelRpcs/1"],
    });
  });

  it("take a copied train step for a copy only", () => {
    const twice = [call("a", "x@0", [], [], train), call("a", "x@0", [], [], train)];
    expect(made(twice, "x@0").found).toEqual(["graph/duplicate-call /setups/0/modelRpcs/1/name"]);
  });
});
