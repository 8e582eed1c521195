/** A class with two presets: train step and evaluation of a small model. */
export const TUNE = `import { CommonExperiment, Experiment, flow, inference, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** Supervised fine-tuning. */
@Experiment("tune")
@Preset("one-node", { cluster: "one", allocationMode: "d4p1m2" })
@Preset("four-nodes", {
  cluster: "small",
  nNodes: 4,
  allocationMode: "train:d8p2m2,*:d32p1m1",
  "actor.optimizer.lr": 3e-5,
})
export class Tune extends CommonExperiment {
  /** Examples of a training step. @range integer >= 1 */
  @Option() examples = 128;
  /** How examples are ordered. */
  @Option() order: "shuffled" | "sorted" = "shuffled";
  /** The model that is trained. */
  @Option() actor = model("qwen2.5-1.5b", { optimizer: { lr: 1e-5 } });

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: this.examples }) },
    });
  }
}
`;

/** Another class of the same call name. */
export const OTHER = `
@Experiment("other")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Other extends CommonExperiment {
  @Option() base = model("qwen2.5-1.5b");

  override flow() {
    const train = trainStep("base", sft(), { nSeqs: 64 });
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { base: this.base },
      calls: { train },
    });
  }
}
`;

/** A preset that stands on a shipped experiment, with an engine that its servers don't have. */
export const ASYNC = `import { preset } from "assay";
import "assay/experiments";

preset("async-ppo-math", "mine", {
  cluster: "one",
  allocationMode: "vllm.d4p1m1+d4p1m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  ref: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/data/math.jsonl", maxPromptLen: 1024 },
  ppo: { disableValue: true, recomputeLogprob: true, useDecoupledLoss: true },
  groupSize: 8,
  maxHeadOffpolicyness: 4,
});
`;

/** Two presets that share settings, and an allocation with a name. */
export const SHARED = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

const layout = "d2p1m4";
const common = { cluster: "one", nNodes: 1, examples: 64 } as const;

@Experiment("shared")
@Preset("whole", { cluster: "one", allocationMode: "d8p1m1" })
@Preset("half", { ...common, allocationMode: layout })
@Preset("other-half", { ...common, allocationMode: "d4p1m2" })
export class Shared extends CommonExperiment {
  /** Examples of a training step. */
  @Option() examples = 128;
  /** The model that is trained. */
  @Option() actor = model("qwen2.5-1.5b");

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: this.examples }) },
    });
  }
}
`;
