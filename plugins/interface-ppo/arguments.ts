/** Arguments that the policy and the value function share. */
export const sharedArguments = {
  nMinibatches: { type: "integer", minimum: 1, description: "Parts that a batch is trained in, one update each." },
  klCtl: { type: "number", minimum: 0, description: "Weight of the distance from the reference in the reward." },
  discount: { type: "number", minimum: 0, maximum: 1, description: "Discount of later rewards." },
  gaeLambda: { type: "number", minimum: 0, maximum: 1, description: "Decay of generalized advantage estimation." },
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
  groupSize: { type: "integer", minimum: 1, description: "Answers to each prompt." },
  maskTooLong: { type: "boolean", description: "Takes no loss on sequences that were cut." },
  sampleReuse: { type: "integer", minimum: 1, description: "Times that a batch is trained on." },
} as const;

/** Names of the arguments that both take. */
export const SHARED = [
  "nMinibatches",
  "klCtl",
  "discount",
  "gaeLambda",
  "valueEpsClip",
  "maxRewardClip",
  "adaptiveKlCtl",
  "valueNorm",
  "valueNormType",
  "valueNormBeta",
  "valueNormEps",
  "disableValue",
  "maskNoEosWithZero",
  "groupSize",
  "maskTooLong",
  "sampleReuse",
] as const;
