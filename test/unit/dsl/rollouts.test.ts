import {
  clusterSpec,
  CommonExperiment,
  type Flow,
  flow,
  generate,
  type HeuristicPlace,
  inference,
  model,
  registerExperiment,
  type Rollouts,
  trainStep,
} from "assay";
import { resolveWorkerConfig } from "assay/manifest";
import { defineAgent, defineEnvironment, defineInterface } from "assay/plugin";
import { mathCodePrompt, pullerStream, sglang } from "assay/plugins";
import { proveExperiment } from "assay/testing";
import { describe, expect, it } from "vitest";
import type { Proof } from "../../../src/testing/prove.ts";

const cluster = clusterSpec({ name: "two", nodes: 2, gpusPerNode: 8, nodeNamePrefix: "gpu-" });
const none = { type: "object", properties: {}, additionalProperties: false } as const;
const agent = defineAgent({ type: "test-agent", args: none });
const environment = defineEnvironment({ type: "test-environment", args: none });
const policy = defineInterface({
  type: "test-policy",
  args: none,
  calls: {
    generate: { reads: { required: ["packed_prompts"] }, yields: { always: ["answers", "rewards"] } },
    inference: { reads: { required: ["answers"] }, yields: { always: ["logprobs"] } },
    trainStep: { reads: { required: ["answers", "rewards", "task_ids"] }, yields: { always: [] } },
  },
});

/** Rollouts of an author's own, over what most of them would say. */
function rolloutsOf(more: Partial<Rollouts> = {}): Rollouts {
  return {
    engine: sglang,
    stream: pullerStream,
    agent: agent(),
    environment: environment(),
    nWorkers: null,
    newTokensPerChunk: 128,
    schedulePolicy: "round_robin",
    maxHeadOffpolicyness: 2,
    maxConcurrentRollouts: null,
    flushRequestTimeout: 60,
    ...more,
  };
}

const actor = () => model("qwen2.5-1.5b", { type: { family: "qwen2" }, sglang: { dtype: "bfloat16" } });
let made = 0;

interface Wanted {
  readonly mode?: string;
  readonly rollouts?: Rollouts | null;
  readonly calls?: Readonly<Record<string, unknown>>;
  readonly heuristic?: Readonly<Record<string, HeuristicPlace>>;
}

function proved({ mode = "sglang.d4p1m2+d8p1m1", rollouts = rolloutsOf(), calls, heuristic }: Wanted = {}) {
  const name = `asynchronous-${(made += 1)}`;
  const own = calls ?? {
    sample: generate("actor", policy(), { nSeqs: 96 }),
    train: trainStep("actor", policy()),
  };
  registerExperiment(
    name,
    class extends CommonExperiment {
      override shuffleDataset = false;
      override rollouts() {
        return rollouts;
      }
      override heuristic() {
        return heuristic ?? null;
      }
      override flow(): Flow {
        const datasets = [mathCodePrompt({ datasetPath: "/data/math.jsonl", maxLength: 64 })];
        return flow({ datasets, models: { actor: actor() }, calls: own } as never);
      }
    },
  );
  return proveExperiment(name, { cluster, overrides: { allocationMode: mode } });
}

const codes = (wanted: Wanted) => proved(wanted).findings.map(({ code }) => code);

function workerOf({ authored, resolved }: Proof, kind: Parameters<typeof resolveWorkerConfig>[1], index = 0) {
  const bindings = { experiment: "exp", trial: "trial", user: "ada" };
  if (authored === null || resolved === null) throw new Error("nothing was proved");
  return resolveWorkerConfig({ name: "exp", authored, resolved }, kind, index, bindings);
}

