import { preset } from "assay";

// Proximal policy optimization on math problems as it is shipped, with options of ours. The allocation gives 4 GPUs to
// generation with SGLang, and 4 to all other calls: 2 x data, 2 x pipeline and 1 x tensor parallelism.
preset("ppo-math", "my-experiment", {
  cluster: "my-cluster",
  nNodes: 1,
  allocationMode: "sglang.d4p1m1+d2p2m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" }, optimizer: { lr: 1e-5 } },
  // Tokens of a micro-batch on each GPU: longer ones need more memory.
  actorTrain: { mbSpec: { maxTokensPerMb: 32_768 } },
  dataset: { path: "/storage/datasets/math.jsonl", maxPromptLen: 1024, trainBsNSeqs: 512 },
  // Neither a reference model nor a critic: only rewards count.
  ppo: { klCtl: 0, disableValue: true },
  // Answers to each problem.
  groupSize: 16,
});
