import type { Span } from "../finding.ts";

/** The file that spans of arguments name. */
export const COMMAND_LINE = "<command line>";

/** Line ends as TypeScript counts them. */
export const LINE_END: RegExp = /\r\n|[\n\r\u2028\u2029]/;

/** A stretch of lines and columns, both from 1 and in UTF-16 units; the end is behind the last character. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Offset of a place in its text; `null` if the text has no such line, or the line no such column. */
export function offsetAt(text: string, line: number, column: number): number | null {
  const ends = new RegExp(LINE_END, "g");
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    if (ends.exec(text) === null) return null;
    start = ends.lastIndex;
  }
  const end = ends.exec(text)?.index ?? text.length;
  const offset = start + column - 1;
  return offset < start || offset > end ? null : offset;
}

/** Text of a span; `null` if the source has not all of it. */
export function textOf(source: string, { line, column, length }: Span): string | null {
  const offset = offsetAt(source, line, column);
  return offset === null || offset + length > source.length ? null : source.slice(offset, offset + length);
}

/** Where a span begins and ends. Without its source it is taken to end in the line that it begins in. */
export function regionOf(span: Span, source: string | null): Region {
  const { line, column, length } = span;
  const text = source === null ? null : textOf(source, span);
  const lines = text === null ? [] : text.split(LINE_END);
  const last = lines.at(-1);
  if (last === undefined || lines.length === 1) {
    return { startLine: line, startColumn: column, endLine: line, endColumn: column + length };
  }
  return { startLine: line, startColumn: column, endLine: line + lines.length - 1, endColumn: last.length + 1 };
}

/** The line that a span begins in, without white space around it; `null` if the source has no such line. */
export function lineOf(source: string, { line }: Span): string | null {
  return source.split(LINE_END)[line - 1]?.trim() ?? null;
}
