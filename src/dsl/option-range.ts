/** One bound of a range. */
interface Bound {
  readonly at: number;
  readonly inclusive: boolean;
}

/** Numbers that an option takes. */
export interface OptionRange {
  readonly integer: boolean;
  readonly lower: Bound | null;
  readonly upper: Bound | null;
}

/** Why a text is no range, and which characters of it. */
export interface RangeProblem {
  readonly problem: string;
  readonly offset: number;
  readonly length: number;
}

const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf`;
const COMPARISON = new RegExp(String.raw`^(>=|>|<=|<)\s*(${NUMBER})$`);
const INTERVAL = new RegExp(String.raw`^([[(])\s*(${NUMBER})\s*,\s*(${NUMBER})\s*([\])])$`);
const INTEGER = /^\s*integer(?![\w.])/;
const AND = /(?<![\w.])and(?![\w.])/;

/**
 * Reads what stands after `@range`: `[integer] condition [and condition]...`, a condition being `>= n`, `> n`, `<= n`, `< n`
 * or an interval such as `(0, 1]`; `inf` is a number. `integer` alone admits all whole numbers.
 */
export function parseRange(text: string): OptionRange | RangeProblem {
  const start = INTEGER.exec(text)?.[0].length ?? 0;
  const integer = start > 0;
  const parts = text.slice(start).split(AND);
  if (integer && parts.length === 1 && text.slice(start).trim() === "") return { integer, lower: null, upper: null };
  let lower: Bound | null = null;
  let upper: Bound | null = null;
  let offset = start;
  for (const [index, part] of parts.entries()) {
    const bounds = conditionOf(part.trim());
    if (bounds === null) return partProblem(text, part, offset, index);
    lower = narrower(lower, bounds.lower, (a, b) => a > b);
    upper = narrower(upper, bounds.upper, (a, b) => a < b);
    offset += part.length + "and".length;
  }
  const range = { integer, lower, upper };
  if (!isEmpty(range)) return range;
  const lead = text.length - text.trimStart().length;
  return { problem: "admits no number", offset: lead, length: text.trim().length };
}

/** True if a number lies in a range. */
export function inRange({ integer, lower, upper }: OptionRange, value: number): boolean {
  if (Number.isNaN(value)) return false;
  if (integer && !Number.isInteger(value)) return false;
  if (lower !== null && !(lower.inclusive ? value >= lower.at : value > lower.at)) return false;
  if (upper !== null && !(upper.inclusive ? value <= upper.at : value < upper.at)) return false;
  return true;
}

/** A number of a range that is near another one; `null` if none is found. */
export function nearestIn(range: OptionRange, value: number): number | null {
  const { integer, lower, upper } = range;
  const low = lower === null ? -Infinity : lower.at;
  const high = upper === null ? Infinity : upper.at;
  const within = Math.min(Math.max(value, low), high);
  const middle = Number.isFinite(low + high) ? (low + high) / 2 : within;
  const near = integer
    ? [Math.ceil(within), Math.floor(within), within + 1, within - 1]
    : [within, middle, within + 1, within - 1];
  return near.find((number) => inRange(range, number)) ?? null;
}

/** A range in words, for messages. */
export function describeRange({ integer, lower, upper }: OptionRange): string {
  const kind = integer ? "a whole number" : "a number";
  if (lower !== null && upper !== null) {
    return `${kind} in ${lower.inclusive ? "[" : "("}${shown(lower.at)}, ${shown(upper.at)}${upper.inclusive ? "]" : ")"}`;
  }
  if (lower !== null) return `${kind} ${lower.inclusive ? "from" : "above"} ${shown(lower.at)}`;
  if (upper !== null) return `${kind} ${upper.inclusive ? "up to" : "below"} ${shown(upper.at)}`;
  return kind;
}

/** The part that can't be read; where there is none, the `and` that it is missing at. */
function partProblem(text: string, part: string, offset: number, index: number): RangeProblem {
  const trimmed = part.trim();
  if (trimmed !== "") {
    const place = offset + (part.length - part.trimStart().length);
    return {
      problem: `has \`${trimmed}\`, which is no comparison and no interval`,
      offset: place,
      length: trimmed.length,
    };
  }
  if (text.trim() === "") return { problem: "has no condition", offset: 0, length: text.length };
  const and = index > 0 ? offset - "and".length : offset + part.length;
  return { problem: "has an `and` with nothing beside it", offset: and, length: "and".length };
}

function conditionOf(text: string): { readonly lower: Bound | null; readonly upper: Bound | null } | null {
  const comparison = COMPARISON.exec(text);
  if (comparison !== null) {
    const [, operator = "", number = ""] = comparison;
    const bound = { at: numberOf(number), inclusive: operator.endsWith("=") };
    return operator.startsWith(">") ? { lower: bound, upper: null } : { lower: null, upper: bound };
  }
  const interval = INTERVAL.exec(text);
  if (interval === null) return null;
  const [, open = "", from = "", to = "", close = ""] = interval;
  return {
    lower: { at: numberOf(from), inclusive: open === "[" },
    upper: { at: numberOf(to), inclusive: close === "]" },
  };
}

function isEmpty({ integer, lower, upper }: OptionRange): boolean {
  if (lower?.at === Infinity && !lower.inclusive) return true;
  if (upper?.at === -Infinity && !upper.inclusive) return true;
  if (lower === null || upper === null) return false;
  if (!integer) return lower.at > upper.at || (lower.at === upper.at && !(lower.inclusive && upper.inclusive));
  const first = lower.inclusive ? Math.ceil(lower.at) : Math.floor(lower.at) + 1;
  const last = upper.inclusive ? Math.floor(upper.at) : Math.ceil(upper.at) - 1;
  return first > last;
}

function narrower(a: Bound | null, b: Bound | null, tighter: (a: number, b: number) => boolean): Bound | null {
  if (a === null || b === null) return a ?? b;
  if (a.at === b.at) return a.inclusive ? b : a;
  return tighter(a.at, b.at) ? a : b;
}

function numberOf(text: string): number {
  return text.endsWith("inf") ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
}

function shown(bound: number): string {
  return Number.isFinite(bound) ? String(bound) : bound > 0 ? "inf" : "-inf";
}
