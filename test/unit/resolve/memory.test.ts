import "assay/experiments";
import type { JsonObject, JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import type { MemoryPhase, PluginFacts } from "../../../src/manifest/format.ts";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { gpuMemoryMiB } from "../../../src/spec/gpu-types.ts";
import { offload } from "../../../src/spec/call.ts";
import { worldSize } from "../../../src/spec/topology.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { DEEPSPEED } from "../memory/backends.ts";
import { call, factsOf, placeText, resolved, shard, topo, workers } from "./configs.ts";

const GIB = 1024 ** 3;

function prove(experiment: string, preset: string, overrides: Readonly<Record<string, JsonValue>> = {}) {
  const { value, findings } = proveExperiment(experiment, { preset, overrides });
  const setups = value.resolved?.setups ?? [];
  const phases = setups.flatMap(({ memory }) => memory?.phases ?? []);
  const told = findings.map(({ code, at }) => `${code} ${placeText(at)}`);
  const help = findings.map((finding) => finding.help ?? "").join("\n");
  return { phases, told, help, findings, reach: value.resolved?.reach, setups };
}

function phaseOf(phases: readonly MemoryPhase[], name: string | null): MemoryPhase {
  const phase = phases.find((one) => one.call === name);
  if (phase === undefined) throw new Error(`no phase of ${name}`);
  return phase;
}

/** Kinds and models of a phase's parts. */
function partsOf({ parts }: MemoryPhase): readonly string[] {
  return parts.map(({ kind, model }) => (model === null ? kind : `${kind} ${model}`));
}

describe("too much memory for a GPU", () => {
  const bound = (tokens: number) => ({ "allocation.mbSpec.maxTokensPerMb": tokens, "dataset.maxSeqlen": 32_768 });

  it("is an error at the layout, with parts, places and what fits", () => {
    const { told, findings, help } = prove("sft", "one-node", bound(262_144));
    expect(told).toEqual(["memory/exceeds-gpu /setups/0/modelWorker/shards/0/topo"]);
    const [finding] = findings;
    expect(finding?.message).toMatch(
      /^call `trainDefault` needs about \d+\.\d GiB on a GPU of `default@0` as d4p1m2, \d+ % of the 80\.0 GiB of `h800`: weights .* \+ logits .* \(an estimate\)$/,
    );
    const related = (finding?.related ?? []).map(({ message, at }) => `${placeText(at)}: ${message}`);
    expect(related[0]).toMatch(/modelRpcs\/0\/mbSpec: logits of `default@0`: .* x 151,936 words \/ tp 2 x 8 bytes$/);
    expect(related.some((line) => line.includes("cluster `h800x256` has GPUs of 80.0 GiB"))).toBe(true);
    // What the help offers does fit.
    const [, cap] = /`mbSpec.maxTokensPerMb: (\d+)`/.exec(help) ?? [];
    expect(prove("sft", "one-node", bound(Number(cap))).told).toEqual([]);
    expect(prove("sft", "one-node", bound(Number(cap) + 8192)).told).not.toEqual([]);
  });

  it("is found for one sequence, whatever the batch", () => {
    const long = { "dataset.maxSeqlen": 131_072, "model.path": "qwen2.5-7b" };
    expect(
      prove("sft", "one-node", { ...long, allocationMode: "d8p1m1" }).told.map((line) => line.split(" ")[0]),
    ).toEqual(["memory/exceeds-gpu"]);
    expect(
      prove("sft", "one-node", {
        ...long,
        allocationMode: "d2p1m4",
        "dataset.maxSeqlen": 8192,
        "allocation.mbSpec.maxTokensPerMb": 16_384,
      }).told,
    ).toEqual([]);
  });

  it("has the nearest layouts of as many GPUs that fit", () => {
    const { help, told } = prove("sft", "one-node", {
      ...bound(32_768),
      "model.path": "qwen2.5-14b",
      allocationMode: "d8p1m1",
    });
    expect(told.map((line) => line.split(" ")[0])).toEqual(["memory/exceeds-gpu"]);
    const layouts = [...help.matchAll(/d\d+p\d+m\d+/g)].map(([text]) => text);
    expect(layouts.length).toBeGreaterThan(0);
    for (const allocationMode of layouts) {
      expect(prove("sft", "one-node", { ...bound(32_768), "model.path": "qwen2.5-14b", allocationMode }).told).toEqual(
        [],
      );
    }
  });

  it("can be met by computing activations again, or with the optimizer on the host", () => {
    const kept = prove("sft", "one-node", { ...bound(65_536), "model.gradientCheckpointing": false });
    expect(kept.told.map((line) => line.split(" ")[0])).toEqual(["memory/exceeds-gpu"]);
    expect(kept.help).toContain("`gradientCheckpointing: true`");
    const options = {
      ...bound(32_768),
      "model.path": "qwen2.5-7b",
      allocationMode: "d4p1m2",
      "model.megatron.ddp.useDistributedOptimizer": false,
    };
    const onGpu = prove("sft", "one-node", options);
    expect(onGpu.told.map((line) => line.split(" ")[0])).toEqual(["memory/exceeds-gpu"]);
    expect(onGpu.help).toContain("`optimizer.offload: true`");
    expect(prove("sft", "one-node", { ...options, "model.optimizer.offload": true }).told).toEqual([]);
  });

  it("is a warning near the limit, and where nothing but the batch bounds it", () => {
    const near = prove("sft", "one-node", bound(106_496));
    expect(near.told).toEqual(["memory/near-limit /setups/0/modelWorker/shards/0/topo"]);
    expect(phaseOf(near.phases, "trainDefault").verdict).toBe("near-limit");
    const unbounded = prove("sft", "one-node", { "dataset.maxSeqlen": 8192 });
    expect(unbounded.told).toEqual(["memory/unbounded-batch /setups/0/modelRpcs/0/mbSpec"]);
    expect(phaseOf(unbounded.phases, "trainDefault").verdict).toBe("unbounded-batch");
    expect(
      prove("sft", "one-node", { "dataset.maxSeqlen": 8192, "allocation.mbSpec.maxTokensPerMb": 32_768 }).told,
    ).toEqual([]);
  });

  it("is not told beside sizes that make no sense", () => {
    const { told } = prove("sft", "one-node", { ...bound(262_144), allocationMode: "d2p1m4" });
    expect(told.map((line) => line.split(" ")[0])).toEqual(["model/heads-not-divisible"]);
  });
});

describe("models on the same GPU", () => {
  it("add up, but for those that are offloaded after their calls", () => {
    const { phases } = prove("ppo-math", "one-node");
    expect(partsOf(phaseOf(phases, "actor_train"))).toEqual([
      "weights actor@0",
      "gradients actor@0",
      "optimizer actor@0",
      "activations actor@0",
      "logits actor@0",
      "weights critic@0",
      "gradients critic@0",
      "optimizer critic@0",
      "runtime",
    ]);
    expect(partsOf(phaseOf(phases, "ref_inf"))).toContain("weights ref@0");
    // A critic has values in the place of logits.
    expect(partsOf(phaseOf(phases, "critic_train"))).not.toContain("logits critic@0");
    for (const { parts, totalBytes } of phases) {
      expect(totalBytes).toBe(parts.reduce((sum, { bytes }) => sum + bytes, 0));
    }
  });

  it("share it with an engine that generates there", () => {
    const hybrid = (fraction: number) => ({
      allocationMode: "d8p1m1",
      "actor.vllm.hybridTrain": true,
      "actor.vllm.gpuMemoryUtilization": fraction,
      ...Object.fromEntries(
        ["actorTrain", "criticTrain", "criticInf", "refInf", "actorGen"].map((name) => [
          `${name}.mbSpec.maxTokensPerMb`,
          17_408,
        ]),
      ),
      "ppo.disableValue": true,
    });
    const { phases, told } = prove("ppo-math", "one-node", hybrid(0.9));
    expect(told.map((line) => line.split(" ")[0])).toEqual(["memory/exceeds-gpu"]);
    expect(phaseOf(phases, "actor_gen").verdict).toBe("exceeds-gpu");
    // It frees its part while others run.
    expect(partsOf(phaseOf(phases, "actor_train"))).not.toContain("cache actor@1");
    expect(prove("ppo-math", "one-node", hybrid(0.4)).told).toEqual([]);
  });

  it("are run by interfaces that say so only", () => {
    const { phases } = prove("ppo-math", "1.5b-distill-gpus-8");
    expect(partsOf(phaseOf(phases, "rew_inf"))).toEqual([
      "weights reward@0",
      "weights actor@0",
      "gradients actor@0",
      "optimizer actor@0",
      "runtime",
    ]);
  });
});

describe("the cache of an engine", () => {
  const servers = (more: Readonly<Record<string, JsonValue>>) =>
    prove("async-ppo-math", "one-node", { "actor.sglang.memFractionStatic": 0.04, ...more });

  it("has room for one sequence, or is an error", () => {
    const { told, findings, help, phases } = servers({});
    expect(told).toEqual(["memory/kv-capacity /setups/0/generationServer/shared/backendArgs/memFractionStatic"]);
    expect(findings[0]?.message).toMatch(
      /^the cache of each generation server holds (\d+) tokens of `qwen2.5-1.5b`, fewer than one sequence of 1024 \+ 16384 = 17408: 0.04 x 80.0 GiB = 3.2 GiB, less 2.9 GiB of weights, at 28,672 bytes a token/,
    );
    expect(phaseOf(phases, null).capacityTokens).toBeLessThan(17_408);
    expect(help).toContain("memFractionStatic: 0.9");
    expect(servers({ "actor.sglang.memFractionStatic": 0.9 }).told).toEqual([]);
    expect(servers({ "ppo.gen.maxNewTokens": 2048 }).told).toEqual([]);
  });

  it("is that of the engine that a call names", () => {
    const { told } = prove("ppo-math", "7b-distill-gpus-32", { "actor.sglang.memFractionStatic": 0.18 });
    expect(told).toEqual(["memory/kv-capacity /setups/0/modelWorker/shards/0/backend/args/memFractionStatic"]);
  });

  it("of a server alone is near no limit", () => {
    const { phases, told } = prove("async-ppo-math", "one-node");
    const { totalBytes, verdict } = phaseOf(phases, null);
    expect([totalBytes > 0.9 * 80 * GIB, verdict, told]).toEqual([true, "fits", []]);
  });
});

describe("what is not known", () => {
  const own = (facts: PluginFacts, held: JsonObject, gpuType = "h100") => {
    const model = { type: "real_model", args: held };
    const one = topo(1, 1, 1);
    const held1 = workers([shard("x@0", one, 0, { model, backend: { type: "megatron", args: {} } })]);
    return resolved([call("a", "x@0")], held1, { cluster: clusterSpec({ gpuType }) }, facts).value;
  };
  const FACTS = factsOfDefinitions(loadedPlugins());
  const card = { modelPath: "qwen2.5-7b", hfModelFamily: "qwen2", isCritic: false };

  it("is a model without a card", () => {
    const { reach, setups } = own(FACTS, { ...card, modelPath: "/nowhere" });
    expect(reach.notChecked).toContain("memory of x@0: no model card");
    expect(setups[0]?.memory).toEqual({ gpuBytes: 80 * GIB, phases: [], notEstimated: { "x@0": "no model card" } });
    expect(reach.assumed.filter((line) => line.startsWith("memory"))).toEqual([]);
  });

  it("is a GPU of an unknown type", () => {
    const { reach, setups } = own(FACTS, card, "tesla");
    expect(reach.notChecked).toContain(
      "memory: the memory of GPU type tesla is not known, and the cluster gives no gpuMemMiB",
    );
    expect(setups[0]?.memory?.phases.map(({ verdict }) => verdict)).toEqual([null]);
  });

  it("is a backend that says nothing", () => {
    const { backend } = FACTS.types;
    const silent = {
      ...FACTS,
      types: { ...FACTS.types, backend: { ...backend, megatron: { ...backend?.["megatron"], facts: {} } } },
    };
    expect(own(silent as PluginFacts, card).reach.notChecked).toContain(
      "memory of x@0: backend `megatron` says nothing of its memory",
    );
  });

  it("is the length of sequences", () => {
    const { reach } = own(FACTS, card);
    expect(reach.notChecked).toContain("activations and caches of a: no limit of its sequences is known");
    expect(reach.assumed.some((line) => line.startsWith("memory: an estimate for sequences as long"))).toBe(true);
  });
});

describe("a backend of a third party", () => {
  const TYPES = {
    model: { held: { facts: { holds: "weights", path: "path" } } },
    backend: { deepspeed: { facts: { role: "train", memory: DEEPSPEED as unknown as JsonObject } } },
    dataset: { rows: { facts: { yields: [], maxTokens: "longest" } } },
  };
  const { cards } = factsOfDefinitions(loadedPlugins());

  /** Parts of the train step on 8 GPUs. */
  function stage(zeroStage: number, more: JsonObject = {}) {
    const topology = topo(1, 8, 1, { gradientCheckpointing: true });
    const model = { type: "held", args: { path: "llama-3.1-8b" } };
    const backend = { type: "deepspeed", args: { zeroStage, ...more } };
    const held = Array.from({ length: worldSize(topology) }, (_, rank) => [
      shard("x@0", topology, rank, { model, backend }),
    ]);
    const all = workers(...held).map((worker) => ({
      ...worker,
      datasets: [{ type: "rows", args: { longest: 1024 } }],
    }));
    const train = call("train", "x@0", [], [], { interfaceType: "trainStep" });
    const { value } = resolved([train], all, { cluster: clusterSpec({ gpuType: "H100" }) }, factsOf(TYPES, cards));
    const { parts, totalBytes } = phaseOf(value.setups[0]?.memory?.phases ?? [], "train");
    const bytes = (kind: string) =>
      parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.bytes, 0);
    return {
      totalBytes,
      weights: bytes("weights"),
      gradients: bytes("gradients"),
      optimizer: bytes("optimizer"),
      buffers: bytes("buffers"),
    };
  }
  const PARAMETERS = 8_030_261_248;

  it("says what each stage of ZeRO shards", () => {
    expect(stage(0)).toMatchObject({ weights: 2 * PARAMETERS, gradients: 4 * PARAMETERS, optimizer: 12 * PARAMETERS });
    expect(stage(1)).toMatchObject({ gradients: 4 * PARAMETERS, optimizer: (12 * PARAMETERS) / 8 });
    expect(stage(2)).toMatchObject({ weights: 2 * PARAMETERS, gradients: (4 * PARAMETERS) / 8 });
    // While a layer runs, it is there whole: the embedding is the largest.
    expect(stage(3)).toMatchObject({ weights: (2 * PARAMETERS) / 8, buffers: 2 * 128_256 * 4096 });
    const totals = [0, 1, 2, 3].map((one) => stage(one).totalBytes);
    expect([...totals].sort((a, b) => b - a)).toEqual(totals);
  });

  it("says what is on the host", () => {
    expect(stage(2, { offload: { optimizer: true } }).optimizer).toBe(0);
  });
});

