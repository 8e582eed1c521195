import { CallOptions, Experiment, flow, fromOptions, inference, model, Option, Preset, trainStep } from "assay";
import { mathCodePrompt, nullInterface } from "assay/plugins";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";
import { PROMPT_OPTIONS, PromptDatasetOptions } from "../prompt-dataset.ts";

/** A reward and a train step that do nothing: for measuring what surrounds them. */
@Experiment("null-ppo", { tags: ["rl", "no-op"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl" },
})
export class NullPpo extends OneNodeExperiment {
  /** The model of both calls. */
  @Option() model = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Micro-batches of the reward, and its place under `allocationMode: "manual"`. */
  @Option() inf = new CallOptions();
  /** Micro-batches of the train step, and its place under `allocationMode: "manual"`. */
  @Option() train = new CallOptions();
  /** Prompts. */
  @Option() dataset = new PromptDatasetOptions();
  /** Prompts that are solved more often than this are left out after each epoch. @range >= 0 */
  @Option() datasetFilterThreshold = 0.2;
  /** Part of the prompts that an epoch may leave out, at most. @range [0, 1] */
  @Option() datasetMaxFilterPercentage = 0.1;

  override flow() {
    const { dataset } = this;
    const steps = { nSeqs: dataset.trainBsNSeqs, from: { nSeqs: "dataset.trainBsNSeqs" } };
    return flow({
      datasets: [
        fromOptions(
          mathCodePrompt({
            datasetPath: dataset.path,
            maxLength: dataset.maxPromptLen,
            filterThreshold: this.datasetFilterThreshold,
            maxFilterPercentage: this.datasetMaxFilterPercentage,
          }),
          PROMPT_OPTIONS,
        ),
      ],
      models: { default: this.model },
      calls: {
        trainDefault: trainStep("default", nullInterface(), {
          ...steps,
          allocation: this.train,
          reads: ["packed_prompts", "rewards"],
        }),
        reward: inference("default", nullInterface(), {
          ...steps,
          allocation: this.inf,
          reads: ["packed_prompts"],
          yields: ["rewards"],
        }),
      },
    });
  }
}

export { PromptDatasetOptions } from "../prompt-dataset.ts";
