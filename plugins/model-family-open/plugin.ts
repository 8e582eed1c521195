import { defineModelFamily } from "assay/plugin";

// Families that the workers can read; their checkpoints are described by a `config.json` of the project.
/** Code Llama. */
export const codellama = defineModelFamily({ type: "codellama" });
/** DeepSeek. */
export const deepseek = defineModelFamily({ type: "deepseek" });
/** Gemma. */
export const gemma = defineModelFamily({ type: "gemma" });
/** GPT-2. */
export const gpt2 = defineModelFamily({ type: "gpt2" });
/** Llama. */
export const llama = defineModelFamily({ type: "llama" });
/** Mistral. */
export const mistral = defineModelFamily({ type: "mistral" });
/** Mixtral. */
export const mixtral = defineModelFamily({ type: "mixtral" });
