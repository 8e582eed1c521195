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

/** Reads what stands after `@range`: `[integer] condition [and condition]`, e.g. `integer >= 1`, `(0, 1]`, `> 0 and < 10`. */
export function parseRange(text: string): OptionRange | RangeProblem {
  const integer = /^\s*integer\b/.test(text);
  const start = integer ? (/^\s*integer\b/.exec(text)?.[0].length ?? 0) : 0;
  let lower: Bound | null = null;
  let upper: Bound | null = null;
  let offset = start;
  const parts = text.slice(start).split(/\band\b/);
  for (const part of parts) {
    const trimmed = part.trim();
    const place = offset + (part.length - part.trimStart().length);
    offset += part.length + "and".length;
    if (trimmed === "" && integer && parts.length === 1) continue;
    const bounds = conditionOf(trimmed);
    if (bounds === null) {
      return { problem: "is no comparison and no interval", offset: place, length: Math.max(1, trimmed.length) };
    }
    lower = narrower(lower, bounds.lower, (a, b) => a > b);
    upper = narrower(upper, bounds.upper, (a, b) => a < b);
  }
  if (lower !== null && upper !== null && lower.at > upper.at) {
    return { problem: "is empty", offset: 0, length: text.length };
  }
  return { integer, lower, upper };
}

/** True if a number lies in a range. */
export function inRange({ integer, lower, upper }: OptionRange, value: number): boolean {
  if (integer && !Number.isInteger(value)) return false;
  if (lower !== null && !(lower.inclusive ? value >= lower.at : value > lower.at)) return false;
  if (upper !== null && !(upper.inclusive ? value <= upper.at : value < upper.at)) return false;
  return true;
}

/** A range in words, for messages. */
export function describeRange({ integer, lower, upper }: OptionRange): string {
  const kind = integer ? "a whole number" : "a number";
  if (lower !== null && upper !== null) {
    return `${kind} in ${lower.inclusive ? "[" : "("}${lower.at}, ${upper.at}${upper.inclusive ? "]" : ")"}`;
  }
  if (lower !== null) return `${kind} ${lower.inclusive ? "from" : "above"} ${lower.at}`;
  if (upper !== null) return `${kind} ${upper.inclusive ? "up to" : "below"} ${upper.at}`;
  return kind;
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

function narrower(a: Bound | null, b: Bound | null, tighter: (a: number, b: number) => boolean): Bound | null {
  if (a === null || b === null) return a ?? b;
  if (a.at === b.at) return a.inclusive ? b : a;
  return tighter(a.at, b.at) ? a : b;
}

function numberOf(text: string): number {
  return text.endsWith("inf") ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
}
