import { describe, expect, it } from "vitest";
import { modelNameText } from "../../../src/spec/model-name.ts";
import { workersOf } from "../../../src/spec/worker-set.ts";
import { lines } from "../resolve/configs.ts";
import { call, laidOut, MODEL } from "./layouts.ts";

const shards = (layout: ReturnType<typeof laidOut>) => layout.modelWorker.shards;
const short = (layout: ReturnType<typeof laidOut>) =>
  shards(layout).map(({ modelName, topo, model, backend }) =>
    [modelNameText(modelName), topo.layout, `d${topo.data}p${topo.pipe}m${topo.tensor}`, model.type, backend.type].join(
      " ",
    ),
  );

describe("shards of a layout", () => {
  it("stand on one worker a GPU, in row-major order, ranks in the order of workers", () => {
    const layout = laidOut({ nNodes: 2, allocationMode: "sglang.d8p1m1+d2p2m2" });
    expect(layout.modelWorker.count).toBe(16);
    expect(short(layout)).toEqual([
      "actor@1 data-pipe-tensor d8p1m1 tokenizer sglang",
      "actor@0 pipe-data-tensor d2p2m2 weights megatron",
    ]);
    const held = [...workersOf(layout.modelWorker)].map(({ shards: own }) => (own as never[]).length);
    expect(held).toEqual(Array.from({ length: 16 }, () => 1));
    expect(layout.modelWorker.groups.map(({ workers, shards: own }) => [workers, own[0]?.ranks])).toEqual([
      ["0-7", "0-7"],
      ["8-15", "0-7"],
    ]);
  });

  it("have a training topology if a call trains, and its switches", () => {
    const calls = [call("gen", "generate"), call("train", "trainStep"), call("ref_inf", "inference", "ref")];
    const [actor, generation, ref] = shards(laidOut({ calls, allocationMode: "gen:d8p1m1,*:d4p1m2" })).toSorted(
      (a, b) => (modelNameText(a.modelName) < modelNameText(b.modelName) ? -1 : 1),
    );
    expect(actor?.topo).toMatchObject({
      layout: "pipe-data-tensor",
      sequenceParallel: true,
      gradientCheckpointing: true,
      gradientAccumulationFusion: true,
      maxPromptLen: null,
    });
    expect(generation?.topo).toMatchObject({
      layout: "data-pipe-tensor",
      sequenceParallel: false,
      gradientCheckpointing: false,
      gradientAccumulationFusion: false,
      maxPromptLen: 256,
    });
    expect(ref?.topo).toMatchObject({ layout: "data-pipe-tensor", gradientCheckpointing: false, maxPromptLen: null });
  });

  it("carry the evaluation dataset, no wrappers, and the pairs of their model", () => {
    expect(shards(laidOut())[0]).toMatchObject({
      evalDataset: { type: "prompt_answer" },
      evalBs: 7,
      model: { type: "weights", args: { role: "actor" }, wrappers: [] },
      backend: { type: "megatron" },
    });
  });

  it("run on an engine that shares the GPUs, on the model's own backend, or merely forward", () => {
    const hybrid = { ...MODEL, hybrid: [{ type: "vllm", supported: true }] };
    const calls = [call("gen", "generate"), call("train", "trainStep"), call("ref_inf", "inference", "ref")];
    const models = { actor: hybrid, ref: MODEL };
    expect(short(laidOut({ calls, models })).map((line) => line.split(" ").at(-1))).toEqual([
      "vllm",
      "megatron",
      "inference",
    ]);
  });
});

describe("backends", () => {
  const unknown = { ...MODEL, train: null, trainName: "megatrom" };
  const refused = { ...MODEL, hybrid: [{ type: "sglang", supported: false }] };

  it("that are not there, or can't share GPUs, are found at the model's option, also beside a wrong layout", () => {
    expect(lines(laidOut({ models: { actor: unknown } }).findings)).toEqual([
      "allocation/backend option:actor.backend",
    ]);
    expect(lines(laidOut({ models: { actor: refused } }).findings)).toEqual([
      "allocation/sglang-hybrid option:actor.sglang.hybridTrain",
    ]);
    expect(lines(laidOut({ models: { actor: { ...unknown, option: null } } }).findings)).toEqual([
      "allocation/backend class",
    ]);
    const both = laidOut({
      models: { actor: { ...refused, ...unknown, hybrid: refused.hybrid } },
      allocationMode: "d4p1m1",
    });
    expect(lines(both.findings)).toEqual([
      "allocation/gpu-product option:allocationMode[0,6]",
      "allocation/backend option:actor.backend",
      "allocation/sglang-hybrid option:actor.sglang.hybridTrain",
    ]);
    expect(both.modelWorker).toMatchObject({ count: 8, shared: { baseSeed: 1 }, shards: [], groups: [] });
  });

  it("also with vllm's set beside, and not where generation has GPUs of its own", () => {
    const two = { ...MODEL, hybrid: [{ type: "vllm", supported: true }, ...refused.hybrid] };
    expect(lines(laidOut({ models: { actor: two } }).findings)).toHaveLength(1);
    expect(laidOut({ models: { actor: two }, allocationMode: "vllm.d4p1m1+d4p1m1" }).findings).toEqual([]);
  });

  it("are no matter where nobody knows whether generation has GPUs of its own", () => {
    const more = { models: { actor: refused }, allocationMode: "heuristic" };
    expect(lines(laidOut(more).findings)).toEqual(["allocation/no-heuristic option:allocationMode"]);
  });

  it("of models whose pairs can't be made leave no workers behind", () => {
    const layout = laidOut({}, { pairs: () => null });
    expect(layout.findings).toEqual([]);
    expect(layout.modelWorker.groups).toEqual([]);
  });
});
