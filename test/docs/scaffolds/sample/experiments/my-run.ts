import { preset } from "assay";
import "assay/experiments";

preset("ppo-math", "my-run", {
  cluster: "one",
  nGpusPerNode: 2,
  allocationMode: "d2p1m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "data/problems.jsonl", maxPromptLen: 16, trainBsNSeqs: 2 },
  ppo: { klCtl: 0, disableValue: true, ppoNMinibatches: 1 },
});
