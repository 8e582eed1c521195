import { preset } from "assay";

// Supervised fine-tuning as it is shipped, with options of ours. `d4p1m2` lays the training step out on 8 GPUs:
// 4 x data, 1 x pipeline and 2 x tensor parallelism.
preset("sft", "my-experiment", {
  cluster: "my-cluster",
  nNodes: 1,
  allocationMode: "d4p1m2",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" }, optimizer: { lr: 2e-5 } },
  dataset: {
    trainPath: "/storage/datasets/sft/train.jsonl",
    validPath: "/storage/datasets/sft/valid.jsonl",
    maxSeqlen: 1024,
    trainBsNSeqs: 256,
  },
});
