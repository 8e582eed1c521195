import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import * as shipped from "../../plugins/index.ts";
import { generationConfig } from "../../src/dsl/generation-config.ts";
import { GenerationOptions } from "../../src/dsl/option-groups.ts";
import { type ContractCase, contractOf, type Defined } from "../../src/testing/index.ts";

const descriptor = new URL("../../assay-plugin.json", import.meta.url);
const suites = new Map<string, readonly ContractCase[]>();

/** Notes the suite of one plugin; inputs are typed by its factory. */
function suite<F extends Defined>(factory: F, input: Parameters<typeof contractOf<F>>[1]): void {
  suites.set(nameOf(factory), contractOf(factory, input));
}

function nameOf({ definition }: Defined): string {
  return `${definition.kind} ${definition.type}`;
}

const gconfig = generationConfig(new GenerationOptions());
const rewardArgs = {
  datasetPath: "/data/tasks.jsonl",
  tokenizerPath: "/models/base",
  rwType: "sparse",
  checkXmlFormat: false,
  groupSize: 8,
  checkVerifierStatus: false,
} as const;
const critic = {
  nMinibatches: 4,
  klCtl: 0.1,
  discount: 1,
  gaeLambda: 1,
  valueEpsClip: 0.2,
  maxRewardClip: 5,
  adaptiveKlCtl: false,
  valueNorm: true,
  valueNormType: "exp",
  valueNormBeta: 0.99995,
  valueNormEps: 1e-5,
  disableValue: false,
  maskNoEosWithZero: false,
  groupSize: 8,
  maskTooLong: false,
  sampleReuse: 1,
} as const;
const actor = {
  ...critic,
  generationConfig: gconfig,
  epsClip: 0.2,
  earlyStopImpRatio: 5,
  advNorm: true,
  generationSize: null,
  groupAdvNorm: false,
  cClip: null,
} as const;
const options = (factory: { readonly definition: { readonly options: (() => object) | null } }): object =>
  factory.definition.options?.() ?? {};
const optimizer = {
  type: "adam",
  lr: 1e-5,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-5,
  minLrRatio: 0,
  lrSchedulerType: "cosine",
  warmupStepsProportion: 0,
  offload: false,
  initialLossScale: 4096,
  minLossScale: 1,
  lossScaleWindow: 5,
  hysteresis: 2,
  gradientClipping: 1,
} as const;

