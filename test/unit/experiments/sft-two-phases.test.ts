import "assay/experiments";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CommonExperiment } from "../../../src/dsl/common-experiment.ts";
import { makeExperiment } from "../../../src/dsl/make.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";
import { groupsOf } from "../../../src/spec/scheduling.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";

const NAME = "sft-two-phases";
const FILE = fileURLToPath(new URL(`../../../experiments/${NAME}/experiment.ts`, import.meta.url));

/** What differs between setups, and the workers that are asked for. */
function phasesOf(preset: string, overrides: Readonly<Record<string, number>> = {}) {
  const { value, findings } = proveExperiment(NAME, { preset, overrides });
  const { setups = [], scheduling } = value.authored ?? {};
  const phases = setups.map(({ modelWorker, modelRpcs, expCtrl }) => {
    const [shard] = modelWorker?.shards ?? [];
    return {
      workers: modelWorker?.count,
      nSeqs: modelRpcs.map(({ nSeqs }) => nSeqs),
      epochs: expCtrl.totalTrainEpochs,
      path: shard?.model.args["modelPath"],
      lr: (shard?.backend.args["optimizer"] as { readonly lr: number } | undefined)?.lr,
      layout: [shard?.topo.pipe, shard?.topo.data, shard?.topo.tensor],
    };
  });
  const scheduled = scheduling === undefined ? [] : groupsOf(scheduling.modelWorker).map(({ count }) => count);
  return { codes: findings.map(({ code }) => code), phases, scheduled };
}

describe("the experiment of two phases", () => {
  it("is no CommonExperiment", () => {
    expect(makeExperiment(NAME)).not.toBeInstanceOf(CommonExperiment);
  });

  it("runs two setups under one scheduling, the second from where the first ends", () => {
    const warmedUp = "${cluster.fileroot}/checkpoints/${user}/${experiment}/${trial}/warm-up";
    expect(phasesOf("four-nodes", { "optimizer.lr": 1e-5, "warmUp.lrScale": 0.5 })).toEqual({
      codes: [],
      phases: [
        { workers: 32, nSeqs: [256], epochs: 1, path: "qwen2.5-1.5b", lr: 5e-6, layout: [1, 16, 2] },
        { workers: 32, nSeqs: [512], epochs: 3, path: warmedUp, lr: 1e-5, layout: [1, 16, 2] },
      ],
      scheduled: [32],
    });
  });

  it("is refused where GPUs can't be split as it says", () => {
    expect(phasesOf("one-node", { tensor: 3 }).codes).toContain("topology/size");
    expect(phasesOf("one-node", { tensor: 8 }).codes).toContain("model/heads-not-divisible");
  });

  it("imports the plugins that it uses, and no others", () => {
    const imported = /import \{([^}]*)\} from "assay\/plugins"/.exec(readFileSync(FILE, "utf8"))?.[1] ?? "";
    const names = imported.split(",").flatMap((name) => (/^\s*[a-z]/.test(name) ? [name.trim()] : []));
    expect(names).toEqual(["megatron", "promptAnswer", "qwen2", "realModel", "sft"]);
    const { value } = proveExperiment(NAME, { preset: "one-node" });
    const [setup] = value.authored?.setups ?? [];
    const [shard] = setup?.modelWorker?.shards ?? [];
    const [dataset] = (setup?.modelWorker?.shared["datasets"] ?? []) as readonly { readonly type: string }[];
    const used = [
      ["interface", setup?.modelRpcs[0]?.interfaceImpl.type],
      ["model", shard?.model.type],
      ["backend", shard?.backend.type],
      ["modelFamily", shard?.model.args["hfModelFamily"]],
      ["dataset", dataset?.type],
    ];
    expect(used.sort()).toEqual([
      ["backend", "megatron"],
      ["dataset", "prompt_answer"],
      ["interface", "sft"],
      ["model", "real_model"],
      ["modelFamily", "qwen2"],
    ]);
    expect(used.length).toBe(names.length);
    const known = loadedPlugins().map(({ kind, type }) => `${kind} ${type}`);
    for (const pair of used) expect(known).toContain(pair.join(" "));
  });
});
