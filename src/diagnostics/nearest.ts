import { distance } from "fastest-levenshtein";

/** The names (at most three) that are close enough to `name` to be what was meant, nearest first. */
export function nearest(name: string, known: Iterable<string>): readonly string[] {
  return near(name, known)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

interface Candidate {
  readonly candidate: string;
  /** Letters to change. */
  readonly cost: number;
}

function near(name: string, known: Iterable<string>): readonly Candidate[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({ candidate, cost: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ cost }) => cost <= limit)
    .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1));
}

/** What a finding says of a name that nothing has. */
export interface Suggestion {
  readonly help?: string;
  readonly fix?: string;
  readonly replaces?: string;
}

/** Shorter names are near to too many others. */
const SHORTEST_CERTAIN = 3;

/**
 * Help on a name that is not among the known ones; with a fix if it is certain which one was meant: the only one that is near,
 * or the only one that is a single letter away.
 */
export function suggestion(name: string, known: Iterable<string>): Suggestion {
  const names = [...known];
  const help = didYouMean(name, names);
  if (help === undefined) return {};
  const [first, second] = near(name, names);
  const isCertain =
    first !== undefined &&
    name.length >= SHORTEST_CERTAIN &&
    (second === undefined || (first.cost <= 1 && second.cost > first.cost));
  return isCertain ? { help, fix: first.candidate, replaces: name } : { help };
}

/** A help line that names the nearest known names, or the whole (short) list; `undefined` if neither helps. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const names = [...new Set(known)].sort();
  const few = nearest(name, names);
  if (few.length > 0) return `use ${few.map((candidate) => `\`${candidate}\``).join(" or ")}`;
  if (names.length > 0 && names.length <= 12)
    return `known: ${names.map((candidate) => `\`${candidate}\``).join(", ")}`;
  return undefined;
}
