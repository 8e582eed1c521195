import { Experiment, model, Option, Preset } from "assay";
import { Sft as Shipped, SftDatasetOptions } from "assay/experiments";
import "assay/plugins";

/** The shipped experiment with values for what it needs. */
abstract class Sft extends Shipped {
  @Option() override allocationMode = "d8p1m1";
  @Option() override model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  @Option() override dataset = Object.assign(new SftDatasetOptions(), {
    trainPath: "/data/train.jsonl",
    validPath: "/data/valid.jsonl",
  });
}

@Experiment("my-run")
/* example */
