import { besideTraining, cluster, type FailureProject, lines, ppo, sft } from "./projects.ts";

/** A failure that real users had, each only after a run on a cluster had started. */
export interface RealFailure {
  /** Where it was reported. */
  readonly links: readonly string[];
  readonly symptom: string;
  /** The code that the configuration must fail with, and whether it is an error by itself. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** The author's own text that the code is placed at. */
  readonly at: string;
  readonly wrong: FailureProject;
  readonly right: FailureProject;
}

const SITE = cluster();
const rows = (...all: readonly object[]) => ({ "data/rows.jsonl": lines(...all) });
const TRAIN = 'trainPath: "data/rows.jsonl", trainBsNSeqs: 8';
const eight = (row: object): readonly object[] => Array.from({ length: 8 }, () => row);
const LLAMA_2 = JSON.stringify({
  model_type: "llama",
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  vocab_size: 32_000,
  max_position_embeddings: 4096,
  tie_word_embeddings: false,
});
const TINY_MOE = JSON.stringify({
  model_type: "mixtral",
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 12,
  num_attention_heads: 16,
  num_key_value_heads: 16,
  num_local_experts: 8,
  num_experts_per_tok: 2,
  vocab_size: 32_000,
  max_position_embeddings: 2048,
  tie_word_embeddings: false,
});
const tiny = (expertParallelSize: number): string =>
  `{ path: "models/tiny-moe", type: { family: "mixtral" }, megatron: { expertParallelSize: ${expertParallelSize} } }`;
const llama = (newTokens: number): FailureProject => ({
  cluster: SITE,
  run: ppo({
    allocation: "sglang.d4p1m1+d1p1m4",
    actor: '{ path: "models/llama-2", type: { family: "llama" } }',
    ppo: `gen: { maxNewTokens: ${newTokens} }`,
    tokens: "8192",
  }),
  files: { "models/llama-2/config.json": LLAMA_2 },
});
const MATH = { prompt: "1 + 1?", query_id: "a", solutions: ["2"] };
const problems = (task: string): FailureProject => ({
  cluster: SITE,
  run: ppo({ allocation: "sglang.d4p1m1+d2p2m1", prompts: 'path: "data/rows.jsonl", trainBsNSeqs: 32', groupSize: 1 }),
  files: rows(...Array.from({ length: 32 }, () => ({ ...MATH, task }))),
});
const qwen7 = (more = "") => `{ path: "qwen2.5-7b", type: { family: "qwen2" }${more} }`;
const MOE = '{ path: "qwen3-30b-a3b", type: { family: "qwen3_moe" } }';
const AReaL = (number: number) => `https://github.com/areal-project/AReaL/issues/${number}`;
const verl = (number: number) => `https://github.com/verl-project/verl/issues/${number}`;
const OpenRLHF = (number: number) => `https://github.com/OpenRLHF/OpenRLHF/issues/${number}`;
const slime = (number: number) => `https://github.com/THUDM/slime/issues/${number}`;

