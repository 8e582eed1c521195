import { Experiment, model, Option, Preset } from "assay";
import { PpoMath, PpoOptions, PromptDatasetOptions } from "assay/experiments";
import "assay/plugins";

/** Generates and trains on one model, without a critic and without a reference. */
@Experiment("my-run")
/* example */
export class MyRun extends PpoMath {
  @Option() override actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  @Option() override dataset = Object.assign(new PromptDatasetOptions(), { path: "/data/problems.jsonl" });
  @Option() override ppo = Object.assign(new PpoOptions(), { disableValue: true, klCtl: 0, fuseRewRef: false });
}
