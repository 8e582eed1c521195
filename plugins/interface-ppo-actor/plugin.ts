import { defineInterface, generationConfigSchema } from "assay/plugin";

/** Arguments that training needs, all of them. */
const TRAINING = [
  "nMinibatches",
  "klCtl",
  "discount",
  "gaeLambda",
  "epsClip",
  "valueEpsClip",
  "maxRewardClip",
  "adaptiveKlCtl",
  "valueNorm",
  "valueNormType",
  "valueNormBeta",
  "valueNormEps",
  "disableValue",
  "maskNoEosWithZero",
  "earlyStopImpRatio",
  "advNorm",
  "generationSize",
  "groupAdvNorm",
  "maskTooLong",
  "sampleReuse",
  "cClip",
] as const;

/** The policy of proximal policy optimization: generates, gives log-probabilities, and is trained. */
export const ppoActor = defineInterface({
  type: "ppo_actor",
  args: {
    type: "object",
    properties: {
      nMinibatches: { type: "integer", minimum: 1, description: "Parts that a batch is trained in, one update each." },
      klCtl: { type: "number", minimum: 0, description: "Weight of the distance from the reference in the reward." },
      discount: { type: "number", minimum: 0, maximum: 1, description: "Discount of later rewards." },
      gaeLambda: { type: "number", minimum: 0, maximum: 1, description: "Decay of generalized advantage estimation." },
      epsClip: {
        type: "number",
        minimum: 0,
        description: "Distance from 1 at which the ratio of probabilities is clipped.",
      },
      valueEpsClip: {
        type: "number",
        minimum: 0,
        description: "Distance from the old value at which a value is clipped.",
      },
      maxRewardClip: { type: "number", minimum: 0, description: "Size at which rewards are clipped." },
      adaptiveKlCtl: { type: "boolean", description: "Adapts `klCtl` to the distance that is measured." },
      valueNorm: { type: "boolean", description: "Normalizes values by a running mean and deviation." },
      valueNormType: { enum: ["exp", "ma"], description: "Exponential or plain moving average of the normalization." },
      valueNormBeta: { type: "number", minimum: 0, maximum: 1, description: "Decay of the exponential average." },
      valueNormEps: { type: "number", minimum: 0, description: "Added to the deviation before it divides." },
      disableValue: { type: "boolean", description: "Estimates advantages without a critic." },
      maskNoEosWithZero: { type: "boolean", description: "Gives sequences that did not end a reward of zero." },
      generationConfig: generationConfigSchema,
      earlyStopImpRatio: {
        type: "number",
        minimum: 0,
        description: "Ratio of probabilities at which an update is left out.",
      },
      advNorm: { type: "boolean", description: "Normalizes advantages over the batch." },
      groupSize: { type: "integer", minimum: 1, description: "Answers to each prompt." },
      generationSize: {
        type: ["integer", "null"],
        minimum: 1,
        description: "Answers generated for each prompt, of which `groupSize` are trained on; as many if null.",
      },
      groupAdvNorm: { type: "boolean", description: "Normalizes advantages within the answers to a prompt." },
      maskTooLong: { type: "boolean", description: "Takes no loss on sequences that were cut." },
      sampleReuse: { type: "integer", minimum: 1, description: "Times that a batch is trained on." },
      cClip: {
        type: ["number", "null"],
        minimum: 0,
        description: "Bound of the loss where the advantage is negative (dual clip); none if null.",
      },
      enableSave: {
        type: "boolean",
        description: "Whether saves write the model, as they do unless it is given; one that never changes needs none.",
      },
    },
    // Evaluation generates and no more. Whoever gives one argument of training gives all.
    required: ["generationConfig", "groupSize"],
    dependentRequired: Object.fromEntries(TRAINING.map((name) => [name, TRAINING])),
    additionalProperties: false,
  },
  calls: {
    generate: {
      reads: { required: ["packed_prompts", "task_ids"] },
      yields: { always: ["seq_no_eos_mask", "packed_input_ids", "prompt_mask"], optional: ["packed_logprobs"] },
    },
    inference: { reads: { required: ["packed_input_ids"] }, yields: { always: ["logprobs"] } },
    trainStep: {
      reads: {
        required: ["packed_input_ids", "packed_logprobs", "rewards", "task_ids", "prompt_mask", "seq_no_eos_mask"],
        optional: ["packed_ref_logprobs", "values", "proximal_logprobs", "version_start", "version_end"],
      },
      yields: { always: [] },
    },
  },
});
