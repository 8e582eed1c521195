import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { megatron, promptAnswer, realModel, sft, tokenizer, vllm } from "assay/plugins";

/** Trains on prompts and answers. */
@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  /* example */

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: 256 }) },
    });
  }
}
