import { describe, expect, it } from "vitest";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { lines } from "../resolve/configs.ts";
import { byHand, call, laidOut } from "./layouts.ts";

const found = (more: Parameters<typeof laidOut>[0]) => lines(laidOut(more).findings);

describe("GPUs that are asked for", () => {
  it.each([
    [{ nNodes: 5 }, ["allocation/too-many-nodes option:nNodes"]],
    [{ gpusPerNode: 16 }, ["allocation/too-many-gpus-per-node option:nGpusPerNode"]],
    [{ nNodes: 2, gpusPerNode: 4 }, ["allocation/partial-nodes option:nGpusPerNode"]],
    [{ nNodes: 2, launchMode: "local" }, ["allocation/local-multi-node option:nNodes"]],
    [{ gpusPerNode: 6 }, ["mesh/gpus-not-power-of-two option:nGpusPerNode"]],
    [
      { nNodes: 5, gpusPerNode: 16, launchMode: "local" },
      [
        "allocation/too-many-nodes option:nNodes",
        "allocation/too-many-gpus-per-node option:nGpusPerNode",
        "allocation/local-multi-node option:nNodes",
      ],
    ],
    [
      { nNodes: 2, gpusPerNode: 6, launchMode: "local", cluster: clusterSpec({ nodes: 4, gpusPerNode: 6 }) },
      ["allocation/local-multi-node option:nNodes", "mesh/gpus-not-power-of-two option:nGpusPerNode"],
    ],
  ])("%j", (more, expected) => {
    expect(found(more)).toEqual(expected);
  });

  it("that don't exist make products noise, but hide nothing else", () => {
    expect(found({ nNodes: 5, allocationMode: "gen:d3p1m1,other:d1p1m1" })).toEqual([
      "allocation/too-many-nodes option:nNodes",
      "allocation/unused-name option:allocationMode[11,5]",
      "allocation/no-layout-for-call option:allocationMode",
    ]);
    expect(found({ nNodes: 5, allocationMode: "d8x1m1" })).toEqual([
      "allocation/too-many-nodes option:nNodes",
      "allocation/syntax option:allocationMode[2,1]",
    ]);
  });
});

describe("all calls on all GPUs", () => {
  it("take their own layout, else that of `*`", () => {
    const { calls } = laidOut({ allocationMode: "train:d2p2m2,*:d8p1m1" });
    expect(calls?.map(({ sizes }) => sizes)).toMatchObject([
      { data: 8, pipe: 1, tensor: 1 },
      { data: 2, pipe: 2, tensor: 2 },
    ]);
    expect(calls?.map(({ sequenceParallel }) => sequenceParallel)).toEqual([false, true]);
    expect(calls?.map(({ gpus }) => gpus)).toEqual([
      { first: 0, count: 8 },
      { first: 0, count: 8 },
    ]);
  });

  it.each([
    ["d4p1m1", ["allocation/gpu-product option:allocationMode[0,6]"]],
    ["gen:d8p1m1,train:d4p1m4", ["allocation/gpu-product option:allocationMode[17,6]"]],
    [
      "gen:d4p1m1,train:d4p1m4",
      ["allocation/gpu-product option:allocationMode[4,6]", "allocation/gpu-product option:allocationMode[17,6]"],
    ],
    ["train:d8p1m1", ["allocation/no-layout-for-call option:allocationMode"]],
    ["d8p1m1x", ["allocation/syntax option:allocationMode[6,1]"]],
    ["d0p1m1", ["allocation/zero-degree option:allocationMode[0,2]"]],
    ["heuristic", ["allocation/no-heuristic option:allocationMode"]],
    ["*:d8p1m1,rain:d8p1m1", ["allocation/unused-name option:allocationMode[9,4]"]],
    ["gen:d8p1m1,rain:d8p1m1", ["allocation/no-layout-for-call option:allocationMode[11,4]"]],
    [
      "gen:d8p1m1,rain:d8p1m1,other:d8p1m1",
      [
        "allocation/unused-name option:allocationMode[23,5]",
        "allocation/no-layout-for-call option:allocationMode[11,4]",
      ],
    ],
  ])("%s", (allocationMode, expected) => {
    expect(found({ allocationMode })).toEqual(expected);
  });
});

