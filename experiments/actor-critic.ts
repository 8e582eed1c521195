import { CallOptions, fromOptions, generationConfig, inference, model, Option, trainStep, when } from "assay";
import { ppoActor, ppoCritic } from "assay/plugins";
import { generationOrigins } from "./argument-options.ts";
import { MODEL_PLUGINS } from "./model-plugins.ts";
import { OneNodeExperiment } from "./one-node.ts";
import type { ActorCriticOptions } from "./policy-options.ts";
import { PromptDatasetOptions } from "./prompt-dataset.ts";

/** Options that arguments of the actor and of the critic come from. */
const SHARED_OPTIONS = {
  nMinibatches: "ppo.ppoNMinibatches",
  klCtl: "ppo.klCtl",
  discount: "ppo.discount",
  gaeLambda: "ppo.gaeLambda",
  valueEpsClip: "ppo.valueEpsClip",
  maxRewardClip: "ppo.maxRewardClip",
  adaptiveKlCtl: "ppo.useAdaptiveKlCtl",
  valueNorm: "ppo.valueNorm",
  valueNormType: "ppo.valueNormType",
  valueNormBeta: "ppo.valueNormBeta",
  valueNormEps: "ppo.valueNormEps",
  disableValue: "ppo.disableValue",
  maskNoEosWithZero: "maskNoEosWithZero",
  groupSize: "groupSize",
  maskTooLong: "maskTooLong",
} as const;

/** Options that arguments of the actor come from. */
const ACTOR_OPTIONS = {
  ...SHARED_OPTIONS,
  ...generationOrigins("generationConfig", "ppo.gen"),
  epsClip: "ppo.epsClip",
  earlyStopImpRatio: "ppo.earlyStopImpRatio",
  advNorm: "ppo.advNorm",
  cClip: "ppo.cClip",
  sampleReuse: "ppo.actorSampleReuse",
  generationSize: "generationSize",
  groupAdvNorm: "groupAdvNorm",
} as const;

/** Base of experiments by proximal policy optimization: their models, their calls, and the keys of these. They differ in rewards. */
export abstract class ActorCriticExperiment extends OneNodeExperiment {
  /** The policy. */
  @Option() actor = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The value function; not used with `ppo.disableValue`. */
  @Option() critic = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The reference that the policy is kept close to; not used if `ppo.klCtl` is 0. */
  @Option() ref = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Micro-batches of the actor's train step, and its place under `allocationMode: "manual"`. */
  @Option() actorTrain = new CallOptions();
  /** Micro-batches of the critic's train step, and its place under `allocationMode: "manual"`. */
  @Option() criticTrain = new CallOptions();
  /** Micro-batches of generation, and its place under `allocationMode: "manual"`. */
  @Option() actorGen = new CallOptions();
  /** Micro-batches of the values, and their place under `allocationMode: "manual"`. */
  @Option() criticInf = new CallOptions();
  /** Micro-batches of the reference, and its place under `allocationMode: "manual"`. */
  @Option() refInf = new CallOptions();
  /** Micro-batches of recomputed log-probabilities, and their place under `allocationMode: "manual"`. */
  @Option() actorInf = new CallOptions();
  /** Prompts. */
  @Option() dataset = new PromptDatasetOptions();
  /** Answers to each prompt that are trained on. @range integer >= 1 */
  @Option() groupSize = 1;
  /** Answers to each prompt that are generated, of which the best are trained on; `groupSize` if null. @range integer >= 1 */
  @Option() generationSize: number | null = null;
  /** Gives answers without an end no reward. */
  @Option() maskNoEosWithZero = false;
  /** Leaves answers that were cut off out of the loss. */
  @Option() maskTooLong = false;
  /** Normalises advantages within the answers to one prompt. */
  @Option() groupAdvNorm = false;
  /** Weight of the actor in the reference, which follows it after each step; a fixed reference if null. @range [0, 1] */
  @Option() refEmaEta: number | null = null;
  /** Parameters of the algorithm. */
  abstract ppo: ActorCriticOptions;

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
    return fromOptions(ppoActor(this.actorArguments()), ACTOR_OPTIONS);
  }

  protected criticInterface() {
    const critic = ppoCritic({ ...this.sharedArguments(), sampleReuse: this.ppo.criticSampleReuse });
    return fromOptions(critic, { ...SHARED_OPTIONS, sampleReuse: "ppo.criticSampleReuse" });
  }

  /** The reference computes log-probabilities as the actor does, and is never saved. */
  protected referenceInterface() {
    return fromOptions(ppoActor({ ...this.actorArguments(), enableSave: false }), ACTOR_OPTIONS);
  }
}
