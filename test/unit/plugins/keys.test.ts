import "reflect-metadata";
import { generationConfig, GenerationOptions } from "assay";
import {
  fusedThreading,
  mathCodePrompt,
  nullInterface,
  ppoActor,
  ppoCritic,
  promptAnswer,
  pullerStream,
  rwMathCode,
} from "assay/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Experiment, registerExperiment } from "../../../src/dsl/experiment.ts";
import { streamPair } from "../../../src/plugin/define.ts";
import { findPlugin } from "../../../src/plugin/registry.ts";
import type { Interface } from "../../../src/plugin/definition.ts";
import { enterRealm, leaveRealm, type Realm } from "../../../src/realm/realm.ts";
import type { InterfaceType, ModelFunctionCall } from "../../../src/spec/call.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { pairFactsOf, type TypeArgs } from "../../../src/spec/pair.ts";
import { experimentScheduling, scheduling, tasksGroup } from "../../../src/spec/scheduling.ts";
import { modelWorker } from "../../../src/spec/worker.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { call, lines } from "../resolve/configs.ts";

const prompts = mathCodePrompt({ datasetPath: "/data/math.jsonl", maxLength: 256 });
const evaluated = ppoActor({ generationConfig: generationConfig(new GenerationOptions()), groupSize: 4 });
const criticArgs = {
  nMinibatches: 4,
  klCtl: 0.1,
  discount: 1,
  gaeLambda: 1,
  valueEpsClip: 0.2,
  maxRewardClip: 20,
  adaptiveKlCtl: false,
  valueNorm: true,
  valueNormType: "exp",
  valueNormBeta: 0.999_95,
  valueNormEps: 1e-5,
  disableValue: false,
  maskNoEosWithZero: false,
  groupSize: 4,
  maskTooLong: false,
  sampleReuse: 1,
} as const;
const critic = ppoCritic(criticArgs);
const criticWithoutReference = ppoCritic({ ...criticArgs, klCtl: 0 });
const verifier = rwMathCode({
  datasetPath: "/data/math.jsonl",
  tokenizerPath: "qwen2.5-1.5b",
  rwType: null,
  checkXmlFormat: false,
  groupSize: 4,
  checkVerifierStatus: true,
});

/** A call of the table: role and kind, interface, keys, and what the interface calls them. */
interface Row {
  readonly name: string;
  readonly kind: InterfaceType;
  readonly impl: Interface<never>;
  readonly reads: readonly (string | false)[];
  readonly yields?: readonly string[];
  readonly rename?: Readonly<Record<string, string>>;
}

const calls = (rows: readonly (Row | false)[]): readonly ModelFunctionCall[] =>
  rows.flatMap((row) =>
    row === false
      ? []
      : [
          call(
            row.name,
            `${row.name.split("_")[0]}@0`,
            row.reads.filter((key) => key !== false),
            row.yields ?? [],
            {
              interfaceType: row.kind,
              interfaceImpl: row.impl,
              outputKeyRemap: row.rename ?? {},
            },
          ),
        ],
  );

let realm: Realm;
beforeAll(() => void (realm = enterRealm()));
afterAll(() => leaveRealm(realm));

/** What is said of keys, interfaces and arguments where these calls read from this dataset. */
function found(modelRpcs: readonly ModelFunctionCall[], dataset: TypeArgs) {
  class Written implements Experiment {
    schedulingSetup() {
      const each = scheduling({ cpu: 1, gpu: 0, memMiB: 1 });
      return experimentScheduling({ modelWorker: tasksGroup(1, each), masterWorker: tasksGroup(1, each) });
    }
    initialSetup() {
      const workers = [modelWorker({ baseSeed: 1, datasets: [dataset], shards: [] })];
      return [experimentConfig({ modelRpcs, modelWorker: workers })];
    }
  }
  const name = `written-${(written += 1)}`;
  registerExperiment(name, Written);
  const { findings, value } = proveExperiment(name, { cluster: clusterSpec({ name: "one", nodes: 1 }), overrides: {} });
  return {
    lines: lines(findings.filter(({ code }) => code !== "graph/model-without-shards")),
    facts: value.authored?.facts ?? {},
  };
}
let written = 0;

