import { CallOptions, Experiment, flow, fromOptions, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";

/** Prompts and answers of supervised fine-tuning. */
export class SftDatasetOptions {
  /** File of the training examples. */
  trainPath = "";
  /** File of the evaluation examples. */
  validPath = "";
  /** Longest example, in tokens. @range integer >= 1 */
  maxSeqlen = 1024;
  /** Examples of a training step. @range integer >= 1 */
  trainBsNSeqs = 256;
  /** Examples of an evaluation batch. @range integer >= 1 */
  validBsNSeqs = 256;
  /** Pads every example to the longest length. */
  fillToMaxLength = false;
}

/** Supervised fine-tuning on prompts and answers. */
@Experiment("sft", { tags: ["sft"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/storage/datasets/sft/train.jsonl", validPath: "/storage/datasets/sft/valid.jsonl" },
})
@Preset("eight-nodes", {
  cluster: "h800x256",
  nNodes: 8,
  allocationMode: "d16p2m2",
  model: { path: "qwen2.5-7b", type: { family: "qwen2" } },
  dataset: { trainPath: "/storage/datasets/sft/train.jsonl", validPath: "/storage/datasets/sft/valid.jsonl" },
})
@Preset("32b-distill-gpus-128", {
  cluster: "h800x256",
  experimentName: "sft-32B-distill-gpus-128",
  trialName: "512x32",
  mode: "ray",
  recoverMode: "auto",
  recoverRetries: 10,
  wandb: { mode: "disabled" },
  allocationMode: "d32p1m4",
  nNodes: 16,
  nGpusPerNode: 8,
  expCtrl: { totalTrainEpochs: 200, saveFreqEpochs: 1, ckptFreqSecs: 600 },
  torchCacheMysophobia: true,
  dataset: {
    trainPath: "/storage/datasets/boba-sft_200_0319.jsonl",
    validPath: "/storage/datasets/boba-sft_200_0319.jsonl",
    maxSeqlen: 32_768,
    trainBsNSeqs: 64,
    validBsNSeqs: 64,
  },
  model: {
    type: { family: "qwen2" },
    path: "/storage/models/DeepSeek-R1-Distill-Qwen-32B",
    optimizer: {
      type: "adam",
      lrSchedulerType: "constant",
      lr: 1e-5,
      warmupStepsProportion: 0.03,
      initialLossScale: 262_144,
      lossScaleWindow: 10,
      hysteresis: 2,
      weightDecay: 0.1,
      eps: 1e-5,
    },
    bf16: true,
  },
  allocation: { mbSpec: { maxTokensPerMb: 32_768 } },
  envVars: { REAL_GPU_MEMORY_KILL_THRESHOLD: "1" },
})
export class Sft extends OneNodeExperiment {
  /** The model that is trained. */
  @Option() model = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Micro-batches of the train step, and its place under `allocationMode: "manual"`. */
  @Option() allocation = new CallOptions();
  /** Training and evaluation data. */
  @Option() dataset = new SftDatasetOptions();

  override flow() {
    const { dataset } = this;
    return flow({
      datasets: [
        fromOptions(
          promptAnswer({
            maxLength: dataset.maxSeqlen,
            datasetPath: dataset.trainPath,
            fillToMaxLength: dataset.fillToMaxLength,
          }),
          { maxLength: "dataset.maxSeqlen", datasetPath: "dataset.trainPath" },
        ),
      ],
      evalDataset: fromOptions(promptAnswer({ maxLength: dataset.maxSeqlen, datasetPath: dataset.validPath }), {
        maxLength: "dataset.maxSeqlen",
        datasetPath: "dataset.validPath",
      }),
      evalBatchSize: dataset.validBsNSeqs,
      models: { default: this.model },
      calls: {
        trainDefault: trainStep("default", sft(), {
          nSeqs: dataset.trainBsNSeqs,
          from: { nSeqs: "dataset.trainBsNSeqs" },
          allocation: this.allocation,
        }),
      },
    });
  }
}
