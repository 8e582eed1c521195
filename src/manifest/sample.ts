import { faultInJson, placeInJson } from "../origin/json-places.ts";
import { toPointer } from "../origin/pointer.ts";
import { isObject } from "../spec/own.ts";
import type {
  DataSample,
  JsonTypeName,
  LineStretch,
  SampleColumn,
  SampleCount,
  SampleSize,
  SampleValue,
} from "./format.ts";

/** Rows that are looked at; a sample is small, and a dataset may be its own. */
const MOST_ROWS = 100_000;

/** Different texts that are kept of a column. */
const MOST_VALUES = 64;

/** Characters of a place, at most. */
const LONGEST_PLACE = 80;

/** What is known of a sample beside its text. */
export interface SampleInput {
  /** Project-relative path of the file. */
  readonly file: string;
  /** Whether its rows are all that the dataset has. */
  readonly isWhole: boolean;
  /** Columns whose texts are kept; those of others are not: they may be long, and not for everyone. */
  readonly listed: ReadonlySet<string>;
}

interface Row {
  readonly text: string;
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * What the rows of a file with one JSON object a line hold. A line that is none, blank ones among them, is told and left out; the end
 * of the last line may be missing.
 */
export function sampleOf(text: string, { file, isWhole, listed }: SampleInput): DataSample {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const rows: Row[] = [];
  let fault: DataSample["fault"] = null;
  for (const [index, raw] of lines.slice(0, MOST_ROWS).entries()) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const values = parsed(line);
    if (isObject(values)) rows.push({ text: line, line: index + 1, values });
    else fault ??= faultOf(line, index + 1, values);
  }
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].sort();
  const [first] = rows;
  return {
    file,
    isWhole,
    rows: rows.length,
    isCut: lines.length > MOST_ROWS,
    columns: Object.fromEntries(names.map((name) => [name, columnOf(name, rows, listed.has(name) ? names : null)])),
    firstRow: first === undefined ? null : wholeRow(first),
    fault,
  };
}

/** `undefined` for what is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function faultOf(text: string, line: number, value: unknown): NonNullable<DataSample["fault"]> {
  if (text.trim() === "") return { line, column: 1, length: 1, problem: "it is blank" };
  if (value !== undefined) {
    return { line, column: 1, length: shortened(text.length), problem: `it is ${article(typeName(value))}` };
  }
  const offset = faultInJson(text) ?? 0;
  const found = text[offset];
  const problem = found === undefined ? "it ends too early" : `there must be no ${JSON.stringify(found)} here`;
  return { line, column: Math.min(offset, text.length) + 1, length: 1, problem };
}

function article(name: string): string {
  return name === "null" ? name : /^[aio]/.test(name) ? `an ${name}` : `a ${name}`;
}

/** @param others all columns, where the texts of this one are kept. */
function columnOf(name: string, rows: readonly Row[], others: readonly string[] | null): SampleColumn {
  const types: Partial<Record<JsonTypeName, SampleCount>> = {};
  const items: Partial<Record<JsonTypeName, SampleCount>> = {};
  const values = new Map<string, Row[]>();
  let largest: (Omit<SampleSize, "at"> & { readonly row: Row }) | null = null;
  let lacking: Row | null = null;
  let count = 0;
  for (const row of rows) {
    if (!Object.hasOwn(row.values, name)) {
      lacking ??= row;
      continue;
    }
    count += 1;
    const value = row.values[name];
    add(types, typeName(value), () => stretchOf(row, name));
    if (Array.isArray(value)) for (const item of value) add(items, typeName(item), () => stretchOf(row, name));
    const size = sizeOf(value);
    if (size !== null && size.size > (largest?.size ?? -1)) largest = { ...size, row };
    if (typeof value === "string" && others !== null) {
      const same = values.get(value);
      if (same !== undefined) same.push(row);
      else if (values.size < MOST_VALUES) values.set(value, [row]);
    }
  }
  const uneven = unevenWith(name, rows);
  return {
    rows: count,
    ...(Object.keys(uneven).length === 0 ? {} : { uneven }),
    lacking: lacking === null ? null : wholeRow(lacking),
    types,
    items,
    values: others === null ? null : valuesOf(name, values, others),
    largest: largest === null ? null : { size: largest.size, of: largest.of, at: stretchOf(largest.row, name) },
  };
}

