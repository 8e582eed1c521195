/** Families whose checkpoints the workers can load, as they are registered there. */
export const WORKER_FAMILIES = {
  codellama: null,
  deepseek: null,
  gemma: null,
  gpt2: null,
  llama: null,
  mistral: null,
  mixtral: null,
  qwen2: null,
  qwen3: null,
} as const;
