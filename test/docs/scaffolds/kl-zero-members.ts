import { Experiment, model, Option, Preset } from "assay";
import { PpoMath, PpoOptions, PromptDatasetOptions } from "assay/experiments";
import "assay/plugins";

const qwen = () => model("qwen2.5-1.5b", { type: { family: "qwen2" } });

/** Has no weight for the distance from a reference. */
@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends PpoMath {
  @Option() override actor = qwen();
  @Option() override ref = qwen();
  @Option() override dataset = Object.assign(new PromptDatasetOptions(), { path: "/data/problems.jsonl" });
  @Option() override ppo = Object.assign(new PpoOptions(), { disableValue: true, klCtl: 0, fuseRewRef: false });

  /* example */
}