/** Lists of other columns that are of another length than those of one, in the same row. */
function unevenWith(name: string, rows: readonly Row[]): Readonly<Record<string, SampleCount>> {
  const uneven = new Map<string, SampleCount>();
  for (const row of rows) {
    const own = Object.hasOwn(row.values, name) ? row.values[name] : undefined;
    if (!Array.isArray(own)) continue;
    for (const [other, value] of Object.entries(row.values)) {
      if (!Array.isArray(value) || value.length === own.length) continue;
      const known = uneven.get(other) ?? { count: 0, first: stretchOf(row, name) };
      uneven.set(other, { ...known, count: known.count + 1 });
    }
  }
  return Object.fromEntries(uneven);
}

function valuesOf(
  name: string,
  values: ReadonlyMap<string, readonly Row[]>,
  columns: readonly string[],
): Readonly<Record<string, SampleValue>> {
  return Object.fromEntries(
    [...values].map(([value, rows]) => {
      const lacks = columns.flatMap((column): (readonly [string, SampleCount])[] => {
        const without = rows.filter((row) => !Object.hasOwn(row.values, column));
        const [first] = without;
        return first === undefined ? [] : [[column, { count: without.length, first: wholeRow(first) }]];
      });
      const first = stretchOf(rows[0] as Row, name);
      return [value, { count: rows.length, first, lacking: Object.fromEntries(lacks) }];
    }),
  );
}

function add(counts: Partial<Record<JsonTypeName, SampleCount>>, type: JsonTypeName, place: () => LineStretch): void {
  const known = counts[type];
  counts[type] = known === undefined ? { count: 1, first: place() } : { ...known, count: known.count + 1 };
}

function typeName(value: unknown): JsonTypeName {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "boolean" | "object" | "string";
}

function sizeOf(value: unknown): Omit<SampleSize, "at"> | null {
  if (typeof value === "string") return textSize(value);
  if (Array.isArray(value)) return { size: value.length, of: "items" };
  return typeof value === "number" ? { size: value, of: "number" } : null;
}

/**
 * Bytes of a token, at most: the longest that are known of vocabularies of the shipped model families are runs of 128 blanks. Twice
 * as many are granted. A character has one byte at least.
 */
const LONGEST_TOKEN_BYTES = 256;

/** Tokens that a text has at least: by its words, or, if it has few of them, by its characters. */
function textSize(text: string): Omit<SampleSize, "at"> {
  const words = wordsIn(text);
  const size = Math.ceil(text.length / LONGEST_TOKEN_BYTES);
  return size > words ? { size, of: "characters" } : { size: words, of: "words" };
}

const IN_WORDS = /[\p{L}\p{N}]/u;

/**
 * Words between spaces that have a letter or a digit. A text has at least as many tokens: the tokenizers of the shipped model families
 * take texts apart at spaces first, so that no token has letters or digits of two words.
 */
function wordsIn(text: string): number {
  let count = 0;
  for (const word of text.split(" ")) if (IN_WORDS.test(word)) count += 1;
  return count;
}

/** The value of a column in a row. */
function stretchOf({ text, line }: Row, column: string): LineStretch {
  const place = placeInJson(text, toPointer([column]));
  return place === null
    ? { line, column: 1, length: shortened(text.length) }
    : { line, column: place.offset + 1, length: shortened(place.length) };
}

function wholeRow({ text, line }: Row): LineStretch {
  return { line, column: 1, length: shortened(text.length) };
}

function shortened(length: number): number {
  return Math.max(1, Math.min(length, LONGEST_PLACE));
}
