import { CommonExperiment, Experiment, flow, frozen, inference, model, Option, Preset, trainStep } from "assay";
import { dpo, nullInterface, rwPair } from "assay/plugins";

/** Trains on prompts and answers. */
@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  /** The model that is trained. */
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    /* example */
  }
}
