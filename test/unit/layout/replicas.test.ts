import { describe, expect, it } from "vitest";
import { byHand, call, callLines, laidOut, MODEL } from "./layouts.ts";

describe("replicas", () => {
  it("are one where a role has one call, or one layout", () => {
    expect(callLines(laidOut({ calls: [call("one", "generate")] }))).toEqual(["one actor@0"]);
    expect(callLines(laidOut())).toEqual(["gen actor@0", "train actor@0"]);
  });

  it("are one of their own for each call that is laid out otherwise than the one that trains", () => {
    const calls = [
      call("gen", "generate"),
      call("inf", "inference"),
      call("train", "trainStep"),
      call("eval", "evaluate"),
    ];
    expect(callLines(laidOut({ calls, allocationMode: "train:d4p1m2,inf:d2p1m4,*:d8p1m1" }))).toEqual([
      "gen actor@1 from actor@0 | to actor@0",
      "inf actor@2 from actor@0 | to actor@0",
      "train actor@0",
      "eval actor@3 from actor@0 | to actor@0",
    ]);
  });

  it("have the first inference as main call where nothing trains, else the first call", () => {
    const inference = [call("gen", "generate"), call("one", "inference"), call("two", "inference")];
    expect(callLines(laidOut({ calls: inference, allocationMode: "gen:d8p1m1,*:d4p1m2" }))).toEqual([
      "gen actor@1 | offload",
      "one actor@0 | offload",
      "two actor@0 | offload",
    ]);
    const neither = [call("gen", "generate"), call("eval", "evaluate")];
    expect(callLines(laidOut({ calls: neither, allocationMode: "gen:d8p1m1,*:d4p1m2" }))).toEqual([
      "gen actor@0 | offload",
      "eval actor@1 | offload",
    ]);
  });

  it("ignore sequence parallelism, which is no size", () => {
    const calls = [
      call("inf", "inference", "actor", { manual: { ...byHand([4, 1, 2]) } }),
      call("train", "trainStep", "actor", {
        manual: { ...byHand([4, 1, 2]), parallel: { ...byHand([4, 1, 2]).parallel, useSequenceParallel: false } },
      }),
    ];
    const layout = laidOut({ calls, allocationMode: "manual", nodelist: "slurmd-[01]" });
    expect(callLines(layout)).toEqual(["inf actor@0", "train actor@0"]);
  });

  it("are kept apart where an engine generates on the GPUs that train", () => {
    const hybrid = { ...MODEL, hybrid: [{ type: "vllm", supported: true }] };
    expect(callLines(laidOut({ models: { actor: hybrid } }))).toEqual([
      "gen actor@1 from actor@0 | to actor@0",
      "train actor@0",
    ]);
  });
});

describe("models that are never trained", () => {
  const calls = [call("ref_inf", "inference", "ref"), call("train", "trainStep")];

  it("leave the GPUs that others need, and stay on those that nobody else has", () => {
    expect(callLines(laidOut({ calls }))).toEqual(["ref_inf ref@0 | offload", "train actor@0"]);
    const apart = [call("gen", "generate", "ref"), call("train", "trainStep")];
    expect(callLines(laidOut({ calls: apart, allocationMode: "vllm.d4p1m1+d4p1m1" }))).toEqual([
      "gen ref@0",
      "train actor@0",
    ]);
  });
});
