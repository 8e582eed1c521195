import {
  CommonExperiment,
  Experiment,
  flow,
  generate,
  generationConfig,
  GenerationOptions,
  model,
  Option,
  trainStep,
} from "assay";
import { prompt } from "assay/plugins";
import { AsyncPpoMath } from "assay/experiments";
import type { JsonObject } from "type-fest";
import { describe, expect, it } from "vitest";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import type { ExperimentConfig } from "../../../src/spec/experiment-config.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { policy } from "../../docs/scaffolds/own-backends/plugins/lab.ts";

/** Runs on the backends of `lab.ts`. */
@Experiment("on-own-backends")
class OnOwnBackends extends CommonExperiment {
  @Option() actor = model("qwen2.5-7b", { type: { family: "qwen2" }, backend: "sharded" });
  @Option() maxNewTokens = 4096;
  @Option() overlongTokens = 512;
  @Option() nSeqs = 64;

  override flow() {
    const config = generationConfig(new GenerationOptions(), { maxNewTokens: this.maxNewTokens });
    const own = policy({ overlongTokens: this.overlongTokens, generationConfig: config });
    const { nSeqs } = this;
    return flow({
      datasets: [prompt({ datasetPath: "/data/prompts.jsonl", maxLength: 1024, fillToMaxLength: false })],
      models: { actor: this.actor },
      calls: {
        actor_gen: generate("actor", own, { nSeqs }),
        actor_train: trainStep("actor", own, { nSeqs }),
      },
    });
  }
}

/** Servers that count versions in other batches than the train steps take. */
@Experiment("counts-otherwise")
class CountsOtherwise extends AsyncPpoMath {
  @Option() counted = 128;

  override initialSetup() {
    return [super.initialSetup()].flat().map((setup: ExperimentConfig) => {
      const { gserverManager } = setup;
      const shared = { ...gserverManager.shared, trainBatchSize: this.counted };
      return { ...setup, gserverManager: { ...gserverManager, shared } };
    });
  }
}

const nodes = (count: number) => clusterSpec({ name: "site", nodes: count, gpusPerNode: 8, gpuMemMiB: 81_920 });

function said(experiment: typeof OnOwnBackends | typeof CountsOtherwise, overrides: JsonObject, count = 1) {
  const name = experiment === OnOwnBackends ? "on-own-backends" : "counts-otherwise";
  const { findings } = proveExperiment(name, { overrides, cluster: nodes(count) });
  return findings.map(({ severity, code, message }) => `${severity} ${code}: ${String(message)}`);
}

describe("a rule that reads facts of plugins", () => {
  // 28 heads and 4 key-value heads.
  it.each([
    [1, []],
    [4, []],
    [
      8,
      [
        "error model/sequence-heads: sequence size 8 of `actor@0` must divide the heads of a tensor rank, 28 of `qwen2.5-7b` / tp 1 = 28, and divide its 4 key-value heads or be a multiple of them",
      ],
    ],
    [3, ["error topology/context-product: sequence size 3 of `actor@0` must divide dp 8, whose ranks it takes"]],
  ])("A3 heads divide by %i sequence ranks", (sequenceSize, expected) => {
    const found = said(OnOwnBackends, { allocationMode: "d8p1m1", "actor.sharded.sequenceSize": sequenceSize });
    expect(found.filter((line) => /sequence-heads|context-product/.test(line))).toEqual(expected);
  });

  it("counts ranks that share a sequence as one of a batch", () => {
    // 12 sequences / dp 8 is not whole; where 4 ranks share each, there are 2 that get different ones.
    const uneven = (sequenceSize: number) =>
      said(OnOwnBackends, {
        allocationMode: "d8p1m1",
        nSeqs: 12,
        "actor.sharded.sequenceSize": sequenceSize,
      }).filter((line) => line.includes("batch-not-divisible"));
    expect(uneven(1)).toHaveLength(1);
    expect(uneven(4)).toEqual([]);
  });

  it.each([
    [512, []],
    [4096, []],
    [
      4097,
      [
        "error call/overlong-buffer: call `actor_gen` punishes the last 4097 tokens of an answer, which has at most 4096: every answer is too long",
      ],
    ],
  ])("L5 an overlong buffer of %i tokens is part of the answer", (overlongTokens, expected) => {
    const found = said(OnOwnBackends, { allocationMode: "d8p1m1", overlongTokens });
    expect(found.filter((line) => line.includes("overlong"))).toEqual(expected);
  });

  it.each([
    ["actor_gen:d8p1m1,*:d8p1m1", []],
    ["actor_gen:d4p1m2,*:d4p1m2", []],
    [
      "actor_gen:d4p1m2,*:d8p1m1",
      [
        "error topology/shared-replicas: engine `beside` of `actor@1` has dp 4 on the GPUs where `actor@0` trains with dp 8: it shares GPUs with as many replicas only",
      ],
    ],
  ])("P7 replicas on GPUs that train: %s", (allocationMode, expected) => {
    const found = said(OnOwnBackends, { allocationMode, "actor.beside.hybridTrain": true });
    expect(found.filter((line) => line.includes("shared-"))).toEqual(expected);
  });

  it("P10 an engine that shares no GPUs has its own", () => {
    const found = said(OnOwnBackends, { allocationMode: "d8p1m1", "actor.alone.hybridTrain": true });
    expect(found.filter((line) => line.includes("shared-"))).toEqual([
      "error topology/shared-gpus: engine `alone` of `actor@1` can't share GPUs with `actor@0`, which trains on them",
    ]);
  });
});

describe("the batch of servers", () => {
  const settings = (counted: number) => ({
    counted,
    allocationMode: "sglang.d4p1m1+d4p1m1",
    maxConcurrentRollouts: 512,
    "actor.path": "qwen2.5-1.5b",
    "actor.type.family": "qwen2",
    "dataset.path": "/data/problems.jsonl",
    "dataset.trainBsNSeqs": 256,
    "ppo.klCtl": 0,
    "ppo.disableValue": true,
    "ppo.useDecoupledLoss": true,
    "ppo.recomputeLogprob": true,
  });

  it.each([
    [256, []],
    [
      128,
      [
        "error config/train-batch: the server manager counts 128 sequences a training step, `actor_train` takes 256: soon no rollout is fresh enough to start, and the step waits for ever",
      ],
    ],
    [
      512,
      [
        "error config/train-batch: the server manager counts 512 sequences a training step, `actor_train` takes 256: samples get older than is allowed",
      ],
    ],
  ])("S1 %i sequences", (counted, expected) => {
    expect(said(CountsOtherwise, settings(counted)).filter((line) => line.includes("train-batch"))).toEqual(expected);
  });
});

describe("tensor ranks on nodes", () => {
  it.each([
    ["d3p1m8", []],
    ["d12p1m2", []],
    ["d6p1m4", []],
    [
      "d8p1m3",
      "warning topology/tensor-across-nodes: tensor ranks of `actor@0` lie on several nodes: GPUs 6 to 8 are a group of tensor size 3, and nodes have 8 GPUs: each layer waits for the network",
    ],
    ["d1p1m24", []],
    [
      "d2p1m12",
      "warning topology/tensor-across-nodes: tensor ranks of `actor@0` lie on several nodes: GPUs 0 to 11 are a group of tensor size 12, and nodes have 8 GPUs: each layer waits for the network",
    ],
  ])("P3 %s on three nodes of eight", (allocationMode, expected) => {
    const found = said(OnOwnBackends, { allocationMode, nNodes: 3, nGpusPerNode: 8 }, 3);
    expect(found.filter((line) => line.includes("tensor-across-nodes"))).toEqual([expected].flat());
  });
});
