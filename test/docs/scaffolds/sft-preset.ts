import { Experiment, model, Option, Preset } from "assay";
import { Sft, SftDatasetOptions } from "assay/experiments";
import "assay/plugins";

/** One call, which trains. */
@Experiment("my-run")
/* example */
export class MyRun extends Sft {
  @Option() override model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  @Option() override dataset = Object.assign(new SftDatasetOptions(), {
    trainPath: "/data/train.jsonl",
    validPath: "/data/valid.jsonl",
  });
}
