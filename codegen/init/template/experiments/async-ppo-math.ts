import { preset } from "assay";

// Proximal policy optimization on math problems with generation beside training, as it is shipped, with options of ours.
// The allocation gives 4 GPUs to generation servers, and 4 to training: 2 x data, 2 x pipeline, 1 x tensor parallelism.
preset("async-ppo-math", "my-experiment", {
  cluster: "my-cluster",
  nNodes: 1,
  allocationMode: "sglang.d4p1m1+d2p2m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" }, optimizer: { lr: 1e-5 } },
  // Tokens of a micro-batch on each GPU: longer ones need more memory.
  actorTrain: { mbSpec: { maxTokensPerMb: 32_768 } },
  dataset: { path: "/storage/datasets/math.jsonl", maxPromptLen: 1024, trainBsNSeqs: 512 },
  actorInf: { mbSpec: { maxTokensPerMb: 32_768 } },
  // Neither a reference model nor a critic: only rewards count. The loss corrects for samples of older parameters, by log-probabilities
  // that are computed anew.
  ppo: { klCtl: 0, disableValue: true, recomputeLogprob: true, useDecoupledLoss: true },
  // Answers to each problem.
  groupSize: 16,
  // Versions that a sample may lag behind the parameters.
  maxHeadOffpolicyness: 4,
});
