import { describe, expect, it } from "vitest";
import { resolveWorkerConfig } from "../../../src/manifest/worker-config.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { experimentScheduling, scheduling, tasksGroup } from "../../../src/spec/scheduling.ts";
import { masterWorker, modelWorker, saveEvalControl } from "../../../src/spec/worker.ts";
import { authored, call, lines, ranksOf, resolved, shard, topo } from "./configs.ts";

const one = topo(1, 1, 1);
const calls = [call("a", "x@0")];
const each = scheduling({ cpu: 1, gpu: 0, memMiB: 1 });

describe("the master worker", () => {
  it("takes seed and shuffling of the first model worker, and the number of all", () => {
    const modelWorkers = ["x@0", "y@0"].map((name) =>
      modelWorker({ baseSeed: 7, shuffleDataset: false, shards: [shard(name, one, 0)] }),
    );
    const expCtrl = saveEvalControl({ totalTrainEpochs: 3 });
    const config = experimentConfig({ modelRpcs: [...calls, call("b", "y@0")], modelWorker: modelWorkers, expCtrl });
    const whole = authored([config]);
    const { value, findings } = resolve({ authored: whole });
    expect(findings).toEqual([]);
    const master = resolveWorkerConfig({ name: "t", authored: whole, resolved: value }, "masterWorker", 0, {
      trial: "1",
    });
    expect(master).toMatchObject({
      baseSeed: 7,
      shuffleDataset: false,
      nModelWorkers: 2,
      expCtrl: { totalTrainEpochs: 3 },
    });
    expect(master["modelTopos"]).toEqual(JSON.parse(JSON.stringify(value.setups[0]?.modelTopos)));
    expect(master["dataTransferPairs"]).toEqual([
      ["x@0", "x@0"],
      ["x@0", "y@0"],
    ]);
  });

  it("config/ignored-difference where model workers differ: the first one counts", () => {
    const modelWorkers = [0, 1].map((seed) =>
      modelWorker({ baseSeed: seed, shuffleDataset: seed === 0, shards: [shard("x@0", topo(1, 2, 1), seed)] }),
    );
    const { findings, value } = resolved(calls, modelWorkers);
    expect(lines(findings)).toEqual([
      "config/ignored-difference /setups/0/modelWorker",
      "config/ignored-difference /setups/0/modelWorker",
    ]);
    expect(findings.map(({ data }) => data["field"])).toEqual(["baseSeed", "shuffleDataset"]);
    expect(value.setups[0]?.masterWorker.shared).toMatchObject({ baseSeed: 0, shuffleDataset: true });
  });

  it("is the author's where there is one, and config/master-workers where there are more or none", () => {
    const master = masterWorker({ baseSeed: 5, nModelWorkers: 1, expCtrl: saveEvalControl() });
    const setup = (masters: readonly (typeof master)[]) => {
      const config = { modelRpcs: calls, modelWorker: ranksOf({ "x@0": one }), masterWorker: masters };
      return resolve({ authored: authored([experimentConfig(config)]) });
    };
    expect(lines(setup([master]).findings)).toEqual([]);
    expect(setup([master]).value.setups[0]?.masterWorker.shared["baseSeed"]).toBe(5);
    expect(lines(setup([master, master]).findings)).toEqual(["config/master-workers /setups/0/masterWorker"]);
    expect(lines(setup([]).findings)).toEqual(["config/master-workers /setups/0/masterWorker"]);
  });
});

