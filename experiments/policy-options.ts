import { GenerationOptions } from "assay";

/** What trains a policy by the rewards of what it generates, with or without a value function. */
export class PolicyOptions {
  /** How sequences are generated. */
  gen = new GenerationOptions();
  /** Parts that a batch is trained in, one after another. @range integer >= 1 */
  ppoNMinibatches = 4;
  /** How far the ratio of probabilities may move from 1. @range >= 0 */
  epsClip = 0.2;
  /** Leaves a minibatch out if its mean ratio is above. @range > 0 */
  earlyStopImpRatio = 5;
  /** Rewards are cut to this size. @range >= 0 */
  maxRewardClip = 20;
  /** Factor of the rewards. */
  rewardOutputScaling = 1;
  /** Taken from the rewards before they are scaled. */
  rewardOutputBias = 0;
  /** Discount of later rewards. @range [0, 1] */
  discount = 1;
  /** Brings advantages to mean 0 and deviation 1. */
  advNorm = true;
  /** Weight of the distance from the reference; without a reference if 0. @range >= 0 */
  klCtl = 0.1;
  /** Adapts that weight as it trains. */
  useAdaptiveKlCtl = false;
}

/** Proximal policy optimization: a policy and a value function that are trained side by side. */
export class ActorCriticOptions extends PolicyOptions {
  /** Upper bound of the ratio where advantages are negative; none if null. @range > 1 */
  cClip: number | null = null;
  /** How far values may move from those before the step. @range >= 0 */
  valueEpsClip = 0.2;
  /** How often the actor trains on a batch. @range integer >= 1 */
  actorSampleReuse = 1;
  /** How often the critic trains on a batch. @range integer >= 1 */
  criticSampleReuse = 1;
  /** Weight of later steps in the advantages. @range [0, 1] */
  gaeLambda = 1;
  /** Trains without a critic: advantages come from rewards alone. */
  disableValue = false;
  /** Normalises values. */
  valueNorm = true;
  /** Running mean of values: exponential, or over everything so far. */
  valueNormType: "exp" | "ma" = "exp";
  /** Weight of what was before, in the exponential mean. @range [0, 1) */
  valueNormBeta = 0.99995;
  /** Added to the deviation of values. @range >= 0 */
  valueNormEps = 1e-5;
  /** Computes log-probabilities with the trained model instead of taking those of the engine. */
  recomputeLogprob = false;
  /** Keeps the engine's log-probabilities for the ratio and recomputed ones for clipping. */
  useDecoupledLoss = false;
}
