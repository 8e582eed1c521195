import { Experiment, flow, fromOptions, Preset, trainStep } from "assay";
import { nullInterface, promptAnswer } from "assay/plugins";
import { Sft } from "../sft/experiment.ts";

/** Everything of supervised fine-tuning but the training: for measuring what surrounds it. */
@Experiment("null-sft", { tags: ["sft", "no-op"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/storage/datasets/sft/train.jsonl" },
})
export class NullSft extends Sft {
  override flow() {
    const { dataset } = this;
    return flow({
      datasets: [
        fromOptions(promptAnswer({ maxLength: dataset.maxSeqlen, datasetPath: dataset.trainPath }), {
          maxLength: "dataset.maxSeqlen",
          datasetPath: "dataset.trainPath",
        }),
      ],
      models: { default: this.model },
      calls: {
        trainDefault: trainStep("default", nullInterface(), {
          nSeqs: dataset.trainBsNSeqs,
          from: { nSeqs: "dataset.trainBsNSeqs" },
          allocation: this.allocation,
          reads: ["packed_input_ids", "prompt_mask"],
        }),
      },
    });
  }
}
