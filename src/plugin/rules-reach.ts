import type { Reach } from "../manifest/format.ts";
import type { HookIdentity } from "./hook-use.ts";

/** What a check says of the rules that ran, and of those whose codes are all off. */
export function rulesReach(
  ran: readonly HookIdentity[],
  off: readonly HookIdentity[],
): Pick<Reach, "proved" | "notChecked"> {
  return {
    proved: ran.length === 0 ? [] : [`rules: ${namesOf(ran)}`],
    notChecked: off.length === 0 ? [] : [`rules: ${namesOf(off)}: off in the config`],
  };
}

function namesOf(rules: readonly HookIdentity[]): string {
  const byPackage = new Map<string, string[]>();
  for (const { type, package: owner } of rules) {
    const types = byPackage.get(owner) ?? [];
    byPackage.set(owner, types.includes(type) ? types : [...types, type]);
  }
  return [...byPackage].map(([owner, types]) => `${types.join(", ")} of ${owner}`).join("; ");
}
