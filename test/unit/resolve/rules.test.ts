import "assay/experiments";
import type { JsonObject } from "type-fest";
import { describe, expect, it } from "vitest";
import { type ClusterSpec, clusterSpec } from "../../../src/spec/cluster.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";

/** A preset with options that break a rule, what is said of them, and the nearest that does not. */
interface Case {
  readonly build: string;
  readonly wrong: JsonObject;
  readonly right: JsonObject;
  /** Severity, code and message. */
  readonly said: readonly string[];
  readonly help: string;
  readonly at: string;
}

const LENGTH = "prompts of 1024 + 16384 generated tokens = 17408";

// The numbers are worked out by hand from the presets: 256 sequences on d4p1m2, 8 answers to a prompt, prompts of 1024 tokens.
const CASES: Readonly<Record<string, Case>> = {
  "B1 a batch divides by data ranks": {
    build: "sft.one-node",
    wrong: { "dataset.trainBsNSeqs": 130 },
    right: { "dataset.trainBsNSeqs": 132 },
    said: [
      "warning call/batch-not-divisible: call `trainDefault` takes 130 sequences / dp 4, which is not whole: data ranks can't share them evenly",
    ],
    help: "take 128 or 132 sequences, or a data degree that divides 130",
    at: "/setups/0/modelRpcs/0/nSeqs",
  },
  "B2 a rank's part divides by micro-batches": {
    build: "sft.one-node",
    wrong: { "allocation.mbSpec.nMbs": 3 },
    right: { "allocation.mbSpec.nMbs": 4 },
    said: [
      "warning call/micro-batches-not-divisible: call `trainDefault` takes 256 sequences / dp 4 / 3 micro-batches, which is not whole",
    ],
    help: "cut it into 2 or 4 micro-batches, or take 252 or 264 sequences",
    at: "/setups/0/modelRpcs/0/nSeqs",
  },
  "B6 minibatches are of one size": {
    build: "ppo-math.one-node",
    wrong: { "ppo.ppoNMinibatches": 3 },
    right: { "ppo.ppoNMinibatches": 4 },
    said: [
      "warning call/minibatches-not-divisible: calls `actor_train`, `critic_train` train 256 sequences x 8 / dp 4 / 3 minibatches, which is not whole: minibatches can't be of one size",
    ],
    help: "take 255 or 258 sequences, or train in 2 or 4 minibatches",
    at: "/setups/0/modelRpcs/1/nSeqs",
  },
  "B7 groups agree": {
    build: "ppo-math.one-node",
    wrong: { generationSize: 4 },
    right: { generationSize: 8 },
    said: ["warning call/too-few-generated: call `actor_gen` keeps 8 of 4 generated answers to a prompt"],
    help: "generate at least 8, or keep fewer",
    at: "/setups/0/modelRpcs/0/interfaceImpl/args/generationSize",
  },
  "B8 ranks have sequences": {
    build: "ppo-math.one-node",
    wrong: { "dataset.trainBsNSeqs": 2 },
    right: { "dataset.trainBsNSeqs": 4 },
    said: [
      "error allocation/batch-too-small: call `actor_gen` takes 2 sequences, its layout needs dp 4 x pp 1 x 1 per pass x 1 micro-batches = 4",
    ],
    help: "take at least 4 sequences, or lower dp to at most 2",
    at: "/setups/0/modelRpcs/0/nSeqs",
  },
  "L1 sequences fit the model": {
    build: "ppo-math.one-node",
    wrong: { "ppo.gen.maxNewTokens": 130_049, "actorTrain.mbSpec.maxTokensPerMb": 140_000 },
    right: { "ppo.gen.maxNewTokens": 130_048, "actorTrain.mbSpec.maxTokensPerMb": 140_000 },
    said: [
      "error call/positions: prompts of 1024 + 130049 generated tokens = 131073 are more than the 131072 positions of `qwen2.5-1.5b`",
    ],
    help: "generate at most 130048, or take a model with more positions; a `config.json` with rope scaling says how many",
    at: "/setups/0/modelRpcs/0/interfaceImpl/args/generationConfig/maxNewTokens",
  },
  "L2 a sequence fits a micro-batch": {
    build: "ppo-math.one-node",
    wrong: { "actorTrain.mbSpec.maxTokensPerMb": 17_406 },
    right: { "actorTrain.mbSpec.maxTokensPerMb": 17_408 },
    said: [
      `warning call/sequence-exceeds-micro-batch: ${LENGTH} don't fit into a micro-batch of \`actor_train\`, which holds 17406 tokens`,
    ],
    help: "raise `maxTokensPerMb` to at least 17408, or make sequences shorter",
    at: "/setups/0/modelRpcs/1/mbSpec/maxTokensPerMb",
  },
  "L4 lengths of answers make sense": {
    build: "ppo-math.one-node",
    wrong: { "ppo.gen.minNewTokens": 8001, "ppo.gen.maxNewTokens": 8000 },
    right: { "ppo.gen.minNewTokens": 8000, "ppo.gen.maxNewTokens": 8000 },
    said: ["error call/new-tokens: answers have at least 8001 tokens and at most 8000: there are none"],
    help: "ask for no more than 8000 at least, or allow longer answers",
    at: "/setups/0/modelRpcs/0/interfaceImpl/args/generationConfig/minNewTokens",
  },
  "A1 heads divide by tensor ranks": {
    build: "sft.one-node",
    wrong: { "model.path": "qwen2.5-0.5b", allocationMode: "d1p1m8" },
    right: { "model.path": "qwen2.5-0.5b", allocationMode: "d4p1m2" },
    said: [
      "error model/heads-not-divisible: tensor size 8 of `default@0` must divide the 14 attention heads and the 2 key-value heads of `qwen2.5-0.5b`",
    ],
    help: "use a tensor size among 1, 2",
    at: "/setups/0/modelWorker/shards/0/topo/tensor",
  },
  "P4 an engine is at most a node": {
    build: "grpo.sixteen-nodes",
    wrong: { allocationMode: "sglang.d4p1m16+d16p2m2" },
    right: { allocationMode: "sglang.d16p1m4+d16p2m2" },
    said: [
      "error topology/engine-across-nodes: the engine of `actor@1` takes tensor size 16, more than the 8 GPUs of a node",
      "warning model/engine-heads: tensor size 16 of engine `sglang` must divide the 28 attention heads of `qwen2.5-7b`, and divide its 4 key-value heads or be a multiple of them",
    ],
    help: "use a tensor size of at most 8, and more data ranks",
    at: "/setups/0/modelWorker/shards/0/topo/tensor",
  },
  "S1 servers count in training batches": {
    build: "async-ppo-math.one-node",
    wrong: { maxConcurrentRollouts: 255 },
    right: { maxConcurrentRollouts: 256 },
    said: [
      "warning config/rollout-capacity: the server manager allows 255 rollouts at a time, fewer than the 256 sequences of a training step",
    ],
    help: "allow at least 256",
    at: "/setups/0/gserverManager/shared/maxConcurrentRollouts",
  },
};

