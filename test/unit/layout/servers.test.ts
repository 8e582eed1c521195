import { describe, expect, it } from "vitest";
import { workersOf } from "../../../src/spec/worker-set.ts";
import { lines } from "../resolve/configs.ts";
import { call, callLines, laidOut } from "./layouts.ts";

const servers = { engine: "sglang" };
const calls = [call("gen", "generate"), call("train", "trainStep"), call("ref_inf", "inference", "ref")];

describe("generation on servers", () => {
  it("takes GPUs from the model workers, which are numbered without them", () => {
    const layout = laidOut({ servers, calls, allocationMode: "sglang.d1p1m4+d2p1m2" });
    expect(layout.findings).toEqual([]);
    expect(layout.servers).toMatchObject({
      modelName: { role: "actor", replicaId: 1 },
      servers: 1,
      gpusPerServer: 4,
      modelWorkers: 4,
    });
    expect(layout.modelWorker.count).toBe(4);
    expect(layout.modelWorker.groups.map(({ workers }) => workers)).toEqual(["0-3"]);
    const held = [...workersOf(layout.modelWorker)].map(({ shards }) => (shards as never[]).length);
    expect(held).toEqual([2, 2, 2, 2]);
  });

  it("keeps the replica of the call that servers answer: another layout of its role gets the next one", () => {
    const four = [...calls, call("inf", "inference")];
    const layout = laidOut({ servers, calls: four, allocationMode: "sglang.d4p1m1+inf:d2p1m2,*:d4p1m1" });
    expect(callLines(layout)).toEqual([
      "gen actor@1 from actor@0 | to actor@0",
      "train actor@0",
      "ref_inf ref@0 | offload",
      "inf actor@2 from actor@0 | to actor@0",
    ]);
  });

  it.each([
    ["d8p1m1", ["allocation/async-needs-decoupled option:allocationMode"]],
    ["vllm.d4p1m1+d4p1m1", ["allocation/engine-ignored option:allocationMode[0,4]"]],
    ["d4p1m1+mock.d4p1m1", ["allocation/engine-ignored option:allocationMode[7,4]"]],
    ["sglang.d2p2m1+d4p1m1", ["allocation/generate-pipeline option:allocationMode[7,6]"]],
  ])("%s", (allocationMode, expected) => {
    expect(lines(laidOut({ servers, calls, allocationMode }).findings)).toEqual(expected);
  });

  it("is not laid out by halves", () => {
    for (const allocationMode of ["d8p1m1", "sglang.d8p1m1+d4p1m1", "nonsense"]) {
      const layout = laidOut({ servers, calls, allocationMode });
      expect([layout.calls, layout.servers, layout.modelWorker.groups]).toEqual([null, null, []]);
    }
  });

  it("is counted even if a call has no place", () => {
    const layout = laidOut({ servers, calls, allocationMode: "sglang.d4p1m1+train:d4p1m1" });
    expect(lines(layout.findings)).toEqual(["allocation/no-layout-for-call option:allocationMode"]);
    expect([layout.calls, layout.servers?.servers, layout.modelWorker.count]).toEqual([null, 4, 4]);
  });
});
