import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { sft } from "assay/plugins";
import { chatMessages } from "assay-dataset-chat";

/** Trains on conversations. */
@Experiment("my-run")
@Preset("one-node", { nNodes: 1, allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  /** The model that is trained. */
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [chatMessages({ path: "/data/train.jsonl" })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: 256 }) },
    });
  }
}