describe("rollouts", () => {
  it("have servers, a manager and workers; what servers answer is no call of the graph", () => {
    const { value, findings } = proved();
    expect(findings).toEqual([]);
    const [setup] = value.authored?.setups ?? [];
    expect(setup?.modelRpcs.map(({ name }) => name)).toEqual(["train"]);
    expect(value.resolved?.setups[0]?.counts).toEqual({
      modelWorker: 8,
      masterWorker: 1,
      gserverManager: 1,
      rolloutWorker: 8,
      generationServer: 4,
    });
    expect(workerOf(value, "generationServer", 1)).toMatchObject({
      backendType: "sglang",
      backendArgs: { dtype: "bfloat16", hybridTrain: false },
      modelPath: "qwen2.5-1.5b",
      tpSize: 2,
    });
    expect(workerOf(value, "gserverManager")).toMatchObject({
      modelName: { role: "actor", replicaId: 1 },
      nServers: 4,
      maxHeadOffpolicyness: 2,
      trainBatchSize: 96,
      maxConcurrentRollouts: 96,
      flushRequestTimeout: 60,
    });
    expect(workerOf(value, "rolloutWorker", 7)).toMatchObject({
      modelName: { role: "actor", replicaId: 1 },
      newTokensPerChunk: 128,
      rolloutRequestTimeout: 60,
      agent: { type: "test-agent", args: {} },
      env: { type: "test-environment", args: {} },
      datasets: [{ type: "math_code_prompt" }],
    });
  });

  it("give the model workers what servers yield, through a stream that has no order of its own", () => {
    const { value } = proved();
    const worker = workerOf(value, "modelWorker");
    expect(worker).toMatchObject({
      shuffleDataset: true,
      datasets: [{ type: "puller_stream", args: { datasetCfgs: [{ type: "math_code_prompt" }] } }],
    });
    const missing = {
      sample: generate("actor", policy(), { nSeqs: 96, yields: ["answers"] }),
      train: trainStep("actor", policy()),
    };
    expect(codes({ calls: missing })).toEqual(["graph/unproduced-key"]);
  });

  it("are scheduled with what is said over the cluster's defaults", () => {
    const scheduling = { server: { cpu: 9 }, manager: { memMiB: 77 }, worker: { cpu: 2 } };
    const { value } = proved({ rollouts: rolloutsOf({ scheduling, nWorkers: 3 }) });
    const asked = value.authored?.scheduling;
    expect(asked?.generationServer).toMatchObject({ count: 4, scheduling: { cpu: 9, gpu: 2, memMiB: 61_440 } });
    expect(asked?.gserverManager).toMatchObject({ count: 1, scheduling: { cpu: 4, gpu: 0, memMiB: 77 } });
    expect(asked?.rolloutWorker).toMatchObject({ count: 3, scheduling: { cpu: 2, gpu: 0, memMiB: 20_480 } });
    expect(asked?.modelWorker).toMatchObject({ count: 8 });
  });

  it("may be unbounded by 0, but count at least the trainers' GPUs", () => {
    const { value } = proved({ rollouts: rolloutsOf({ nWorkers: 0, maxConcurrentRollouts: 0 }) });
    expect(value.resolved?.setups[0]?.counts.rolloutWorker).toBe(8);
    expect(workerOf(value, "gserverManager")).toMatchObject({ maxConcurrentRollouts: 0 });
  });

  it.each([
    ["d16p1m1", ["allocation/async-needs-decoupled"]],
    ["manual", ["allocation/async-needs-decoupled"]],
    ["vllm.d4p1m2+d8p1m1", ["allocation/engine-ignored"]],
    ["sglang.d4p2m1+d8p1m1", ["allocation/generate-pipeline"]],
    ["sglang.d16p1m1+d8p1m1", ["mesh/split-size"]],
    ["sglang.d4p1m2+d9p1m1", ["allocation/gpu-product"]],
    ["sglang.d4p1m2+sample:d1p1m1", ["allocation/no-layout-for-call"]],
    ["nonsense", ["allocation/syntax"]],
  ])("in %s", (mode, expected) => {
    expect(codes({ mode })).toEqual(expected);
  });

  it("need a call that generates", () => {
    expect(codes({ calls: { train: trainStep("actor", policy(), { nSeqs: 8, reads: [] }) } })).toContain(
      "allocation/no-generate-call",
    );
  });

  it("keep a layout of their role that nobody trains from having the servers' replica", () => {
    const calls = {
      sample: generate("actor", policy(), { nSeqs: 96 }),
      train: trainStep("actor", policy()),
      score: inference("actor", policy()),
    };
    expect(codes({ calls, mode: "sglang.d4p1m2+score:d4p1m2,*:d8p1m1" })).toEqual(["model/replica-gap"]);
  });
});

describe("an experiment's own rule for layouts", () => {
  it("is asked under `heuristic`", () => {
    const heuristic = {
      sample: { gpus: { first: 0, count: 8 }, data: 8, pipe: 1, tensor: 1 },
      train: { gpus: { first: 8, count: 8 }, data: 4, pipe: 1, tensor: 2 },
    };
    const { value, findings } = proved({ mode: "heuristic", rollouts: null, heuristic });
    expect(findings).toEqual([]);
    const [setup] = value.resolved?.setups ?? [];
    expect(setup?.msid2mwid).toEqual({ "actor@0": "8-15", "actor@1": "0-7" });
    expect(setup?.syncParamPairs).toEqual([
      ["actor@0", "actor@1"],
      ["actor@1", "actor@0"],
    ]);
  });
});
