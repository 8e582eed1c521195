import { describe, expect, it } from "vitest";
import { offload, paramRealloc } from "../../../src/spec/call.ts";
import { parseModelName } from "../../../src/spec/model-name.ts";
import { call, lines, ranksOf, resolved, topo } from "./configs.ts";

const from = (name: string) => paramRealloc({ source: parseModelName(name) });
const to = (name: string, eta = 1) => paramRealloc({ target: parseModelName(name), eta });
const one = topo(1, 1, 1);
const HOOK = (index: number, side: "pre" | "post", position = 0) =>
  `/setups/0/modelRpcs/${index}/${side}Hooks/${position}`;

describe("parameter sync pairs", () => {
  it("go from the source to the call and from the call to the target, pre hooks first, each once", () => {
    const calls = [
      call("gen", "x@1", [], [], { preHooks: [from("x@0")], postHooks: [to("x@0"), offload()] }),
      call("inf", "x@2", [], [], { postHooks: [to("x@0")], preHooks: [from("x@0"), from("x@0")] }),
      call("train", "x@0", [], [], { interfaceType: "trainStep", postHooks: [to("r@0", 0.5), to("x@1")] }),
      call("ref", "r@0"),
    ];
    const { value, findings } = resolved(calls, ranksOf({ "x@0": one, "x@1": one, "x@2": one, "r@0": one }));
    expect(findings).toEqual([]);
    expect(value.setups[0]?.syncParamPairs).toEqual([
      ["x@0", "x@1"],
      ["x@1", "x@0"],
      ["x@0", "x@2"],
      ["x@2", "x@0"],
      ["x@0", "r@0"],
    ]);
  });

  it("need tensor sizes of which one divides the other: once for two hooks of one pair", () => {
    const hooks = { preHooks: [from("x@0")], postHooks: [to("x@0")] };
    const train = call("train", "x@0", [], [], { interfaceType: "trainStep" });
    const sizes = (a: number, b: number) =>
      resolved([call("gen", "x@1", [], [], hooks), train], ranksOf({ "x@0": topo(1, 1, a), "x@1": topo(1, 1, b) }));
    expect(lines(sizes(2, 4).findings)).toEqual([]);
    expect(lines(sizes(4, 2).findings)).toEqual([]);
    const { findings, value } = sizes(2, 3);
    expect(lines(findings)).toEqual([`graph/tensor-sizes ${HOOK(0, "pre")}`]);
    expect(findings[0]?.data).toEqual({ call: "gen", own: "x@1", ownSize: 3, other: "x@0", otherSize: 2 });
    expect(findings[0]?.related).toHaveLength(2);
    expect(value.setups[0]?.syncParamPairs).toHaveLength(2);
  });

  it("are not compared where a size is none", () => {
    const bad = topo(1, 1, 0);
    const { findings } = resolved(
      [call("gen", "x@1", [], [], { preHooks: [from("x@0")] }), call("t", "x@0")],
      ranksOf({ "x@0": one, "x@1": topo(1, 1, 1) }).map((worker) => ({
        ...worker,
        shards: worker.shards.map((held) =>
          held.id.modelName.replicaId === 1 ? { ...held, id: { ...held.id, topo: bad } } : held,
        ),
      })),
    );
    expect(lines(findings)).toEqual(["topology/size /setups/0/modelWorker/shards/1/topo/tensor"]);
  });

  it("graph/sync-self, once", () => {
    const calls = [call("a", "x@0", [], [], { preHooks: [from("x@0")], postHooks: [to("x@0")] })];
    const { findings, value } = resolved(calls, ranksOf({ "x@0": one }));
    expect(lines(findings)).toEqual([`graph/sync-self ${HOOK(0, "pre")}`]);
    expect(value.setups[0]?.syncParamPairs).toEqual([]);
  });

  it("leave out hooks that name both sides or none, which have a finding of their own", () => {
    const both = paramRealloc({ source: parseModelName("x@1"), target: parseModelName("x@1") });
    const calls = [call("a", "x@0", [], [], { preHooks: [offload(), both], postHooks: [paramRealloc({ eta: 2 })] })];
    const { findings, value } = resolved([...calls, call("b", "x@1")], ranksOf({ "x@0": one, "x@1": one }));
    expect(lines(findings)).toEqual([
      `call/offload-before ${HOOK(0, "pre")}`,
      `call/hook-both ${HOOK(0, "pre", 1)}`,
      `call/hook-neither ${HOOK(0, "post")}`,
      `call/eta ${HOOK(0, "post")}/eta`,
    ]);
    expect(value.setups[0]?.syncParamPairs).toEqual([]);
  });
});

describe("models without shards", () => {
  it("are reported where a call or a hook first names them, once", () => {
    const calls = [
      call("a", "x@0", [], [], { postHooks: [to("y@0"), to("y@0")] }),
      call("b", "z@0"),
      call("c", "z@0", [], [], { preHooks: [from("z@0")] }),
    ];
    expect(lines(resolved(calls, ranksOf({ "x@0": one })).findings)).toEqual([
      "graph/model-without-shards /setups/0/modelRpcs/1/modelName",
      `graph/model-without-shards ${HOOK(0, "post")}/target`,
      `graph/sync-self ${HOOK(2, "pre")}`,
    ]);
  });

  it("are reported where workers hold no shard at all, but not where there are no workers", () => {
    expect(
      lines(
        resolved(
          [call("a", "x@0")],
          [...ranksOf({ "x@0": one })].map((w) => ({ ...w, shards: [] })),
        ).findings,
      ),
    ).toEqual(["graph/model-without-shards /setups/0/modelRpcs/0/modelName"]);
    expect(lines(resolved([call("a", "x@0")], []).findings)).toEqual(["config/no-model-workers /setups/0/modelWorker"]);
  });
});
