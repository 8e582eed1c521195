import { CallOptions, CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** Fine-tunes a model on prompts and their answers. */
@Experiment("my-experiment", { tags: ["sft"] })
// `d4p1m2` lays every call out on 8 GPUs: 4 x data, 1 x pipeline and 2 x tensor parallelism.
@Preset("one-node", { cluster: "my-cluster", nNodes: 1, allocationMode: "d4p1m2" })
@Preset("two-nodes", { cluster: "my-cluster", nNodes: 2, allocationMode: "d8p1m2", batchSize: 512 })
export class MyExperiment extends CommonExperiment {
  /** Examples of a training step. @range integer >= 1 */
  @Option() batchSize = 256;
  /** Longest example, in tokens. @range integer >= 1 */
  @Option() maxLength = 1024;
  /** The model that is trained. */
  @Option() model = model("qwen2.5-1.5b", { optimizer: { lr: 2e-5 } });
  /** Micro-batches of the training step. */
  @Option() allocation = new CallOptions();

  /** One step: its data, its models, and the calls that use them. */
  override flow() {
    return flow({
      datasets: [promptAnswer({ datasetPath: "/storage/datasets/answers.jsonl", maxLength: this.maxLength })],
      models: { default: this.model },
      calls: {
        train: trainStep("default", sft(), { nSeqs: this.batchSize, allocation: this.allocation }),
      },
    });
  }
}
