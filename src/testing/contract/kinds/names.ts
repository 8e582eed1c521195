import { type ContractCase, contractCase, ContractError } from "../case.ts";

/** Names of data keys: texts that stand for themselves, each once. */
export function namesProblem(names: readonly unknown[]): string | null {
  const seen = new Set<unknown>();
  for (const name of names) {
    if (typeof name !== "string" || name === "") return `${JSON.stringify(name)} is no name`;
    if (/[\s\p{Cc}\p{Cf}]/u.test(name)) return `${JSON.stringify(name)} has blanks or characters that nobody sees`;
    if (seen.has(name)) return `\`${name}\` is there twice`;
    seen.add(name);
  }
  return null;
}

/** A case that looks for one problem, in words. */
export function problemCase(name: string, promise: string, help: string, find: () => unknown): ContractCase {
  return contractCase(name, () => {
    const problem = find();
    if (problem !== null && problem !== undefined) throw new ContractError(promise, problem, help);
  });
}