describe("counts", () => {
  const prove = (scheduled: Partial<Parameters<typeof experimentScheduling>[0]>) =>
    resolved(calls, ranksOf({ "x@0": topo(1, 2, 1) }), {
      scheduling: experimentScheduling({
        modelWorker: tasksGroup(2, each),
        masterWorker: tasksGroup(1, each),
        ...scheduled,
      }),
    });

  it("agree kind by kind, groups of a kind added up", () => {
    expect(lines(prove({ modelWorker: [tasksGroup(1, each), tasksGroup(1, each)] }).findings)).toEqual([]);
    expect(prove({}).value.setups[0]?.counts).toEqual({
      modelWorker: 2,
      masterWorker: 1,
      gserverManager: 0,
      rolloutWorker: 0,
      generationServer: 0,
    });
  });

  it("scheduling/count-mismatch at the group, or at the scheduling where there is no group", () => {
    const { findings } = prove({ modelWorker: tasksGroup(3, each), rolloutWorker: tasksGroup(2, each) });
    expect(lines(findings)).toEqual([
      "scheduling/count-mismatch /scheduling/modelWorker",
      "scheduling/count-mismatch /scheduling/rolloutWorker",
    ]);
    expect(findings[0]?.data).toEqual({ kind: "modelWorker", scheduled: 3, configured: 2, setup: 0 });
  });

  it("scheduling/count for a number that is none, and nothing else of it", () => {
    expect(lines(prove({ modelWorker: [tasksGroup(2, each), tasksGroup(-1, each)] }).findings)).toEqual([
      "scheduling/count /scheduling/modelWorker/1/count",
    ]);
  });

  it("are compared with every setup, a mistake of all of them once", () => {
    const config = experimentConfig({ modelRpcs: calls, modelWorker: ranksOf({ "x@0": topo(1, 2, 1) }) });
    const three = { modelWorker: tasksGroup(3, each), masterWorker: tasksGroup(1, each) };
    const { findings } = resolve({ authored: authored([config, config], { scheduling: experimentScheduling(three) }) });
    expect(lines(findings)).toEqual(["scheduling/count-mismatch /scheduling/modelWorker"]);
  });

  it("say nothing of workers that could not be laid out", () => {
    const config = experimentConfig({ modelRpcs: calls, modelWorker: null });
    const two = { modelWorker: tasksGroup(2, each), masterWorker: tasksGroup(1, each) };
    expect(resolve({ authored: authored([config], { scheduling: experimentScheduling(two) }) }).findings).toEqual([]);
  });
});

describe("whole configurations", () => {
  it("config/no-model-workers alone, though workers are scheduled", () => {
    const two = { modelWorker: tasksGroup(2, each), masterWorker: tasksGroup(1, each) };
    const { findings } = resolved(calls, [], { scheduling: experimentScheduling(two) });
    expect(lines(findings)).toEqual(["config/no-model-workers /setups/0/modelWorker"]);
  });

  it("config/no-setups", () => {
    expect(lines(resolve({ authored: authored([]) }).findings)).toEqual(["config/no-setups class"]);
  });

  it("config/name for names that options give", () => {
    const launch = { experimentName: "a_b", trialName: "a b" };
    expect(lines(resolved(calls, ranksOf({ "x@0": one }), { launch }).findings)).toEqual([
      "config/name option:experimentName",
      "config/name option:trialName",
    ]);
    const sound = { experimentName: "sft-32B", trialName: null };
    expect(resolved(calls, ranksOf({ "x@0": one }), { launch: sound }).findings).toEqual([]);
  });

  it.each(["", "a_b", "-a", "a b", "a/b"])("config/name for `%s`", (experiment) => {
    expect(lines(resolved(calls, ranksOf({ "x@0": one }), { experiment }).findings)).toEqual(["config/name class"]);
  });

  it("prove each setup of a list with its own pointers", () => {
    const good = experimentConfig({ modelRpcs: calls, modelWorker: ranksOf({ "x@0": one }) });
    const bad = experimentConfig({ modelRpcs: [...calls, ...calls], modelWorker: ranksOf({ "x@0": one }) });
    const { findings, value } = resolve({ authored: authored([good, bad]) });
    expect(lines(findings)).toEqual(["graph/duplicate-call /setups/1/modelRpcs/1/name"]);
    expect(value.setups).toHaveLength(2);
  });
});
