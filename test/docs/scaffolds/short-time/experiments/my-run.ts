import { CommonExperiment, Experiment, flow, model, Option, Preset, readInput, registerExperiment, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/* example */

/** Trains on prompts and answers. */
@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  /** The model that is trained. */
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: 256 }) },
    });
  }
}
