import { preset } from "assay";

// Answers math and code problems and scores the answers, as it is shipped, with options of ours. The allocation gives 4
// GPUs to generation with SGLang, and 4 to scoring.
preset("math-code-eval", "my-experiment", {
  cluster: "my-cluster",
  nNodes: 1,
  allocationMode: "sglang.d4p1m1+d4p1m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  rew: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/math.jsonl" },
  // Answers to each problem.
  groupSize: 4,
});
