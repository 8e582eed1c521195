import { distance } from "fastest-levenshtein";

/** The names (at most three) that are close enough to `name` to be what was meant, nearest first. */
export function nearest(name: string, known: Iterable<string>): readonly string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({ candidate, cost: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ cost }) => cost <= limit)
    .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** A help line that names the nearest known names, or the whole (short) list; `undefined` if neither helps. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const names = [...new Set(known)].sort();
  const near = nearest(name, names);
  if (near.length > 0) return `use ${near.map((candidate) => `\`${candidate}\``).join(" or ")}`;
  if (names.length > 0 && names.length <= 12)
    return `known: ${names.map((candidate) => `\`${candidate}\``).join(", ")}`;
  return undefined;
}
