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
  while (at < column.length) {
    let end = column.indexOf(",", at);
    if (end < 0) end = column.length;
    const dash = column.indexOf("-", at);
    if (dash >= 0 && dash < end) yield [Number(column.slice(at, dash)), Number(column.slice(dash + 1, end))];
    else {
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

/** How many numbers a column holds. */
export function columnLength(column: Column): number {
  let length = 0;
  for (const [first, last] of runsOf(column)) length += last - first + 1;
  return length;
}

/** The number at `position` (from 0), or `undefined` beyond the end. */
export function columnAt(column: Column, position: number): number | undefined {
  let rest = position;
  for (const [first, last] of runsOf(column)) {
    const length = last - first + 1;
    if (rest < length) return first + rest;
    rest -= length;
  }
  return undefined;
}

/** Where `number` first stands in a column, or -1. */
export function columnIndexOf(column: Column, number: number): number {
  let before = 0;
  for (const [first, last] of runsOf(column)) {
    if (number >= first && number <= last) return before + number - first;
    before += last - first + 1;
  }
  return -1;
}
