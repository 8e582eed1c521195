/**
 * A list of whole numbers from 0 as text: comma-separated numbers and ascending runs, `0-7,12,9-10`. One character a
 * digit is all that a reader pays for a number it does not ask for.
 */
export type Column = string;

/** Writes numbers as a column, in their order. */
export function toColumn(numbers: Iterable<number>): Column {
  const parts: string[] = [];
  let first = -1;
  let last = -2;
  const flush = () => {
    if (first >= 0) parts.push(first === last ? String(first) : `${first}-${last}`);
  };
  for (const number of numbers) {
    if (number === last + 1 && first >= 0) {
      last = number;
    } else {
      flush();
      first = number;
      last = number;
    }
  }
  flush();
  return parts.join(",");
}

/** The runs of a column, first to last inclusive, in order. */
export function* runsOf(column: Column): Generator<readonly [first: number, last: number]> {
  let at = 0;
  // The next run's dash: searched anew only behind a run, as a column with few of them would be read to its end each time.
  let dash = column.indexOf("-");
  while (at < column.length) {
    let end = column.indexOf(",", at);
    if (end < 0) end = column.length;
    if (dash >= 0 && dash < end) {
      yield [Number(column.slice(at, dash)), Number(column.slice(dash + 1, end))];
      dash = column.indexOf("-", end);
    } else {
      const single = Number(column.slice(at, end));
      yield [single, single];
    }
    at = end + 1;
  }
}

/** The numbers of a column, in order. */
export function* numbersOf(column: Column): Generator<number> {
  for (const [first, last] of runsOf(column)) for (let number = first; number <= last; number += 1) yield number;
}

const [ZERO, COMMA] = ["0", ","].map((character) => character.charCodeAt(0)) as [number, number];

/** The numbers of a column as a list, for those who need them all: much quicker than one by one. */
export function allNumbers(column: Column): number[] {
  const numbers: number[] = [];
  let first = -1;
  let number = 0;
  const { length } = column;
  for (let at = 0; at <= length; at += 1) {
    const code = at === length ? COMMA : column.charCodeAt(at);
    if (code >= ZERO) {
      number = number * 10 + code - ZERO;
      continue;
    }
    if (code !== COMMA) first = number;
    else if (first < 0) {
      if (length > 0) numbers.push(number);
    } else {
      for (let next = first; next <= number; next += 1) numbers.push(next);
      first = -1;
    }
    number = 0;
  }
  return numbers;
}

/** The lowest number of a column, or `undefined` if it is empty. */
export function lowestOf(column: Column): number | undefined {
  let lowest: number | undefined;
  for (const [first] of runsOf(column)) if (lowest === undefined || first < lowest) lowest = first;
  return lowest;
}

/** Whether two columns have a number in common. */
export function columnsOverlap(a: Column, b: Column): boolean {
  const inOrder = (column: Column) => [...runsOf(column)].sort(([one], [other]) => one - other);
  const [left, right] = [inOrder(a), inOrder(b)];
  let at = 0;
  for (const [first, last] of left) {
    while (at < right.length && (right[at] as readonly [number, number])[1] < first) at += 1;
    const next = right[at];
    if (next !== undefined && next[0] <= last) return true;
  }
  return false;
}

/** How many numbers a column holds. */
export function columnLength(column: Column): number {
  let length = 0;
  for (const [first, last] of runsOf(column)) length += last - first + 1;
  return length;
}

// A worker looks itself up once in its life, before anything is compiled, and shuffled ranks are as many entries as there are
// workers: so the next two make nothing of the entries that they pass over, and have a loop each.

/** The number at `position` (from 0), or `undefined` beyond the end. */
export function columnAt(column: Column, position: number): number | undefined {
  const dashes = dashesOf(column);
  let rest = position;
  let run = 0;
  for (let at = 0, end = 0; at < column.length; at = end + 1) {
    end = column.indexOf(",", at);
    if (end < 0) end = column.length;
    const dash = dashes[run];
    if (dash === undefined || dash > end) {
      if (rest === 0) return Number(column.slice(at, end));
      rest -= 1;
    } else {
      const first = Number(column.slice(at, dash));
      const length = Number(column.slice(dash + 1, end)) - first + 1;
      if (rest < length) return first + rest;
      rest -= length;
      run += 1;
    }
  }
  return undefined;
}

/** Where `number` first stands in a column, or -1. */
export function columnIndexOf(column: Column, number: number): number {
  const dashes = dashesOf(column);
  const digits = String(number);
  let before = 0;
  let run = 0;
  for (let at = 0, end = 0; at < column.length; at = end + 1) {
    end = column.indexOf(",", at);
    if (end < 0) end = column.length;
    const dash = dashes[run];
    if (dash === undefined || dash > end) {
      if (end - at === digits.length && column.startsWith(digits, at)) return before;
      before += 1;
    } else {
      const first = Number(column.slice(at, dash));
      const last = Number(column.slice(dash + 1, end));
      if (number >= first && number <= last) return before + number - first;
      before += last - first + 1;
      run += 1;
    }
  }
  return -1;
}

/** All dashes, ahead: a search for the next one at each entry would read a column with few runs to its end every time. */
function dashesOf(column: Column): readonly number[] {
  const dashes: number[] = [];
  for (let at = column.indexOf("-"); at >= 0; at = column.indexOf("-", at + 1)) dashes.push(at);
  return dashes;
}
