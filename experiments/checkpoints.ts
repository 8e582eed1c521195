/** Checkpoints under `/storage/models` and on the Hugging Face hub, and the catalogue id of their architecture. */
const ARCHITECTURES = {
  "Qwen/Qwen2.5-0.5B": "qwen2.5-0.5b",
  "Qwen/Qwen2.5-1.5B": "qwen2.5-1.5b",
  "Qwen/Qwen2.5-3B": "qwen2.5-3b",
  "Qwen/Qwen2.5-7B": "qwen2.5-7b",
  "Qwen/Qwen2.5-14B": "qwen2.5-14b",
  "Qwen/Qwen2.5-32B": "qwen2.5-32b",
  "Qwen/Qwen2.5-72B": "qwen2.5-72b",
  "Qwen/Qwen2.5-Math-1.5B": "qwen2.5-1.5b",
  "Qwen/Qwen2.5-Math-7B": "qwen2.5-7b",
  "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B": "qwen2.5-1.5b",
  "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": "qwen2.5-7b",
  "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B": "qwen2.5-14b",
  "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B": "qwen2.5-32b",
  "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": "llama-3.1-8b",
  "deepseek-ai/DeepSeek-R1-Distill-Llama-70B": "llama-3.1-70b",
  "meta-llama/Llama-3.1-8B": "llama-3.1-8b",
  "meta-llama/Llama-3.1-70B": "llama-3.1-70b",
  "Qwen/Qwen3-0.6B": "qwen3-0.6b",
  "Qwen/Qwen3-1.7B": "qwen3-1.7b",
  "Qwen/Qwen3-4B": "qwen3-4b",
  "Qwen/Qwen3-8B": "qwen3-8b",
  "Qwen/Qwen3-14B": "qwen3-14b",
  "Qwen/Qwen3-32B": "qwen3-32b",
  "Qwen/Qwen3-30B-A3B": "qwen3-30b-a3b",
  "Qwen/Qwen3-235B-A22B": "qwen3-235b-a22b",
  "deepseek-ai/DeepSeek-V3": "deepseek-v3",
} as const;

/** The `models` table of a cluster that keeps checkpoints in `/storage/models`, under the name that they have on the hub. */
export const CHECKPOINTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ARCHITECTURES).flatMap(([name, id]) => {
    const [, checkpoint] = name.split("/");
    return [
      [name, id],
      [`/storage/models/${checkpoint}`, id],
    ];
  }),
);