it("a misspelt call is told how it is written", () => {
  expect(laidOut({ allocationMode: "gen:d8p1m1,rain:d8p1m1" }).findings[0]?.help).toBe("write `train`");
});

describe("generation on GPUs of its own", () => {
  it("has the first ones, and all other calls the rest", () => {
    const { calls, findings } = laidOut({ allocationMode: "d2p1m2+sglang.d2p1m2" });
    expect(findings).toEqual([]);
    expect(calls?.map(({ gpus }) => gpus)).toEqual([
      { first: 0, count: 4 },
      { first: 4, count: 4 },
    ]);
    expect(calls?.map(({ sequenceParallel }) => sequenceParallel)).toEqual([false, true]);
  });

  it.each([
    [{ allocationMode: "sglang.d4p1m1+d8p1m1" }, ["allocation/gpu-product option:allocationMode[14,6]"]],
    [{ allocationMode: "sglang.d4p1m1+gen:d4p1m1" }, ["allocation/no-layout-for-call option:allocationMode"]],
    [{ allocationMode: "sglang.d2p2m1+d4p1m1" }, ["allocation/generate-pipeline option:allocationMode[7,6]"]],
    [{ allocationMode: "mock.d4p1m1+d4p1m1" }, ["allocation/mock-engine-unsupported option:allocationMode"]],
    [{ nNodes: 2, allocationMode: "sglang.d12p1m1+d4p1m1" }, ["allocation/generate-size option:allocationMode[7,7]"]],
    [{ nNodes: 2, allocationMode: "sglang.d4p1m1+d12p1m1" }, ["mesh/partial-nodes option:allocationMode[7,6]"]],
    [{ allocationMode: "sglang.d8p1m1+d8p1m1" }, ["mesh/split-size option:allocationMode[7,6]"]],
    [
      { nNodes: 2, allocationMode: "d4p1m1+sglang.d6p2m1", calls: [call("train", "trainStep")] },
      ["allocation/no-generate-call option:allocationMode[14,6]"],
    ],
    [
      {
        allocationMode: "sglang.d4p1m1+d4p1m1",
        calls: [call("gen", "generate"), call("again", "generate", "ref"), call("train", "trainStep")],
      },
      ["allocation/two-generate-calls option:allocationMode[7,6]"],
    ],
  ])("%j", (more, expected) => {
    expect(found(more)).toEqual(expected);
  });
});

describe("calls that are left out for another reason", () => {
  it.each([
    ["train:d8p1m1,gen:d8p1m1,other:d8p1m1", ["allocation/unused-name option:allocationMode[24,5]"]],
    ["sglang.d4p1m1+d4p1m1", []],
    ["sglang.d4p1m1+d2p1m1", ["allocation/gpu-product option:allocationMode[14,6]"]],
  ])("are known to %s", (allocationMode, expected) => {
    const leftOut = [{ name: "gen", kind: "generate" as const }];
    expect(found({ allocationMode, calls: [call("train", "trainStep")], leftOut })).toEqual(expected);
  });

  it("count among those that an engine would serve", () => {
    const leftOut = [{ name: "again", kind: "generate" as const }];
    const expected = ["allocation/two-generate-calls option:allocationMode[7,6]"];
    expect(found({ allocationMode: "sglang.d4p1m1+d4p1m1", leftOut })).toEqual(expected);
  });
});

