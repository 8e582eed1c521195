import { Experiment, Preset } from "assay";
import { Sft } from "assay/experiments";
import "assay/plugins";

/** Supervised fine-tuning. */
@Experiment("my-run")
@Preset("one-node", {
  cluster: "one",
  allocationMode: "d8p1m1",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/data/train.jsonl", validPath: "/data/valid.jsonl" },
})
export class MyRun extends Sft {}
