import { Experiment, model, Option, Preset } from "assay";
import { PpoMath, PpoOptions, PromptDatasetOptions } from "assay/experiments";
import "assay/plugins";

const qwen = () => model("qwen2.5-1.5b", { type: { family: "qwen2" } });

/** Calls `actor_gen`, `actor_train` and `rew_inf`, without a critic and without a reference unless a preset says so. */
@Experiment("my-run")
/* example */
export class MyRun extends PpoMath {
  @Option() override actor = qwen();
  @Option() override ref = qwen();
  @Option() override dataset = Object.assign(new PromptDatasetOptions(), { path: "/data/problems.jsonl" });
  @Option() override ppo = Object.assign(new PpoOptions(), { disableValue: true, klCtl: 0, fuseRewRef: false });
}
