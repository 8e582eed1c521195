import {
  CallOptions,
  Experiment,
  type Flow,
  flow,
  frozen,
  generate,
  generationConfig,
  inference,
  MicroBatchOptions,
  model,
  Option,
  Preset,
  trainStep,
  when,
} from "assay";
import { fusedThreading, mathCodePrompt, ppoActor, ppoCritic, rwMathCode } from "assay/plugins";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";
import { PromptDatasetOptions } from "../prompt-dataset.ts";
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
export class PpoMath extends OneNodeExperiment {
  /** The policy. */
  @Option() actor = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The value function; not used with `ppo.disableValue`. */
  @Option() critic = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The reference that the policy is kept close to; not used if `ppo.klCtl` is 0. */
  @Option() ref = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Not used: rewards are computed from the text, beside a copy of the actor. */
  @Option() rew = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Micro-batches of the actor's train step, and its place under `allocationMode: "manual"`. */
  @Option() actorTrain = new CallOptions();
  /** Micro-batches of the critic's train step, and its place under `allocationMode: "manual"`. */
  @Option() criticTrain = new CallOptions();
  /** Micro-batches of generation, and its place under `allocationMode: "manual"`. */
  @Option() actorGen = new CallOptions();
  /** Micro-batches of the values, and their place under `allocationMode: "manual"`. */
  @Option() criticInf = new CallOptions();
  /** Place of the rewards under `allocationMode: "manual"`; they have one micro-batch. */
  @Option() rewInf = new CallOptions();
  /** Micro-batches of the reference, and its place under `allocationMode: "manual"`. */
  @Option() refInf = new CallOptions();
  /** Micro-batches of recomputed log-probabilities, and their place under `allocationMode: "manual"`. */
  @Option() actorInf = new CallOptions();
  /** Problems. */
  @Option() dataset = new PromptDatasetOptions();
  /** Parameters of the algorithm. */
  @Option() ppo = new PpoOptions();
  /** Answers to each problem that are trained on. @range integer >= 1 */
  @Option() groupSize = 1;
  /** Answers to each problem that are generated, of which the best are trained on; `groupSize` if null. @range integer >= 1 */
  @Option() generationSize: number | null = null;
  /** Gives answers without an end no reward. */
  @Option() maskNoEosWithZero = false;
  /** Leaves answers that were cut off out of the loss. */
  @Option() maskTooLong = false;
  /** Asks the verifier whether it is up before it is used. */
  @Option() checkVerifierStatus = false;
  /** Normalises advantages within the answers to one problem. */
  @Option() groupAdvNorm = false;
  /** Weight of the actor in the reference, which follows it after each step; a fixed reference if null. @range [0, 1] */
  @Option() refEmaEta: number | null = null;
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

  /** Sequences of a step, and the least that a forward pass takes, in groups: all, those of one, a minibatch of them. */
  protected get steps() {
    const nSeqs = this.dataset.trainBsNSeqs;
    const from = { nSeqs: "dataset.trainBsNSeqs", minSeqsPerPass: "groupSize", blendInto: "refEmaEta" };
    return {
      whole: { nSeqs, from },
      scored: { nSeqs, from, minSeqsPerPass: 1 / this.groupSize },
      trained: { nSeqs, from, minSeqsPerPass: this.ppo.ppoNMinibatches / this.groupSize },
    };
  }

  protected get hasReference(): boolean {
    return this.ppo.klCtl !== 0;
  }

  protected get hasValues(): boolean {
    return !this.ppo.disableValue;
  }

  protected get recomputesLogprobs(): boolean {
    return this.ppo.recomputeLogprob || this.ppo.useDecoupledLoss;
  }

  /** What generation gives; its log-probabilities only if nothing takes their place. */
  protected generatedKeys() {
    const enginesLogprobs = this.ppo.useDecoupledLoss || !this.ppo.recomputeLogprob;
    return ["seq_no_eos_mask", "packed_input_ids", enginesLogprobs && "packed_logprobs", "prompt_mask"] as const;
  }

  /** What the actor is trained on. */
  protected trainedKeys() {
    return [
      "packed_input_ids",
      "packed_logprobs",
      this.hasReference && "packed_ref_logprobs",
      "rewards",
      "task_ids",
      this.hasValues && "values",
      "prompt_mask",
      "seq_no_eos_mask",
      this.ppo.useDecoupledLoss && "proximal_logprobs",
    ] as const;
  }

  /** Keys of recomputed log-probabilities: they take the place of the engine's, or stand beside them. */
  protected recomputedKeys() {
    const logprobs = this.ppo.useDecoupledLoss ? "proximal_logprobs" : "packed_logprobs";
    return { reads: ["packed_input_ids"], yields: [logprobs], rename: { logprobs } } as const;
  }

  protected criticCalls() {
    const { scored, trained } = this.steps;
    const critic = this.criticInterface();
    return {
      critic_inf: when(this.hasValues, inference("critic", critic, { ...scored, allocation: this.criticInf })),
      critic_train: when(
        this.hasValues,
        trainStep("critic", critic, {
          ...trained,
          allocation: this.criticTrain,
          reads: [
            "packed_input_ids",
            "packed_logprobs",
            this.hasReference && "packed_ref_logprobs",
            "rewards",
            "values",
            "prompt_mask",
            "seq_no_eos_mask",
          ],
        }),
      ),
    };
  }

  protected problems() {
    return mathCodePrompt({
      datasetPath: this.dataset.path,
      maxLength: this.dataset.maxPromptLen,
      filterThreshold: this.datasetFilterThreshold,
      maxFilterPercentage: this.datasetMaxFilterPercentage,
    });
  }

  /** Arguments that the actor and the critic share. */
  protected sharedArguments() {
    const { ppo } = this;
    return {
      nMinibatches: ppo.ppoNMinibatches,
      klCtl: ppo.klCtl,
      discount: ppo.discount,
      gaeLambda: ppo.gaeLambda,
      valueEpsClip: ppo.valueEpsClip,
      maxRewardClip: ppo.maxRewardClip,
      adaptiveKlCtl: ppo.useAdaptiveKlCtl,
      valueNorm: ppo.valueNorm,
      valueNormType: ppo.valueNormType,
      valueNormBeta: ppo.valueNormBeta,
      valueNormEps: ppo.valueNormEps,
      disableValue: ppo.disableValue,
      maskNoEosWithZero: this.maskNoEosWithZero,
      groupSize: this.groupSize,
      maskTooLong: this.maskTooLong,
    };
  }

  protected actorArguments() {
    const { ppo } = this;
    return {
      ...this.sharedArguments(),
      epsClip: ppo.epsClip,
      generationConfig: generationConfig(ppo.gen),
      earlyStopImpRatio: ppo.earlyStopImpRatio,
      advNorm: ppo.advNorm,
      cClip: ppo.cClip,
      sampleReuse: ppo.actorSampleReuse,
      generationSize: this.generationSize,
      groupAdvNorm: this.groupAdvNorm,
    };
  }

  protected actorInterface() {
    return ppoActor(this.actorArguments());
  }

  protected criticInterface() {
    return ppoCritic({ ...this.sharedArguments(), sampleReuse: this.ppo.criticSampleReuse });
  }

  /** The reference computes log-probabilities as the actor does, and is never saved. */
  protected referenceInterface() {
    return ppoActor({ ...this.actorArguments(), enableSave: false });
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
