import { Experiment, model, Option, Preset } from "assay";
import { AsyncPpoMath as Shipped, PpoOptions, PromptDatasetOptions } from "assay/experiments";
import "assay/plugins";

/** The shipped experiment with values for what it needs. */
abstract class AsyncPpoMath extends Shipped {
  @Option() override actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  @Option() override dataset = Object.assign(new PromptDatasetOptions(), { path: "/data/problems.jsonl" });
  @Option() override ppo = Object.assign(new PpoOptions(), {
    klCtl: 0,
    disableValue: true,
    recomputeLogprob: true,
    useDecoupledLoss: true,
  });
}

@Experiment("my-run")
/* example */
export class MyRun extends AsyncPpoMath {}
