/** Settings of generation that are options under the same name. */
const GENERATION = ["n", "maxNewTokens", "minNewTokens", "greedy", "topP", "topK", "temperature"] as const;

/**
 * Options that the settings of generation in an argument come from, for `fromOptions`.
 * @param argument that holds them
 * @param group of options that they are made of
 */
export function generationOrigins(argument: string, group: string): Readonly<Record<string, string>> {
  return Object.fromEntries(GENERATION.map((name) => [`${argument}.${name}`, `${group}.${name}`]));
}