const STREAM_FACTS = "/setups/0/modelWorker/shared/datasets/0";
/** What rollout workers push for a prompt. */
const GENERATED = [
  "seq_no_eos_mask",
  "packed_input_ids",
  "packed_logprobs",
  "prompt_mask",
  "packed_prompts",
  "version_start",
  "version_end",
  "rewards",
  "birth_time",
] as const;

const decisions = Array.from({ length: 32 }, (_, bits) => {
  const [kl = false, value = false, recompute = false, decoupled = false, training = false] = [1, 2, 4, 8, 16].map(
    (bit) => (bits & bit) !== 0,
  );
  return { kl, value, recompute, decoupled, training };
});

/** The calls of asynchronous PPO: the generate call is left out, what it yields comes from the stream. */
function asynchronous({ kl, value, recompute, decoupled, training }: (typeof decisions)[number]) {
  const actor = training ? evaluated : nullInterface();
  const logprobs = decoupled ? "proximal_logprobs" : "packed_logprobs";
  return calls([
    {
      name: "actor_train",
      kind: "trainStep",
      impl: actor,
      reads: [
        "packed_input_ids",
        "packed_logprobs",
        kl && "packed_ref_logprobs",
        "rewards",
        "task_ids",
        value && "values",
        "prompt_mask",
        "seq_no_eos_mask",
        decoupled && "proximal_logprobs",
        "version_start",
        "version_end",
      ],
    },
    value && {
      name: "critic_inf",
      kind: "inference",
      impl: critic,
      reads: ["packed_input_ids", "seq_no_eos_mask"],
      yields: ["values"],
    },
    value && {
      name: "critic_train",
      kind: "trainStep",
      impl: kl ? critic : criticWithoutReference,
      reads: [
        "packed_input_ids",
        "packed_logprobs",
        kl && "packed_ref_logprobs",
        "rewards",
        "values",
        "prompt_mask",
        "seq_no_eos_mask",
      ],
    },
    kl && {
      name: "ref_inf",
      kind: "inference",
      impl: evaluated,
      reads: ["packed_input_ids"],
      yields: ["packed_ref_logprobs"],
      rename: { logprobs: "packed_ref_logprobs" },
    },
    (recompute || decoupled) && {
      name: "actor_inf",
      kind: "inference",
      impl: actor,
      reads: ["packed_input_ids"],
      yields: [logprobs],
      rename: { logprobs },
    },
  ]);
}

describe("keys of asynchronous PPO", () => {
  it.each(decisions)(
    "kl $kl, value $value, recompute $recompute, decoupled $decoupled, training $training",
    (decision) => {
      const yields = GENERATED.filter(
        (key) => !(key === "packed_logprobs" && decision.recompute && !decision.decoupled),
      );
      const stream = pullerStream({ datasetCfgs: [prompts] }, { yields });
      const { lines: said, facts } = found(asynchronous(decision), stream);
      expect(said).toEqual([]);
      expect(facts).toEqual({ [STREAM_FACTS]: { yields: [...new Set(["packed_prompts", "task_ids", ...yields])] } });
    },
  );

  it("are missed where the stream does not yield them", () => {
    const yields = GENERATED.filter((key) => key !== "version_end");
    const { lines: said } = found(
      asynchronous({ kl: true, value: false, recompute: false, decoupled: false, training: true }),
      pullerStream({ datasetCfgs: [prompts] }, { yields }),
    );
    expect(said).toEqual(["graph/unproduced-key /setups/0/modelRpcs/0/inputKeys/8"]);
  });
});

