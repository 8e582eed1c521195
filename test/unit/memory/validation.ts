import "assay/experiments";
import type { ModelCard } from "../../../src/manifest/format.ts";
import { attentionScoreBytes, inFlight, layerActivationBytes, logitBytes } from "../../../src/memory/activations.ts";
import { keyValueBytesPerToken } from "../../../src/memory/cache.ts";
import type { BackendMemory } from "../../../src/memory/facts.ts";
import { bytesOf } from "../../../src/memory/model.ts";
import { countParameters } from "../../../src/memory/parameters.ts";
import { stateParts } from "../../../src/memory/state.ts";
import { findPlugin } from "../../../src/plugin/registry.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { FSDP_BF16, FSDP_FP32, MEGATRON_PLAIN, zero } from "./backends.ts";
import { cardNamed, layout, trained } from "./models.ts";

/** A published figure, and what the estimator gives for it. */
export interface Row {
  readonly what: string;
  readonly source: string;
  readonly figure: number;
  readonly estimate: number;
  readonly unit: string;
  /** Digits after the point of the figure. */
  readonly digits: number;
}

const GIB = 1024 ** 3;
const GB = 1e9;

/** Bytes of a trained model's state on one GPU. */
function stateOf(card: ModelCard, backend: BackendMemory, sizes = layout(1, 1, 1), args = {}): number {
  const parts = stateParts(trained(card, backend, { layout: sizes, args }), 0);
  if (parts === null) throw new Error("the state can't be worked out");
  return bytesOf(parts);
}

/** A card of so many parameters, for papers that tell no sizes: all of them are in an embedding of two columns. */
function cardOfSize(parameters: number): ModelCard {
  return { ...cardNamed("llama-3.1-8b"), layers: 0, hiddenSize: 1, vocabSize: parameters - 1, tiedEmbeddings: true };
}

const GOLDEN: readonly (readonly [string, number, number, number, number, number])[] = [
  ["qwen2.5-0.5b", 0.9, 3.7, 7.4, 8.3, 1],
  ["qwen2.5-1.5b", 2.9, 11.5, 23.0, 25.9, 1],
  ["qwen2.5-7b", 14.2, 56.7, 113.5, 127.7, 2],
  ["qwen2.5-14b", 27.5, 110.0, 220.1, 247.6, 4],
  ["qwen2.5-32b", 61.0, 244.1, 488.2, 549.2, 8],
  ["qwen2.5-72b", 135.4, 541.7, 1083.4, 1218.8, 17],
  ["llama-3.1-8b", 15.0, 59.8, 119.7, 134.6, 2],
  ["llama-3.1-70b", 131.4, 525.7, 1051.3, 1182.7, 17],
  ["llama-3.1-405b", 756.0, 3023.8, 6047.7, 6803.6, 95],
  ["qwen3-30b-a3b", 56.9, 227.5, 455.0, 511.8, 8],
  ["qwen3-235b-a22b", 437.9, 1751.6, 3503.2, 3941.1, 55],
  ["mixtral-8x7b", 87.0, 348.0, 695.9, 782.9, 11],
  ["deepseek-v3", 1249.9, 4999.5, 9999.1, 11249.0, 157],
];

/** States of whole models: weights, and the states of four engines. */
function stateRows(): readonly Row[] {
  return GOLDEN.flatMap(([id, weights, bf16, fp32, plain, gpus]) => {
    const card = cardNamed(id);
    const row = (what: string, figure: number, bytes: number): Row => ({
      what: `${id}: ${what}`,
      source: "the checkpoint's own size x the engine's bytes",
      figure,
      estimate: bytes / GIB,
      unit: "GiB",
      digits: 1,
    });
    return [
      row("bf16 weights", weights, 2 * (countParameters(card)?.total ?? 0)),
      row("FSDP in bf16, 8 bytes", bf16, stateOf(card, FSDP_BF16)),
      row("FSDP or ZeRO, 16 bytes", fp32, stateOf(card, FSDP_FP32)),
      row("Megatron, 18 bytes", plain, stateOf(card, MEGATRON_PLAIN)),
      {
        what: `${id}: GPUs with 64 GiB for 16 bytes`,
        source: "the checkpoint's own size x the engine's bytes",
        figure: gpus,
        estimate: Math.ceil(stateOf(card, FSDP_FP32) / (64 * GIB)),
        unit: "GPUs",
        digits: 0,
      },
    ];
  });
}