suite(shipped.mathSingleStep, {
  descriptor,
  args: [
    { gconfig, tokenizerPath: "/models/base", successRateLb: 0, successRateUb: 1, rewardScaling: 1, rewardBias: 0 },
  ],
});
suite(shipped.mathCodeSingleStep, { descriptor, args: [{ datasetPath: "/data/tasks.jsonl" }] });
suite(shipped.promptAnswer, {
  descriptor,
  args: [{ maxLength: 512, datasetPath: "/data/rows.jsonl", fillToMaxLength: true }],
});
suite(shipped.prompt, {
  descriptor,
  args: [{ datasetPath: "/data/prompts.jsonl", maxLength: 256, fillToMaxLength: true }],
});
suite(shipped.rwPair, {
  descriptor,
  args: [{ datasetPath: "/data/pairs.jsonl", maxLength: 512, maxPairsPerPrompt: 2 }],
});
suite(shipped.dpo, { descriptor, args: [{ beta: 0.1 }, { beta: 0.5, enableSave: false }] });
suite(shipped.pairedRw, { descriptor, args: [{}, { outputScaling: 5, outputBias: -1, enableSave: false }] });
suite(shipped.grpo, {
  descriptor,
  args: [
    { groupSize: 2, generationConfig: gconfig },
    {
      groupSize: 8,
      generationConfig: gconfig,
      nMinibatches: 4,
      klCtl: 0.1,
      adaptiveKlCtl: false,
      discount: 1,
      epsClip: 0.2,
      maxRewardClip: 20,
      earlyStopImpRatio: null,
      advNorm: true,
      enableSave: false,
    },
  ],
});
suite(shipped.mathCodePrompt, {
  descriptor,
  args: [
    { datasetPath: "/data/tasks.jsonl", maxLength: 256 },
    { datasetPath: "/data/tasks.jsonl", maxLength: 256, filterThreshold: 0.9, maxFilterPercentage: 0.1 },
  ],
});
suite(shipped.pullerStream, {
  descriptor,
  args: [{ datasetCfgs: [shipped.promptAnswer({ maxLength: 512, datasetPath: "/data/rows.jsonl" })] }],
});
suite(shipped.fusedThreading, {
  descriptor,
  args: [
    { interfaces: { rew: shipped.rwMathCode(rewardArgs), ref: shipped.ppoActor(actor) } },
    { interfaces: { rew: shipped.nullInterface(), ref: { type: "constructor", args: {} } } },
  ],
});
suite(shipped.nullInterface, { descriptor, args: [{}] });
suite(shipped.ppoActor, { descriptor, args: [actor, { generationConfig: gconfig, groupSize: 1 }] });
suite(shipped.ppoCritic, { descriptor, args: [critic] });
suite(shipped.rwMathCode, {
  descriptor,
  args: [rewardArgs, { ...rewardArgs, rwType: null, outputScaling: 5, outputBias: 0 }],
});
suite(shipped.sft, { descriptor, args: [{}] });
suite(shipped.inferenceBackend, { descriptor, args: [{}] });
suite(shipped.megatron, {
  descriptor,
  args: [{ bf16: true, optimizer, ...options(shipped.megatron) } as never],
  models: [{ bf16: true }, { optimizer: null }],
});
suite(shipped.mockTrain, {
  descriptor,
  args: [{ optimizerName: "adam", optimizerConfig: { lr: 1e-5, weightDecay: 0, eps: 1e-5, betas: [0.9, 0.95] } }],
});
suite(shipped.sglang, {
  descriptor,
  args: [{ modelPath: "/models/base", ...options(shipped.sglang) } as never],
  models: [{ sglang: { ...options(shipped.sglang), hybridTrain: true } }],
});
suite(shipped.vllm, {
  descriptor,
  args: [{ modelPath: "/models/base", ...options(shipped.vllm) } as never],
  models: [{ vllm: { ...options(shipped.vllm), additionalEngineArgs: { "a-b": [1, null] } } }],
});
suite(shipped.realModel, {
  descriptor,
  args: [
    {
      modelPath: "/models/base",
      isCritic: false,
      initCriticFromActor: false,
      dtype: "bf16",
      hfModelFamily: "qwen2",
      initFromScratch: false,
    },
  ],
  models: [{ bf16: true, initCriticFromActor: true, type: { family: null, isCritic: true } }],
});
suite(shipped.tokenizer, { descriptor, args: [{ tokenizerPath: "/models/base" }] });

const families = [
  shipped.qwen2,
  shipped.qwen3,
  shipped.qwen3Moe,
  shipped.deepseekV3,
  shipped.codellama,
  shipped.deepseek,
  shipped.gemma,
  shipped.gpt2,
];
for (const family of [...families, shipped.llama, shipped.mistral, shipped.mixtral]) suite(family, { descriptor });

describe("shipped plugins", () => {
  it("all have a suite", () => {
    const all = Object.values(shipped).flatMap((exported) => ("definition" in exported ? [nameOf(exported)] : []));
    expect(all.length).toBeGreaterThan(20);
    // The suite of a launcher runs on the compiled one, with what is around it.
    const run = [...suites.keys(), "launcher local"].sort();
    expect(run).toEqual(all.sort());
    // The descriptor is all that builds know of: nothing in it goes untried, be it exported or not.
    const { types } = JSON.parse(readFileSync(descriptor, "utf8")) as {
      readonly types: readonly { readonly kind: string; readonly type: string }[];
    };
    expect(run).toEqual(types.map(({ kind, type }) => `${kind} ${type}`).sort());
  });

  it("have a suite that tries something", () => {
    for (const [name, cases] of suites) expect([name, cases.length > 5]).toEqual([name, true]);
  });

  for (const [name, cases] of suites) {
    describe(name, () => {
      for (const each of cases) test(each.name, each.run);
    });
  }
});
