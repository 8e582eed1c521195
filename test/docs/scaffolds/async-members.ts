import { Experiment, type ExperimentConfig, model, Option, Preset } from "assay";
import { AsyncPpoMath, PpoOptions, PromptDatasetOptions } from "assay/experiments";
import "assay/plugins";

/** The same setups, whose servers count versions in batches of so many sequences. */
function countedBy(setups: ExperimentConfig | readonly ExperimentConfig[], trainBatchSize: number) {
  return [setups].flat().map((setup: ExperimentConfig) => {
    const { gserverManager } = setup;
    return { ...setup, gserverManager: { ...gserverManager, shared: { ...gserverManager.shared, trainBatchSize } } };
  });
}

@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "sglang.d4p1m1+d4p1m1", maxConcurrentRollouts: 512 })
export class MyRun extends AsyncPpoMath {
  @Option() override actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  @Option() override dataset = Object.assign(new PromptDatasetOptions(), { path: "/data/problems.jsonl" });
  @Option() override ppo = Object.assign(new PpoOptions(), {
    klCtl: 0,
    disableValue: true,
    recomputeLogprob: true,
    useDecoupledLoss: true,
  });

  /* example */
}
