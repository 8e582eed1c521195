import type { MutationSpans } from "../../origin/spans-file.ts";
import { type DerivationSource, type Fact, fact, nearestFrame, valueText } from "./fact.ts";

/** The mutator that set a value, or something around it; `null` if none did. */
export function mutationAround({ spans: { mutations = [] } }: DerivationSource, pointer: string): MutationSpans | null {
  return mutations.find(({ at }) => pointer === at || pointer.startsWith(`${at}/`)) ?? null;
}

/** How the fact of a mutator begins. */
export const BY_MUTATOR = "set by mutator";

/**
 * Who set a value instead of the experiment, and why.
 * @param before what made the value that was there
 */
export function mutationFact(source: DerivationSource, mutation: MutationSpans, before: readonly Fact[]): Fact {
  const { at, type, package: owner, because, was, frames } = mutation;
  const place = source.places.mutations?.[at];
  return fact(
    `${BY_MUTATOR} \`${type}\` of ${owner}, because ${because}`,
    [
      was === undefined
        ? fact(`there was nothing at \`${at}\` before`)
        : fact(`\`${at}\` was ${valueText(was)}`, before),
    ],
    place === undefined ? nearestFrame(frames) : [place],
  );
}

/** What mutators set inside of a value. */
export function mutationsInside(source: DerivationSource, pointer: string): readonly Fact[] {
  const inside = (source.spans.mutations ?? []).filter(({ at }) => at.startsWith(`${pointer}/`));
  return inside.map((mutation) => {
    const { text, places } = mutationFact(source, mutation, []);
    return fact(`\`${mutation.at}\` in it is ${text}`, [], places);
  });
}
