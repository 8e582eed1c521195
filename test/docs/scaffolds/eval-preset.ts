import { Experiment, model, Option, Preset } from "assay";
import { MathCodeEval, PromptDatasetOptions } from "assay/experiments";
import "assay/plugins";

/** Generates answers and scores them; trains nothing. */
@Experiment("my-run")
/* example */
export class MyRun extends MathCodeEval {
  @Option() override actor = model("qwen2.5-32b", { type: { family: "qwen2" } });
  @Option() override rew = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  @Option() override dataset = Object.assign(new PromptDatasetOptions(), { path: "/data/problems.jsonl" });
}
