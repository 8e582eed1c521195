// Generated from the folders beside this file by `npm run gen`.
export * from "./clusters.ts";
export * from "./assay.gen.ts";
export * from "./async-ppo-math/experiment.ts";
export * from "./dpo/experiment.ts";
export * from "./grpo/experiment.ts";
export * from "./math-code-eval/experiment.ts";
export * from "./null-ppo/experiment.ts";
export * from "./null-sft/experiment.ts";
export * from "./ppo/experiment.ts";
export * from "./ppo-math/experiment.ts";
export * from "./reward-model/experiment.ts";
export * from "./sft/experiment.ts";
export * from "./sft-two-phases/experiment.ts";
