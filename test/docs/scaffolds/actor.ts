import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** One call, which trains role `actor`. */
@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  /* example */

  override flow() {
    return flow({
      datasets: [promptAnswer({ datasetPath: "/data/train.jsonl", maxLength: 1024 })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: 256 }) },
    });
  }
}
