import { describe, expect, it } from "vitest";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { lines } from "../resolve/configs.ts";
import { call, callLines, laidOut } from "./layouts.ts";

const calls = [call("gen", "generate"), call("train", "trainStep"), call("ref_inf", "inference", "ref")];
const heuristic = {
  gen: { gpus: { first: 0, count: 4 }, data: 4, pipe: 1, tensor: 1 },
  train: { data: 2, pipe: 2, tensor: 2 },
  ref_inf: { gpus: { first: 4, count: 4 }, data: 1, pipe: 1, tensor: 4 },
};

describe("a rule of an experiment's own", () => {
  it("puts calls on runs of GPUs", () => {
    const layout = laidOut({ calls, heuristic, allocationMode: "heuristic" });
    expect(layout.findings).toEqual([]);
    expect(layout.calls?.map(({ gpus }) => gpus)).toEqual([
      { first: 0, count: 4 },
      { first: 0, count: 8 },
      { first: 4, count: 4 },
    ]);
    expect(layout.calls?.map(({ sequenceParallel }) => sequenceParallel)).toEqual([false, true, false]);
    expect(callLines(layout)).toEqual([
      "gen actor@1 from actor@0 | to actor@0",
      "train actor@0",
      "ref_inf ref@0 | offload",
    ]);
  });

  it("must lay every call out, on GPUs that are there, and name no other", () => {
    const { train: _train, ...rest } = heuristic;
    const wrong = { ...rest, ref_inf: { ...heuristic.ref_inf, gpus: { first: 6, count: 4 } }, other: heuristic.train };
    expect(lines(laidOut({ calls, heuristic: wrong, allocationMode: "heuristic" }).findings)).toEqual([
      "allocation/unused-name class",
      "allocation/no-layout-for-call option:allocationMode",
      "mesh/product class",
    ]);
  });

  it("counts on nodes of eight GPUs", () => {
    const cluster = clusterSpec({ nodes: 4, gpusPerNode: 4 });
    const own = { gen: { data: 4, pipe: 1, tensor: 1 } };
    const asked = { calls: [call("gen", "generate")], heuristic: own, allocationMode: "heuristic", cluster };
    expect(lines(laidOut({ ...asked, gpusPerNode: 4 }).findings)).toEqual([
      "allocation/heuristic-gpus option:nGpusPerNode",
    ]);
  });

  it("is asked for in vain where there is none", () => {
    expect(lines(laidOut({ calls, allocationMode: "heuristic" }).findings)).toEqual([
      "allocation/no-heuristic option:allocationMode",
    ]);
  });
});