/** Bytes of a GPU by stages of ZeRO: 7.5 billion parameters on 64 GPUs, in GB of 10^9. */
function zeroRows(): readonly Row[] {
  const figures = [120, 31.4, 16.6, 1.9];
  return ([0, 1, 2, 3] as const).map((stage) => ({
    what: `7.5 B parameters on 64 GPUs, ZeRO stage ${stage}`,
    source: "Rajbhandari et al., arXiv:1910.02054, figure 1",
    figure: figures[stage] ?? 0,
    estimate: stateOf(cardOfSize(7_500_000_000), zero(stage), layout(64, 1, 1)) / GB,
    unit: "GB",
    digits: 1,
  }));
}

/** Bytes a parameter of the shipped Megatron backend. */
function megatronRows(): readonly Row[] {
  const memory = findPlugin("backend", "megatron")?.facts["memory"] as unknown as BackendMemory;
  const adam = { optimizer: { type: "adam", offload: false } };
  const distributed = { ...adam, ddp: { gradReduceInFp32: true, useDistributedOptimizer: true } };
  const plain = { ...adam, ddp: { gradReduceInFp32: true, useDistributedOptimizer: false } };
  const precise = {
    ...distributed,
    usePrecisionAwareOptimizer: true,
    mainParamsDtype: "float32",
    expAvgDtype: "bfloat16",
    expAvgSqDtype: "bfloat16",
  };
  const size = 8_000_000_000;
  const row = (what: string, figure: number, data: number, args: object): Row => ({
    what,
    source: "Megatron-LM, `megatron/training/theoretical_memory_usage.py`",
    figure,
    estimate: stateOf(cardOfSize(size), memory, layout(data, 1, 1), args) / size,
    unit: "bytes a parameter",
    digits: 2,
  });
  return [
    row("Megatron without distributed optimizer", 18, 8, plain),
    row("Megatron with distributed optimizer, dp 8: 6 + 12/8", 7.5, 8, distributed),
    row("Megatron with distributed optimizer, dp 64: 6 + 12/64", 6.1875, 64, distributed),
    row("Megatron with precision-aware optimizer, dp 8: 6 + 8/8", 7, 8, precise),
  ];
}

/** Activations of a layer of the models of the paper, in bytes for each token and unit of hidden size. */
function activationRows(): readonly Row[] {
  const model = (hiddenSize: number, heads: number): ModelCard => ({
    ...cardNamed("llama-3.1-8b"),
    hiddenSize,
    heads,
    ffnSize: 4 * hiddenSize,
  });
  const gpt3 = model(12_288, 96);
  const mtNlg = model(20_480, 128);
  const tokens = 2048;
  const source = "Korthikanti et al., arXiv:2205.05198";
  const row = (what: string, card: ModelCard, figure: number, bytes: number): Row => ({
    what,
    source,
    figure,
    estimate: bytes / (tokens * card.hiddenSize),
    unit: "bytes x s·b·h",
    digits: 2,
  });
  return [
    row("a layer of GPT-3, without scores of attention", gpt3, 34, layerActivationBytes(gpt3, layout(1, 1, 1), tokens)),
    row("the scores of attention of GPT-3: 5·a·s/h", gpt3, 80, attentionScoreBytes(gpt3, 1, tokens, 2048)),
    row("the scores of attention of MT-NLG: 5·a·s/h", mtNlg, 64, attentionScoreBytes(mtNlg, 1, tokens, 2048)),
    row(
      "tensor parallelism 8: 10 + 24/8",
      gpt3,
      13,
      layerActivationBytes(gpt3, layout(1, 1, 8, { sequenceParallel: false }), tokens),
    ),
    row("tensor and sequence parallelism 8: 34/8", gpt3, 4.25, layerActivationBytes(gpt3, layout(1, 1, 8), tokens)),
    {
      what: "micro-batches under way on the first of 8 stages, of 32",
      source,
      figure: 8,
      estimate: inFlight(8, 0, 32),
      unit: "micro-batches",
      digits: 0,
    },
  ];
}

function logitRows(): readonly Row[] {
  const qwen = cardNamed("qwen2.5-1.5b");
  const row = (what: string, source: string, figure: number, digits: number, tokens: number): Row => ({
    what,
    source,
    figure,
    estimate: logitBytes(qwen, 1, tokens, 4) / GIB,
    unit: "GiB",
    digits,
  });
  return [
    row("16,384 tokens x 151,936 words x 4 bytes", "one copy in float32", 9.3, 1, 16_384),
    row(
      "102,400 tokens x 151,936 words x 4 bytes",
      "slime#1951, which tells no length: the one that gives it",
      58,
      0,
      102_400,
    ),
  ];
}

/** Estimator of ReaL: no grouped heads, three embeddings. What it gives too much, in percent of the exact count. */
const REAL_ERRORS: readonly (readonly [string, number])[] = [
  ["llama-2-7b", 1.9],
  ["qwen2.5-0.5b", 61.8],
  ["qwen2.5-7b", 15.2],
  ["qwen2.5-32b", 10.6],
  ["qwen2.5-72b", 14.6],
  ["llama-3.1-8b", 16.6],
  ["llama-3.1-70b", 14.8],
  ["llama-3.1-405b", 16.1],
  ["qwen3-32b", 4.4],
];

