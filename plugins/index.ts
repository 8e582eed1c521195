// Generated from the folders beside this file by `npm run gen`.
export * from "./backend-inference/plugin.ts";
export * from "./backend-megatron/plugin.ts";
export * from "./backend-mock-train/plugin.ts";
export * from "./backend-sglang/plugin.ts";
export * from "./backend-vllm/plugin.ts";
export * from "./dataset-prompt-answer/plugin.ts";
export * from "./interface-sft/plugin.ts";
export * from "./model-family-open/plugin.ts";
export * from "./model-family-qwen/plugin.ts";
export * from "./model-real/plugin.ts";
export * from "./model-tokenizer/plugin.ts";
