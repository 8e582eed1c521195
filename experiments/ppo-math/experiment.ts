import {
  CallOptions,
  Experiment,
  type Flow,
  flow,
  fromOptions,
  frozen,
  generate,
  inference,
  MicroBatchOptions,
  model,
  Option,
  Preset,
  trainStep,
  when,
} from "assay";
import { fusedThreading, mathCodePrompt, rwMathCode } from "assay/plugins";
import { ActorCriticExperiment } from "../actor-critic.ts";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { PROMPT_OPTIONS } from "../prompt-dataset.ts";
import { distilled } from "./distilled.ts";
import { PpoOptions } from "./options.ts";

/** Proximal policy optimization on math and code problems, whose rewards are computed from the text. */
@Experiment("ppo-math", { tags: ["rl", "ppo", "math"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  critic: { path: "qwen2.5-1.5b", type: { family: "qwen2", isCritic: true }, initCriticFromActor: true },
  ref: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl", maxPromptLen: 1024 },
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  criticTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  actorGen: { mbSpec: { maxTokensPerMb: 30_720 } },
  criticInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  refInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  groupSize: 8,
})
@Preset("1.5b-distill-gpus-8", {
  ...distilled("/storage/models/DeepSeek-R1-Distill-Qwen-1.5B"),
  experimentName: "ppo-1.5B-distill-gpus-8",
  allocationMode: "sglang.d4p1m1+d2p2m1",
  nNodes: 1,
})
@Preset("1.5b-distill-gpus-128", {
  ...distilled("/storage/models/DeepSeek-R1-Distill-Qwen-1.5B"),
  experimentName: "ppo-1.5B-distill-gpus-128",
  allocationMode: "sglang.d64p1m1+d32p2m1",
  nNodes: 16,
})
@Preset("7b-distill-gpus-32", {
  ...distilled("/storage/models/DeepSeek-R1-Distill-Qwen-7B"),
  experimentName: "ppo-7B-distill-gpus-32",
  allocationMode: "sglang.d16p1m1+d8p2m1",
  nNodes: 4,
})
export class PpoMath extends ActorCriticExperiment {
  /** Not used: rewards are computed from the text, beside a copy of the actor. */
  @Option() rew = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Parameters of the algorithm. */
  @Option() override ppo = new PpoOptions();
  /** Place of the rewards under `allocationMode: "manual"`; they have one micro-batch. */
  @Option() rewInf = new CallOptions();
  /** Asks the verifier whether it is up before it is used. */
  @Option() checkVerifierStatus = false;
  /** How an answer is scored: `sparse` is right or wrong. */
  @Option() rwType: "sparse" | null = "sparse";
  /** Wants answers in XML tags. */
  @Option() checkXmlFormat = false;
  /** Problems that are solved more often than this are left out after each epoch. @range >= 0 */
  @Option() datasetFilterThreshold = 100;
  /** Part of the problems that an epoch may leave out, at most. @range [0, 1] */
  @Option() datasetMaxFilterPercentage = 0;
  /** Groups that are solved more often are not trained on; read by asynchronous experiments. @range [0, 1] */
  @Option() successRateUb = 1;
  /** Groups that are solved less often are not trained on; read by asynchronous experiments. @range [0, 1] */
  @Option() successRateLb = 0;
  /** Generates and measures without training; read by asynchronous experiments. */
  @Option() noTraining = false;

  override flow(): Flow {
    const { ppo } = this;
    const { whole, scored, trained } = this.steps;
    const actor = this.actorInterface();
    const rew = this.rewardInterface();
    const ref = this.referenceInterface();
    const isFused = this.hasReference && ppo.fuseRewRef;
    return flow({
      datasets: [this.problems()],
      maxPromptLen: this.dataset.maxPromptLen,
      evaluateFrom: this.actor.path,
      models: { actor: this.actor, critic: this.critic, ref: frozen(this.ref), reward: frozen(this.actor) },
      calls: {
        actor_gen: generate("actor", actor, {
          ...whole,
          allocation: this.actorGen,
          generation: ppo.gen,
          yields: this.generatedKeys(),
        }),
        actor_train: trainStep("actor", actor, {
          ...trained,
          allocation: this.actorTrain,
          blendInto: this.refEmaEta === null ? null : { role: "ref", eta: this.refEmaEta },
          reads: this.trainedKeys(),
        }),
        ...this.criticCalls(),
        ref_inf: when(
          this.hasReference,
          inference("ref", isFused ? fusedThreading({ interfaces: { rew, ref } }) : ref, {
            ...scored,
            allocation: this.refInf,
            reads: ["packed_input_ids", isFused && "packed_prompts", isFused && "task_ids"],
            yields: ["packed_ref_logprobs", isFused && "rewards"],
            rename: { logprobs: "packed_ref_logprobs" },
          }),
        ),
        actor_inf: when(
          this.recomputesLogprobs,
          inference("actor", actor, { ...whole, allocation: this.actorInf, ...this.recomputedKeys() }),
        ),
        rew_inf: when(
          !isFused,
          inference("reward", rew, { ...scored, allocation: this.rewInf, microBatches: new MicroBatchOptions() }),
        ),
      },
    });
  }

  protected problems() {
    return fromOptions(
      mathCodePrompt({
        datasetPath: this.dataset.path,
        maxLength: this.dataset.maxPromptLen,
        filterThreshold: this.datasetFilterThreshold,
        maxFilterPercentage: this.datasetMaxFilterPercentage,
      }),
      PROMPT_OPTIONS,
    );
  }

  protected rewardInterface() {
    return rwMathCode({
      datasetPath: this.dataset.path,
      tokenizerPath: this.actor.path,
      outputScaling: this.ppo.rewardOutputScaling,
      outputBias: this.ppo.rewardOutputBias,
      rwType: this.rwType,
      checkXmlFormat: this.checkXmlFormat,
      groupSize: this.groupSize,
      checkVerifierStatus: this.checkVerifierStatus,
    });
  }
}

export { PromptDatasetOptions } from "../prompt-dataset.ts";
export { PpoOptions } from "./options.ts";