describe("memory of GPU types", () => {
  it.each([
    ["h100", null, 81_920],
    ["H800", null, 81_920],
    ["NVIDIA A100-80GB", null, 81_920],
    ["a100-40g", null, 40_960],
    // Sold in two sizes.
    ["a100", null, null],
    ["tesla", null, null],
    ["tesla", 24_576, 24_576],
    ["h100", 65_536, 65_536],
  ])("%s, given %s: %s MiB", (gpuType, gpuMemMiB, expected) => {
    expect(gpuMemoryMiB(clusterSpec({ gpuType, gpuMemMiB }))).toBe(expected);
  });
});

it("offloading is what hooks say, whoever wrote them", () => {
  const FACTS = factsOfDefinitions(loadedPlugins());
  const one = topo(1, 1, 1);
  const held = (name: string) =>
    shard(name, one, 0, {
      model: { type: "real_model", args: { modelPath: "qwen2.5-7b", hfModelFamily: "qwen2", isCritic: false } },
      backend: { type: "inference", args: {} },
    });
  const phases = (postHooks: readonly ReturnType<typeof offload>[]) => {
    const calls = [call("a", "x@0", [], ["k"]), call("b", "y@0", [], ["l"], { postHooks })];
    const { value } = resolved(
      calls,
      workers([held("x@0"), held("y@0")]),
      { cluster: clusterSpec({ gpuType: "h100" }) },
      FACTS,
    );
    return partsOf(phaseOf(value.setups[0]?.memory?.phases ?? [], "a"));
  };
  expect(phases([])).toEqual(["weights x@0", "weights y@0", "runtime"]);
  expect(phases([offload()])).toEqual(["weights x@0", "runtime"]);
});