describe("places by hand", () => {
  const LIST = "slurmd-[01-04]";
  const placed = (gen: ReturnType<typeof byHand>, train: ReturnType<typeof byHand> | null, more: object = {}) => ({
    // 32 nodes: names have two digits.
    cluster: clusterSpec(),
    allocationMode: "manual",
    nNodes: 2,
    nodelist: LIST as string | null,
    calls: [call("gen", "generate", "actor", { manual: gen }), call("train", "trainStep", "actor", { manual: train })],
    ...more,
  });
  const all = byHand([16, 1, 1], null, "train");

  it("are all GPUs, whole nodes, or part of one, with sizes and sequence parallelism as given", () => {
    const { calls, findings } = laidOut(placed(byHand([2, 1, 1], "slurmd-02:4,5"), all));
    expect(findings).toEqual([]);
    expect(calls?.map(({ gpus }) => gpus)).toMatchObject([
      { first: 12, count: 2 },
      { first: 0, count: 16 },
    ]);
    expect(calls?.map(({ sequenceParallel }) => sequenceParallel)).toEqual([true, true]);
  });

  it("may have a longer list of nodes than are in use", () => {
    expect(found(placed(byHand([8, 1, 1], "slurmd-02"), all))).toEqual([]);
  });

  it.each([
    ["slurmd-03", ["mesh/outside-nodes option:gen.deviceMesh"]],
    ["slurmd-01:-1", ["mesh/gpu-id option:gen.deviceMesh[10,2]"]],
    ["slurmd-01:8", ["mesh/gpu-id option:gen.deviceMesh[10,1]"]],
    ["slurmd-01:0,2", ["mesh/not-contiguous option:gen.deviceMesh"]],
    ["slurmd-[01-02]:0", ["mesh/gpus-of-many-nodes option:gen.deviceMesh"]],
    ["slurmd-07", ["mesh/node-not-in-list option:gen.deviceMesh"]],
    ["node-01", ["mesh/node-prefix option:gen.deviceMesh[0,7]"]],
    ["slurmd-01:0", ["mesh/product option:gen.parallel"]],
  ])("%s", (mesh, expected) => {
    expect(found(placed(byHand([8, 1, 1], mesh), all))).toEqual(expected);
  });

  it("need a list of nodes that is long enough, said once", () => {
    const both = (nodelist: string | null) =>
      placed(byHand([8, 1, 1], "slurmd-01"), byHand([8, 1, 1], "slurmd-01", "train"), { nodelist });
    expect(found(both("slurmd-[01]"))).toEqual(["mesh/list-too-short option:nodelist"]);
    expect(found(both(null))).toEqual(["allocation/nodelist-required option:allocationMode"]);
  });

  it("are needed for every call, and found in the call where no option has them", () => {
    expect(found(placed(all, null))).toEqual(["allocation/no-layout-for-call option:allocationMode"]);
    expect(found(placed(byHand([4, 1, 1], null, null), all))).toEqual(["mesh/product /calls/gen"]);
    expect(found(placed(byHand([4, 1, 1], "slurmd-09", null), all))).toEqual(["mesh/node-not-in-list /calls/gen"]);
  });
});

describe("sequences of a step", () => {
  const batch = (nSeqs: number, kind: "trainStep" | "inference", more: object = {}, allocationMode = "d8p1m1") =>
    found({ allocationMode, calls: [call("one", kind, "actor", { nSeqs, ...more })] });

  it("must reach every rank and micro-batch, twice with stages that train", () => {
    expect(batch(8, "trainStep")).toEqual([]);
    expect(batch(7, "trainStep")).toEqual(["allocation/batch-too-small /calls/one/nSeqs"]);
    expect(batch(15, "trainStep", {}, "d4p2m1")).toEqual(["allocation/batch-too-small /calls/one/nSeqs"]);
    expect(batch(16, "trainStep", {}, "d4p2m1")).toEqual([]);
    expect(batch(8, "inference", {}, "d4p2m1")).toEqual([]);
    expect(batch(23, "inference", { mbSpec: { nMbs: 3, maxTokensPerMb: 1 } })).toHaveLength(1);
  });

  it("are multiplied in doubles, from left to right", () => {
    // 6 x (8 / 5) x 5 is a little above 48.
    const more = { minNSeqsPerPass: 8 / 5, mbSpec: { nMbs: 5, maxTokensPerMb: 1 } };
    const six = (nSeqs: number) =>
      found({
        allocationMode: "vllm.d2p1m1+d6p1m1",
        calls: [call("gen", "generate"), call("one", "inference", "ref", { nSeqs, ...more })],
      });
    expect(six(48)).toEqual(["allocation/batch-too-small /calls/one/nSeqs"]);
    expect(six(49)).toEqual([]);
  });

  it("that nobody says are no second mistake", () => {
    expect(found({ calls: [call("one", "trainStep", "actor", { nSeqs: null })] })).toEqual([]);
  });
});
