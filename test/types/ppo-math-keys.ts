// The calls of PPO on math problems, whose keys hang on five options.
import {
  CommonExperiment,
  flow,
  frozen,
  generate,
  generationConfig,
  GenerationOptions,
  inference,
  model,
  Option,
  trainStep,
  when,
} from "assay";
import {
  fusedThreading,
  inferenceBackend,
  mathCodePrompt,
  megatron,
  ppoActor,
  ppoCritic,
  qwen2,
  realModel,
  rwMathCode,
} from "assay/plugins";

const PLUGINS = [realModel, megatron, inferenceBackend, qwen2];

/** Proximal policy optimization on math problems, as far as its graph goes. */
export class PpoMathKeys extends CommonExperiment {
  /** Prompts of a step. @range integer >= 1 */
  @Option() batchSize = 64;
  /** Answers to a prompt. @range integer >= 1 */
  @Option() groupSize = 8;
  /** Parts that a batch is trained in. @range integer >= 1 */
  @Option() nMinibatches = 4;
  /** Weight of the distance from the reference. @range >= 0 */
  @Option() klCtl = 0.1;
  /** Trains without a critic. */
  @Option() disableValue = false;
  /** Log-probabilities by the trained model rather than by the engine. */
  @Option() recomputeLogprob = false;
  /** Keeps the engine's log-probabilities beside those of the trained model. */
  @Option() useDecoupledLoss = false;
  /** Computes rewards beside the reference's log-probabilities. */
  @Option() fuseRewRef = false;
  /** The policy. */
  @Option() actor = model("qwen2.5-1.5b", {}, PLUGINS);
  /** The value function. */
  @Option() critic = model("qwen2.5-1.5b", { type: { isCritic: true } }, PLUGINS);

  /** How answers are generated. */
  @Option() gen = new GenerationOptions();

  override flow() {
    const { useDecoupledLoss, recomputeLogprob } = this;
    const hasReference = this.klCtl !== 0;
    const hasValues = !this.disableValue;
    const isFused = hasReference && this.fuseRewRef;
    const enginesLogprobs = useDecoupledLoss || !recomputeLogprob;
    const actorsLogprobs = useDecoupledLoss ? "proximal_logprobs" : "packed_logprobs";
    const scored = { minSeqsPerPass: 1 / this.groupSize };
    const trained = { minSeqsPerPass: this.nMinibatches / this.groupSize };
    const trains = {
      nMinibatches: this.nMinibatches,
      klCtl: this.klCtl,
      discount: 1,
      gaeLambda: 1,
      valueEpsClip: 0.2,
      maxRewardClip: 20,
      adaptiveKlCtl: false,
      valueNorm: true,
      valueNormType: "exp",
      valueNormBeta: 0.999_95,
      valueNormEps: 1e-5,
      disableValue: this.disableValue,
      maskNoEosWithZero: false,
      groupSize: this.groupSize,
      maskTooLong: false,
      sampleReuse: 1,
    } as const;
    const actor = ppoActor({
      ...trains,
      epsClip: 0.2,
      generationConfig: generationConfig(this.gen, { n: this.groupSize }),
      earlyStopImpRatio: 5,
      advNorm: true,
      generationSize: null,
      groupAdvNorm: false,
      cClip: null,
    });
    const critic = ppoCritic(trains);
    const rew = rwMathCode({
      datasetPath: "/data/math.jsonl",
      tokenizerPath: this.actor.path,
      rwType: "sparse",
      checkXmlFormat: false,
      groupSize: this.groupSize,
      checkVerifierStatus: false,
    });

    return flow({
      datasets: [mathCodePrompt({ datasetPath: "/data/math.jsonl", maxLength: 1024 })],
      models: { actor: this.actor, critic: this.critic, ref: frozen(this.actor), reward: frozen(this.actor) },
      calls: {
        actor_gen: generate("actor", actor, {
          nSeqs: this.batchSize,
          yields: ["seq_no_eos_mask", "packed_input_ids", enginesLogprobs && "packed_logprobs", "prompt_mask"],
        }),
        actor_train: trainStep("actor", actor, {
          ...trained,
          reads: [
            "packed_input_ids",
            "packed_logprobs",
            hasReference && "packed_ref_logprobs",
            "rewards",
            "task_ids",
            hasValues && "values",
            "prompt_mask",
            "seq_no_eos_mask",
            useDecoupledLoss && "proximal_logprobs",
          ],
        }),
        critic_inf: when(hasValues, inference("critic", critic, scored)),
        critic_train: when(
          hasValues,
          trainStep("critic", critic, {
            ...trained,
            reads: [
              "packed_input_ids",
              "packed_logprobs",
              hasReference && "packed_ref_logprobs",
              "rewards",
              "values",
              "prompt_mask",
              "seq_no_eos_mask",
            ],
          }),
        ),
        ref_inf: when(
          hasReference,
          inference("ref", isFused ? fusedThreading({ interfaces: { rew, ref: actor } }) : actor, {
            ...scored,
            reads: ["packed_input_ids", isFused && "packed_prompts", isFused && "task_ids"],
            yields: ["packed_ref_logprobs", isFused && "rewards"],
            rename: { logprobs: "packed_ref_logprobs" },
          }),
        ),
        actor_inf: when(
          recomputeLogprob || useDecoupledLoss,
          inference("actor", actor, { rename: { logprobs: actorsLogprobs } }),
        ),
        rew_inf: when(!isFused, inference("reward", rew, scored)),
      },
    });
  }
}
