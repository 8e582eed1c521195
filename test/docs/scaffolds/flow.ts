import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    const data = promptAnswer({ datasetPath: "/data/train.jsonl", maxLength: 1024 });
    /* example */
  }
}
