import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** Trains on prompts and answers. */
@Experiment("my-run")
@Preset("one-node", { nNodes: 1, allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  /** The model that is trained. */
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    const maxLength = 1024;
    return flow({
      datasets: [promptAnswer({ maxLength, datasetPath: "/data/train.jsonl" })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: 256 }) },
    });
  }
}