/** By number of the report. */
export const FAILURES: Readonly<Record<number, RealFailure>> = {
  1: {
    links: [AReaL(409)],
    symptom: "4 GPUs for generation and 4 for training, on 4 GPUs: out of memory",
    code: "mesh/split-size",
    severity: "error",
    at: "d4p1m1",
    wrong: {
      cluster: cluster({ gpusPerNode: 4 }),
      run: ppo({ allocation: "sglang.d4p1m1+d4p1m1", more: ["nGpusPerNode: 4"] }),
    },
    right: {
      cluster: cluster({ gpusPerNode: 4 }),
      run: ppo({ allocation: "sglang.d2p1m1+d2p1m1", more: ["nGpusPerNode: 4"] }),
    },
  },
  2: {
    links: [AReaL(169)],
    symptom: "5 nodes of one GPU: GPUs of a node become 0, `range() arg 3 must not be zero`",
    code: "topology/engine-across-nodes",
    severity: "error",
    at: "d1p1m2",
    wrong: {
      cluster: cluster({ nodes: 5, gpusPerNode: 1 }),
      run: ppo({
        allocation: "sglang.d1p1m2+d3p1m1",
        prompts: 'path: "/data/math.jsonl", trainBsNSeqs: 258',
        more: ["nNodes: 5", "nGpusPerNode: 1"],
      }),
    },
    right: {
      cluster: cluster({ nodes: 5, gpusPerNode: 1 }),
      run: ppo({
        allocation: "sglang.d2p1m1+d3p1m1",
        prompts: 'path: "/data/math.jsonl", trainBsNSeqs: 258',
        more: ["nNodes: 5", "nGpusPerNode: 1"],
      }),
    },
  },
  4: {
    links: [AReaL(14)],
    symptom: "a run on one GPU wants 107 GB of host memory, the machine has 39.6 GB",
    code: "scheduling/node-memory",
    severity: "error",
    at: '"run"',
    wrong: {
      cluster: cluster({ gpusPerNode: 1, memMiBPerNode: 37_765 }),
      run: sft({
        allocation: "d1p1m1",
        model: '{ path: "qwen2.5-0.5b", type: { family: "qwen2" } }',
        more: ["nGpusPerNode: 1"],
      }),
    },
    right: {
      cluster: cluster({ gpusPerNode: 1, memMiBPerNode: 131_072 }),
      run: sft({
        allocation: "d1p1m1",
        model: '{ path: "qwen2.5-0.5b", type: { family: "qwen2" } }',
        more: ["nGpusPerNode: 1"],
      }),
    },
  },
  5: {
    links: [AReaL(752)],
    symptom: "an allocation without generation for an asynchronous run: `Invalid backend: None`",
    code: "allocation/async-needs-decoupled",
    severity: "error",
    at: '"d8p1m1"',
    wrong: { cluster: SITE, run: ppo({ experiment: "async-ppo-math", allocation: "d8p1m1" }) },
    right: { cluster: SITE, run: ppo({ experiment: "async-ppo-math", allocation: "sglang.d4p1m1+d4p1m1" }) },
  },
  7: {
    links: ["https://github.com/areal-project/AReaL/pull/1575", AReaL(992)],
    symptom: "generation and training on the same GPUs with different numbers of replicas: refused only at launch",
    code: "topology/shared-replicas",
    severity: "error",
    at: "d4p1m1",
    wrong: besideTraining("actor_gen:d4p1m1,*:d2p1m2"),
    right: besideTraining("actor_gen:d2p1m2,*:d2p1m2"),
  },
  8: {
    links: [AReaL(1317)],
    symptom: "a family that the backend does not know fails when the model is loaded",
    code: "model/family-unsupported",
    severity: "error",
    at: '"qwen3-30b-a3b"',
    wrong: { cluster: cluster({ nodes: 4 }), run: sft({ allocation: "d4p2m4", model: MOE, more: ["nNodes: 4"] }) },
    right: { cluster: SITE, run: sft({ allocation: "d8p1m1" }) },
  },
  10: {
    links: [verl(473)],
    symptom: "only support equal chunk. Got size of DataProto 2 and chunk 4",
    code: "allocation/batch-too-small",
    severity: "error",
    at: "2",
    wrong: {
      cluster: SITE,
      run: sft({ allocation: "d4p1m2", dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 2' }),
    },
    right: {
      cluster: SITE,
      run: sft({ allocation: "d4p1m2", dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 4' }),
    },
  },
  11: {
    links: [verl(606)],
    symptom: "a batch of 32 on more GPUs dies after the first validation",
    code: "allocation/batch-too-small",
    severity: "error",
    at: "32",
    wrong: {
      cluster: cluster({ nodes: 8 }),
      run: sft({ allocation: "d64p1m1", dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 32', more: ["nNodes: 8"] }),
    },
    right: {
      cluster: cluster({ nodes: 8 }),
      run: sft({ allocation: "d64p1m1", dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 64', more: ["nNodes: 8"] }),
    },
  },
  13: {
    links: [verl(600)],
    symptom: "the key of prompts is no column of the data",
    code: "dataset/missing-column",
    severity: "error",
    at: '"data/rows.jsonl"',
    wrong: {
      cluster: SITE,
      run: sft({ allocation: "d8p1m1", dataset: TRAIN }),
      files: rows(...eight({ question: "1 + 1?", answer: "2" })),
    },
    right: {
      cluster: SITE,
      run: sft({ allocation: "d8p1m1", dataset: TRAIN }),
      files: rows(...eight({ prompt: "1 + 1?", answer: "2" })),
    },
  },
  14: {
    links: [verl(3450), "https://github.com/verl-project/verl/pull/6156"],
    symptom: "a source of data that no reward knows: NotImplementedError at the first reward, after a whole rollout",
    code: "dataset/unknown-value",
    severity: "error",
    at: '"data/rows.jsonl"',
    wrong: problems("geometry3k"),
    right: problems("math"),
  },
  16: {
    links: [verl(2515)],
    symptom: "total available GPUs 8 is less than total desired GPUs 16",
    code: "allocation/too-many-nodes",
    severity: "error",
    at: "2",
    wrong: { cluster: SITE, run: sft({ allocation: "d16p1m1", more: ["nNodes: 2"] }) },
    right: { cluster: cluster({ nodes: 2 }), run: sft({ allocation: "d16p1m1", more: ["nNodes: 2"] }) },
  },
  17: {
    links: [verl(2245)],
    symptom: "no available memory for the cache blocks",
    code: "memory/kv-capacity",
    severity: "error",
    at: "{ contextLength: 65_536, memFractionStatic: 0.8 }",
    wrong: {
      cluster: cluster({ nodes: 5 }),
      run: ppo({
        allocation: "sglang.d8p1m1+d2p4m4",
        actor:
          '{ path: "qwen2.5-32b", type: { family: "qwen2" }, sglang: { contextLength: 65_536, memFractionStatic: 0.8 } }',
        ppo: "gen: { maxNewTokens: 60_000 }",
        tokens: "65_536",
        more: ["nNodes: 5"],
      }),
    },
    right: {
      cluster: cluster({ nodes: 5 }),
      run: ppo({
        allocation: "sglang.d4p1m2+d2p4m4",
        actor:
          '{ path: "qwen2.5-32b", type: { family: "qwen2" }, sglang: { contextLength: 65_536, memFractionStatic: 0.8 } }',
        ppo: "gen: { maxNewTokens: 60_000 }",
        tokens: "65_536",
        more: ["nNodes: 5"],
      }),
    },
  },
  19: {
    links: ["https://github.com/verl-project/verl/pull/552", "https://github.com/PRIME-RL/TTRL/issues/43"],
    symptom: "a minibatch becomes 0 when it is divided by ranks: an endless loop",
    code: "allocation/batch-too-small",
    severity: "error",
    at: "8",
    wrong: {
      cluster: SITE,
      run: ppo({
        allocation: "sglang.d4p1m1+d4p1m1",
        prompts: 'path: "/data/math.jsonl", trainBsNSeqs: 8',
        ppo: "ppoNMinibatches: 16",
        groupSize: 1,
      }),
    },
    right: {
      cluster: SITE,
      run: ppo({
        allocation: "sglang.d4p1m1+d4p1m1",
        prompts: 'path: "/data/math.jsonl", trainBsNSeqs: 64',
        ppo: "ppoNMinibatches: 16",
        groupSize: 1,
      }),
    },
  },
  20: {
    links: [verl(7383), verl(7381), "https://github.com/verl-project/verl/pull/6663"],
    symptom: "too few CPUs on a node: a worker is never scheduled, and the run hangs",
    code: "scheduling/node-cpus",
    severity: "error",
    at: '"run"',
    wrong: { cluster: cluster({ cpusPerNode: 24 }), run: sft({ allocation: "d8p1m1" }) },
    right: { cluster: cluster({ cpusPerNode: 48 }), run: sft({ allocation: "d8p1m1" }) },
  },
  22: {
    links: ["https://github.com/RLHFlow/Online-DPO-R1/issues/2"],
    symptom: "4096 positions are fewer than 1024 + 4000 tokens",
    code: "call/positions",
    severity: "error",
    at: "4000",
    wrong: llama(4000),
    right: llama(3072),
  },
  23: {
    links: ["https://github.com/hiyouga/EasyR1/issues/44"],
    symptom: "512 not divisible by 6, after some steps",
    code: "call/batch-not-divisible",
    severity: "warning",
    at: "512",
    wrong: {
      cluster: cluster({ nodes: 3 }),
      run: sft({
        allocation: "d24p1m1",
        dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 512',
        more: ["nNodes: 3"],
      }),
    },
    right: {
      cluster: cluster({ nodes: 3 }),
      run: sft({
        allocation: "d24p1m1",
        dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 504',
        more: ["nNodes: 3"],
      }),
    },
  },
  25: {
    links: [OpenRLHF(584), OpenRLHF(434)],
    symptom: "steps of gradient accumulation become 0: batch 2, micro-batch 2, 8 GPUs",
    code: "allocation/batch-too-small",
    severity: "error",
    at: "2",
    wrong: {
      cluster: SITE,
      run: sft({
        allocation: "d8p1m1",
        dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 2',
        microBatches: "nMbs: 2, maxTokensPerMb: 16_384",
      }),
    },
    right: {
      cluster: SITE,
      run: sft({
        allocation: "d8p1m1",
        dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 16',
        microBatches: "nMbs: 2, maxTokensPerMb: 16_384",
      }),
    },
  },
  26: {
    links: [OpenRLHF(758)],
    symptom: "an engine of tensor size 16 on nodes of 8 GPUs",
    code: "topology/engine-across-nodes",
    severity: "error",
    at: "d1p1m16",
    wrong: {
      cluster: cluster({ nodes: 4 }),
      run: ppo({
        allocation: "sglang.d1p1m16+d4p1m4",
        actor: '{ path: "llama-3.1-8b", type: { family: "llama" } }',
        more: ["nNodes: 4"],
      }),
    },
    right: {
      cluster: cluster({ nodes: 4 }),
      run: ppo({
        allocation: "sglang.d2p1m8+d4p1m4",
        actor: '{ path: "llama-3.1-8b", type: { family: "llama" } }',
        more: ["nNodes: 4"],
      }),
    },
  },
  29: {
    links: [OpenRLHF(860)],
    symptom: "the data have `input` and `output`, other keys are asked for",
    code: "dataset/missing-column",
    severity: "error",
    at: '"data/rows.jsonl"',
    wrong: {
      cluster: SITE,
      run: sft({ allocation: "d8p1m1", dataset: TRAIN }),
      files: rows(...eight({ input: "1 + 1?", output: "2" })),
    },
    right: {
      cluster: SITE,
      run: sft({ allocation: "d8p1m1", dataset: TRAIN }),
      files: rows(...eight({ prompt: "1 + 1?", answer: "2" })),
    },
  },
  31: {
    links: ["https://github.com/NVIDIA-NeMo/RL/issues/648"],
    symptom: "249 is no multiple of micro-batch 2",
    code: "call/micro-batches-not-divisible",
    severity: "warning",
    at: "249",
    wrong: {
      cluster: SITE,
      run: sft({
        allocation: "d1p2m4",
        model: qwen7(),
        dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 249',
        microBatches: "nMbs: 2, maxTokensPerMb: 16_384",
      }),
    },
    right: {
      cluster: SITE,
      run: sft({
        allocation: "d1p2m4",
        model: qwen7(),
        dataset: 'trainPath: "/data/a.jsonl", trainBsNSeqs: 250',
        microBatches: "nMbs: 2, maxTokensPerMb: 16_384",
      }),
    },
  },
  32: {
    links: [
      "https://github.com/NVIDIA-NeMo/RL/issues/2110",
      "https://github.com/NVIDIA-NeMo/RL/pull/2182",
      "https://github.com/NVIDIA-NeMo/RL/issues/1835",
    ],
    symptom: "a packed sequence does not divide by the ranks that share it",
    code: "call/padded-length",
    severity: "warning",
    at: "{ maxTokensPerMb: 16_382 }",
    wrong: {
      cluster: SITE,
      run: sft({ allocation: "d2p1m4", model: qwen7(), microBatches: "maxTokensPerMb: 16_382" }),
    },
    right: {
      cluster: SITE,
      run: sft({ allocation: "d2p1m4", model: qwen7(), microBatches: "maxTokensPerMb: 16_384" }),
    },
  },
  34: {
    links: [
      "https://github.com/NVIDIA-NeMo/Automodel/issues/799",
      "https://github.com/microsoft/LMOps/issues/292",
      "https://github.com/THU-KEG/AdaptThink/issues/1",
    ],
    symptom: "2 key-value heads on 4 tensor ranks; 28 heads on 8",
    code: "model/heads-not-divisible",
    severity: "error",
    at: "d2p1m4",
    wrong: { cluster: SITE, run: sft({ allocation: "d2p1m4" }) },
    right: { cluster: SITE, run: sft({ allocation: "d4p1m2" }) },
  },
  35: {
    links: [slime(641)],
    symptom: "a rotary base beside that of the checkpoint: 10000 against 1000000",
    code: "option/unknown",
    severity: "error",
    at: "rotaryBase",
    wrong: { cluster: SITE, run: sft({ allocation: "d2p1m4", model: qwen7(", rotaryBase: 10_000 as never") }) },
    right: { cluster: SITE, run: sft({ allocation: "d2p1m4", model: qwen7() }) },
  },
  37: {
    links: [slime(1818)],
    symptom: "pp 2 x expert size 8 = 16 on 8 GPUs",
    code: "topology/expert-product",
    severity: "error",
    at: tiny(8),
    wrong: {
      cluster: SITE,
      run: sft({ allocation: "d4p2m1", model: tiny(8) }),
      files: { "models/tiny-moe/config.json": TINY_MOE },
    },
    right: {
      cluster: SITE,
      run: sft({ allocation: "d4p2m1", model: tiny(4) }),
      files: { "models/tiny-moe/config.json": TINY_MOE },
    },
  },
  38: {
    links: [slime(1839)],
    symptom: "one sample is longer than the tokens of a GPU: this should never happen",
    code: "call/sequence-exceeds-micro-batch",
    severity: "warning",
    at: "{ maxTokensPerMb: 8192 }",
    wrong: { cluster: SITE, run: ppo({ allocation: "sglang.d4p1m1+d2p2m1", tokens: "8192" }) },
    right: { cluster: SITE, run: ppo({ allocation: "sglang.d4p1m1+d2p2m1", tokens: "17_408" }) },
  },
  40: {
    links: [slime(1522), slime(1951)],
    symptom: "sequences of 64K tokens: out of memory, by logits of 58 GiB",
    code: "memory/exceeds-gpu",
    severity: "error",
    at: "d8p1m1",
    wrong: {
      cluster: SITE,
      run: sft({
        allocation: "d8p1m1",
        dataset: 'trainPath: "/data/a.jsonl", maxSeqlen: 65_536, trainBsNSeqs: 64',
        microBatches: "maxTokensPerMb: 65_536",
      }),
    },
    right: {
      cluster: SITE,
      run: sft({
        allocation: "d4p1m2",
        dataset: 'trainPath: "/data/a.jsonl", maxSeqlen: 65_536, trainBsNSeqs: 64',
        microBatches: "maxTokensPerMb: 65_536",
      }),
    },
  },
  41: {
    links: ["https://github.com/THUDM/slime/pull/2012"],
    symptom: "8 GPUs a node by default, on nodes of 4",
    code: "allocation/too-many-gpus-per-node",
    severity: "error",
    at: '"run"',
    wrong: { cluster: cluster({ nodes: 2, gpusPerNode: 4 }), run: sft({ allocation: "d8p1m1", more: ["nNodes: 2"] }) },
    right: {
      cluster: cluster({ nodes: 2, gpusPerNode: 4 }),
      run: sft({ allocation: "d8p1m1", more: ["nNodes: 2", "nGpusPerNode: 4"] }),
    },
  },
  43: {
    links: ["https://github.com/modelscope/ms-swift/issues/5737", "https://github.com/THUDM/slime/pull/1486"],
    symptom: "layers don't divide by stages",
    code: "model/layers-not-divisible",
    severity: "error",
    at: "d1p8m1",
    wrong: {
      cluster: SITE,
      run: sft({ allocation: "d1p8m1", model: qwen7(", megatron: { virtualPipelineParallelSize: 2 }") }),
    },
    right: {
      cluster: SITE,
      run: sft({ allocation: "d2p2m2", model: qwen7(", megatron: { virtualPipelineParallelSize: 2 }") }),
    },
  },
  44: {
    links: ["https://github.com/allenai/open-instruct/issues/1431"],
    symptom: "a placement group of 6 GPUs and 60 CPUs is never placed: the run hangs",
    code: "scheduling/no-room",
    severity: "error",
    at: '"run"',
    wrong: {
      cluster: cluster({ cpusPerNode: 32 }),
      run: sft({
        allocation: "d8p1m1",
      }),
    },
    right: {
      cluster: cluster({ cpusPerNode: 36 }),
      run: sft({
        allocation: "d8p1m1",
      }),
    },
  },
  46: {
    links: ["https://github.com/ray-project/ray/pull/60376"],
    symptom: "workers for which there are no resources are asked for again, forever",
    code: "allocation/too-many-nodes",
    severity: "error",
    at: "4",
    wrong: { cluster: cluster({ nodes: 2 }), run: sft({ allocation: "d32p1m1", more: ["nNodes: 4"] }) },
    right: { cluster: cluster({ nodes: 4 }), run: sft({ allocation: "d32p1m1", more: ["nNodes: 4"] }) },
  },
};
