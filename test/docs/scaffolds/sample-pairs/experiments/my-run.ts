import { preset } from "assay";
import "assay/experiments";

preset("reward-model", "my-run", {
  cluster: "one",
  nGpusPerNode: 2,
  allocationMode: "d2p1m1",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "data/pairs.jsonl", trainBsNSeqs: 2 },
});
