import { CallOptions, Experiment, flow, fromOptions, frozen, inference, model, Option, Preset, trainStep } from "assay";
import { dpo, rwPair } from "assay/plugins";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";
import { PAIR_OPTIONS, PairDatasetOptions } from "../pair-dataset.ts";

/**
 * Direct preference optimization: trains a policy on pairs of answers to prefer the better one, against a fixed reference, without a
 * reward model and without generation.
 */
@Experiment("dpo", { tags: ["preference", "dpo"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  ref: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/storage/datasets/preference/train.jsonl" },
})
@Preset("four-nodes", {
  cluster: "h800x256",
  nNodes: 4,
  allocationMode: "d4p2m4",
  actor: { path: "/storage/models/Qwen2.5-14B", type: { family: "qwen2" }, optimizer: { lr: 1e-6 } },
  ref: { path: "/storage/models/Qwen2.5-14B", type: { family: "qwen2" } },
  dataset: { trainPath: "/storage/datasets/preference/train.jsonl", maxSeqlen: 2048, trainBsNSeqs: 128 },
})
export class Dpo extends OneNodeExperiment {
  /** The policy that is trained: mostly one that was fine-tuned before. */
  @Option() actor = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The reference that the policy is kept close to: mostly the checkpoint that the policy starts from. */
  @Option() ref = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Micro-batches of the train step, and its place under `allocationMode: "manual"`. */
  @Option() actorTrain = new CallOptions();
  /** Micro-batches of the reference's log-probabilities, and their place under `allocationMode: "manual"`. */
  @Option() refInf = new CallOptions();
  /** Pairs of answers. */
  @Option() dataset = new PairDatasetOptions();
  /** Weight of the distance from the reference: the larger, the closer the policy stays. @range > 0 */
  @Option() beta = 0.1;

  override flow() {
    const { beta, dataset } = this;
    const steps = { nSeqs: dataset.trainBsNSeqs, from: { nSeqs: "dataset.trainBsNSeqs" } };
    return flow({
      datasets: [
        fromOptions(
          rwPair({
            datasetPath: dataset.trainPath,
            maxLength: dataset.maxSeqlen,
            maxPairsPerPrompt: dataset.maxPairsPerPrompt,
          }),
          PAIR_OPTIONS,
        ),
      ],
      models: { actor: this.actor, ref: frozen(this.ref) },
      calls: {
        actor_train: trainStep("actor", dpo({ beta }), { ...steps, allocation: this.actorTrain }),
        ref_inf: inference("ref", dpo({ beta, enableSave: false }), { ...steps, allocation: this.refInf }),
      },
    });
  }
}

export { PairDatasetOptions } from "../pair-dataset.ts";
