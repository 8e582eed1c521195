import { CallOptions, Experiment, flow, fromOptions, model, Option, Preset, trainStep } from "assay";
import { pairedRw, rwPair } from "assay/plugins";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";
import { PAIR_OPTIONS, PairDatasetOptions } from "../pair-dataset.ts";

/** Pairs of answers for training and for evaluation. */
export class RewardDatasetOptions extends PairDatasetOptions {
  /** File of the evaluation pairs; nothing is evaluated if null. */
  validPath: string | null = null;
  /** Prompts of an evaluation batch, each with its pairs. @range integer >= 1 */
  validBsNSeqs = 256;
}

/** Reward modeling: trains a model on pairs of answers to score the better one higher; `ppo` and `grpo` learn from its scores. */
@Experiment("reward-model", { tags: ["preference", "reward"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: {
    trainPath: "/storage/datasets/preference/train.jsonl",
    validPath: "/storage/datasets/preference/valid.jsonl",
  },
})
@Preset("four-nodes", {
  cluster: "h800x256",
  nNodes: 4,
  allocationMode: "d8p1m4",
  model: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" }, optimizer: { lr: 5e-6 } },
  dataset: {
    trainPath: "/storage/datasets/preference/train.jsonl",
    validPath: "/storage/datasets/preference/valid.jsonl",
    maxSeqlen: 2048,
    trainBsNSeqs: 512,
  },
})
export class RewardModel extends OneNodeExperiment {
  /** The model that learns to score: a language model's checkpoint, whose last layer becomes a single number. */
  @Option() model = model(
    null,
    { type: { family: "llama", isCritic: true }, initCriticFromActor: true },
    MODEL_PLUGINS,
  );
  /** Micro-batches of the train step, and its place under `allocationMode: "manual"`. */
  @Option() allocation = new CallOptions();
  /** Pairs of answers. */
  @Option() dataset = new RewardDatasetOptions();

  override flow() {
    const { dataset } = this;
    return flow({
      datasets: [this.pairs("trainPath", dataset.trainPath)],
      evalDataset: dataset.validPath === null ? null : this.pairs("validPath", dataset.validPath),
      evalBatchSize: dataset.validBsNSeqs,
      models: { default: this.model },
      calls: {
        rwTrain: trainStep("default", pairedRw(), {
          nSeqs: dataset.trainBsNSeqs,
          from: { nSeqs: "dataset.trainBsNSeqs" },
          allocation: this.allocation,
        }),
      },
    });
  }

  /** @param option of the dataset that gives the path */
  protected pairs(option: "trainPath" | "validPath", datasetPath: string) {
    const { maxSeqlen, maxPairsPerPrompt } = this.dataset;
    return fromOptions(rwPair({ datasetPath, maxLength: maxSeqlen, maxPairsPerPrompt }), {
      ...PAIR_OPTIONS,
      datasetPath: `dataset.${option}`,
    });
  }
}