describe("keys of evaluation and of the null interface", () => {
  it("of math-code-eval", () => {
    const rows = calls([
      {
        name: "actor_gen",
        kind: "generate",
        impl: evaluated,
        reads: ["packed_prompts", "task_ids"],
        yields: ["packed_input_ids"],
      },
      {
        name: "rew_inf",
        kind: "inference",
        impl: verifier,
        reads: ["packed_input_ids", "packed_prompts", "task_ids"],
        yields: ["rewards"],
      },
    ]);
    expect(found(rows, prompts).lines).toEqual([]);
  });

  it("of null-sft and null-ppo", () => {
    const impl = nullInterface();
    const learn = { name: "default_train", kind: "trainStep", impl } as const;
    const answers = promptAnswer({ datasetPath: "/data/sft.jsonl", maxLength: 256 });
    expect(found(calls([{ ...learn, reads: ["packed_input_ids", "prompt_mask"] }]), answers).lines).toEqual([]);
    const rows = calls([
      { ...learn, reads: ["packed_prompts", "rewards"] },
      { name: "reward_inf", kind: "inference", impl, reads: ["packed_prompts"], yields: ["rewards"] },
    ]);
    expect(found(rows, prompts).lines).toEqual([]);
  });

  it("of interfaces that run side by side are those of each", () => {
    const fused = (interfaces: { readonly rew: TypeArgs; readonly ref: TypeArgs }, yields: readonly string[]) => {
      const impl = fusedThreading({ interfaces });
      const rename = { logprobs: "packed_ref_logprobs" };
      const reads = ["packed_input_ids", "packed_prompts", "task_ids"];
      return found(
        calls([{ name: "ref_inf", kind: "inference", impl, reads, yields, rename }]),
        pullerStream({ datasetCfgs: [prompts] }, { yields: ["packed_input_ids"] }),
      ).lines;
    };
    expect(fused({ rew: verifier, ref: evaluated }, ["packed_ref_logprobs", "rewards"])).toEqual([]);
    expect(fused({ rew: verifier, ref: evaluated }, ["packed_ref_logprobs", "scores"])).toEqual([
      "plugin/interface-key /setups/0/modelRpcs/0/outputKeys/1",
    ]);
    expect(fused({ rew: nullInterface(), ref: evaluated }, ["packed_ref_logprobs", "scores"])).toEqual([]);
  });

  it("that an interface does not know are refused", () => {
    const rows = calls([
      { name: "actor_inf", kind: "inference", impl: evaluated, reads: ["packed_input_ids"], yields: ["values"] },
      { name: "rew_inf", kind: "inference", impl: verifier, reads: ["packed_input_ids", "packed_prompts"] },
      { name: "critic_gen", kind: "generate", impl: critic, reads: [] },
    ]);
    expect(found(rows, pullerStream({ datasetCfgs: [prompts] }, { yields: GENERATED })).lines).toEqual([
      "plugin/interface-key /setups/0/modelRpcs/0/outputKeys/0",
      "plugin/missing-key /setups/0/modelRpcs/1/inputKeys",
      "plugin/interface-type /setups/0/modelRpcs/2/interfaceType",
    ]);
  });
});

describe("a stream", () => {
  const keys = (pair: TypeArgs) => pairFactsOf(pair)?.facts;

  it("yields what its datasets yield and what is generated, each key once", () => {
    const answers = promptAnswer({ datasetPath: "/data/sft.jsonl", maxLength: 256 });
    expect(keys(pullerStream({ datasetCfgs: [prompts, answers] }, { yields: ["rewards", "task_ids"] }))).toEqual({
      yields: ["packed_prompts", "task_ids", "packed_input_ids", "prompt_mask", "rewards"],
    });
    expect(keys(pullerStream({ datasetCfgs: [] }))).toEqual({ yields: [] });
    const nested = pullerStream({ datasetCfgs: [pullerStream({ datasetCfgs: [] }, { yields: ["deep"] })] });
    expect(keys(nested)).toEqual({ yields: ["deep"] });
  });

  it("yields nobody knows what, if nobody knows it of one of its datasets", () => {
    const unknown = { type: "unknown", args: {} };
    expect(keys(pullerStream({ datasetCfgs: [prompts, unknown] }, { yields: ["rewards"] }))).toEqual({});
    const rows = calls([{ name: "a_inf", kind: "inference", impl: nullInterface(), reads: ["anything"] }]);
    expect(found(rows, pullerStream({ datasetCfgs: [unknown] })).lines).toEqual([
      `plugin/unknown-type ${STREAM_FACTS}/args/datasetCfgs/0/type`,
    ]);
  });

  it("is made of a flow's datasets, too", () => {
    const definition = findPlugin("dataset", "puller_stream");
    if (definition === undefined || definition.stream === null) throw new Error("no stream");
    const pair = streamPair(definition, { datasets: [prompts] }, ["rewards"]);
    expect({ ...pair.args }).toEqual({ datasetCfgs: [prompts] });
    expect(pair.type).toBe("puller_stream");
    expect(keys(pair)).toEqual({ yields: ["packed_prompts", "task_ids", "rewards"] });
    expect(mathCodePrompt.definition.stream).toBeNull();
  });
});