/** Llama 2 with 7 billion parameters, which the catalogue leaves out. */
const LLAMA_2: ModelCard = {
  ...cardNamed("llama-3.1-8b"),
  id: "llama-2-7b",
  kvHeads: 32,
  ffnSize: 11_008,
  vocabSize: 32_000,
  params: 6_738_415_616,
};

function realRows(): readonly Row[] {
  const source = "ReaL, `realhf/search_engine/estimate.py`";
  return [
    ...REAL_ERRORS.map(([id, figure]): Row => {
      const card = id === LLAMA_2.id ? LLAMA_2 : cardNamed(id);
      const { hiddenSize: h, vocabSize, ffnSize, layers, params } = card;
      const real = 3 * vocabSize * h + (3 * h * (ffnSize ?? 0) + 4 * h * h) * layers;
      const exact = countParameters(card)?.total ?? params ?? 0;
      return {
        what: `${id}: parameters by ReaL, above ours`,
        source,
        figure,
        estimate: 100 * (real / exact - 1),
        unit: "%",
        digits: 1,
      };
    }),
    ...(
      [
        ["llama-3.1-8b", 4],
        ["llama-3.1-405b", 16],
      ] as const
    ).map(([id, figure]): Row => {
      const card = cardNamed(id);
      const real = 2 * card.hiddenSize * card.layers * 2;
      return {
        what: `${id}: cache by ReaL, times ours`,
        source,
        figure,
        estimate: real / keyValueBytesPerToken(card, 1, 2),
        unit: "times",
        digits: 0,
      };
    }),
  ];
}

function cacheRows(): readonly Row[] {
  const opt = { ...cardNamed("llama-3.1-8b"), layers: 40, hiddenSize: 5120, heads: 40, kvHeads: 40, headDim: 128 };
  return [
    {
      what: "OPT-13B: cache of one token",
      source: "Kwon et al. (vLLM), arXiv:2309.06180, section 3",
      figure: 800,
      estimate: keyValueBytesPerToken(opt, 1, 2) / 1024,
      unit: "KiB",
      digits: 0,
    },
    {
      what: "DeepSeek-V3: cache of one token",
      source: "DeepSeek-V3, 61 layers x (512 + 64) x 2 bytes",
      figure: 70_272,
      estimate: keyValueBytesPerToken(cardNamed("deepseek-v3"), 8, 2),
      unit: "bytes",
      digits: 0,
    },
  ];
}

/** All rows in the order of the page, by heading. */
export function validationRows(): Readonly<Record<string, readonly Row[]>> {
  return {
    "State of whole models": stateRows(),
    "State by stages of ZeRO": zeroRows(),
    "State on Megatron": megatronRows(),
    Activations: activationRows(),
    Logits: logitRows(),
    "Key-value cache": cacheRows(),
    "Where others are off": realRows(),
  };
}

/** Estimates of the published runs, all of which ran on GPUs of 80 GiB. */
export function recipeRows(): readonly (readonly [name: string, call: string, gib: number])[] {
  const recipes = [
    ["ppo-math", "1.5b-distill-gpus-8"],
    ["ppo-math", "1.5b-distill-gpus-128"],
    ["ppo-math", "7b-distill-gpus-32"],
    ["sft", "32b-distill-gpus-128"],
  ] as const;
  return recipes.flatMap(([experiment, preset]) => {
    const { value } = proveExperiment(experiment, { preset });
    const phases = value.resolved?.setups.flatMap(({ memory }) => memory?.phases ?? []) ?? [];
    return phases.map(
      ({ call, totalBytes }) => [`${experiment}.${preset}`, call ?? "servers", totalBytes / GIB] as const,
    );
  });
}

/** The rows of a heading as a table of the page. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, source, figure, estimate, unit, digits }) => {
    const off = figure === 0 ? 0 : (100 * (estimate - figure)) / figure;
    return `| ${what} | ${source} | ${figure.toFixed(digits)} ${unit} | ${estimate.toFixed(digits)} ${unit} | ${off.toFixed(1).replace("-0.0", "0.0")} % |`;
  });
  return ["| what | source | figure | estimate | difference |", "| --- | --- | --- | --- | --- |", ...lines].join("\n");
}

/** The published runs as a table of the page. */
export function recipeTable(): string {
  const lines = recipeRows().map(
    ([name, call, gib]) => `| ${name} | ${call} | ${gib.toFixed(1)} GiB | ${((100 * gib) / 80).toFixed(0)} % |`,
  );
  return ["| run | call | estimate | of 80 GiB |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
