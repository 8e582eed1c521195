import type { GenerationConfig } from "../plugin/generation.ts";
import type { GenerationOptions } from "./option-groups.ts";

/**
 * Arguments of interfaces and agents from the options of generation, with `changes` over them. Temperature 0 is greedy
 * decoding: samplers divide by the temperature, so it becomes `greedy` at temperature 1.
 * @example mathSingleStep({ gconfig: generationConfig(this.ppo.gen, { n: this.groupSize }), ... })
 */
export function generationConfig(
  options: GenerationOptions,
  changes: Partial<GenerationConfig> = {},
): GenerationConfig {
  const config: GenerationConfig = {
    n: options.n,
    maxNewTokens: options.maxNewTokens,
    minNewTokens: options.minNewTokens,
    greedy: options.greedy,
    topP: options.topP,
    topK: options.topK,
    temperature: options.temperature,
    useCudaGraph: options.useCudaGraph,
    forceCudagraphRecapture: options.forceCudagraphRecapture,
    forceNoLogitsMask: options.forceNoLogitsMask,
    ...changes,
  };
  return config.temperature === 0 ? { ...config, greedy: true, temperature: 1 } : config;
}