function found(build: string, overrides: JsonObject, cluster?: ClusterSpec) {
  const dot = build.lastIndexOf(".");
  const options = { preset: build.slice(dot + 1), overrides, ...(cluster === undefined ? {} : { cluster }) };
  return proveExperiment(build.slice(0, dot), options).findings;
}

const said = (findings: ReturnType<typeof found>) =>
  findings.map(({ severity, code, message }) => `${severity} ${code}: ${String(message)}`);

describe("a rule", () => {
  it.each(Object.entries(CASES))("%s", (_, { build, wrong, right, ...expected }) => {
    const codes = new Set(expected.said.map((line) => line.split(" ")[1]?.replace(/:$/, "")));
    // Long sequences need more memory as well: that is another rule.
    const own = (findings: ReturnType<typeof found>) => findings.filter(({ code }) => codes.has(code));
    const findings = own(found(build, wrong));
    expect(said(findings)).toEqual(expected.said);
    expect(findings[0]?.help).toBe(expected.help);
    expect(findings[0]?.at).toEqual({ kind: "pointer", pointer: expected.at });
    expect(said(own(found(build, right)))).toEqual([]);
  });
});

describe("workers on nodes", () => {
  const small = (more: Partial<Parameters<typeof clusterSpec>[0]>) =>
    clusterSpec({ name: "small", nodes: 1, gpusPerNode: 8, gpuMemMiB: 81_920, ...more });

  // A worker of sft takes 4 CPUs and 100,000 MiB, eight are on a node.
  it.each([
    [{ cpusPerNode: 128, memMiBPerNode: 1_048_576 }, []],
    [
      { cpusPerNode: 31, memMiBPerNode: 1_048_576 },
      ["error scheduling/node-cpus: a node must hold 8 x `modelWorker` of 4 CPUs = 32 CPUs, and has 31 CPUs"],
    ],
    [
      { cpusPerNode: 128, memMiBPerNode: 719_999 },
      [
        "error scheduling/node-memory: a node must hold 8 x `modelWorker` of 90000 MiB = 720000 MiB of memory, and has 719999 MiB",
      ],
    ],
    [
      { cpusPerNode: 32, memMiBPerNode: 1_048_576 },
      [
        "error scheduling/no-room: beside workers with GPUs there is no room for 1 x masterWorker of 4 CPUs and 20000 MiB: the node has 0 CPUs and 328576 MiB left",
      ],
    ],
    // Nobody said what a node has: nothing is proved of it.
    [{}, []],
  ])("%j", (host, expected) => {
    expect(said(found("sft.one-node", {}, small(host)))).toEqual(expected);
  });
});
