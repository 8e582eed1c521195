import { CommonExperiment, Experiment, flow, inference, model, Option, trainStep } from "assay";
import { nullInterface } from "assay/plugins";
import { graded, writing } from "../plugins/jokes.ts";

/** Learns to write. */
@Experiment("my-run")
export class MyRun extends CommonExperiment {
  @Option() override allocationMode = "d2p1m1";
  @Option() override nGpusPerNode = 2;
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [writing({ path: "data/prompts.jsonl" })],
      models: { actor: this.actor },
      calls: {
        score: inference("actor", graded(), { nSeqs: 2 }),
        train: trainStep("actor", nullInterface(), { nSeqs: 2, reads: ["packed_prompts", "rewards"] }),
      },
    });
  }
}
