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
