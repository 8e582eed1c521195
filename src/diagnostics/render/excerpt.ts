import type { Span } from "../finding.ts";
import { LINE_END } from "./region.ts";
import { paint, type Style } from "./style.ts";
import { type Cell, cellsOf } from "./text-width.ts";

/** A span to show, and what to write beside its marks. */
export interface Mark {
  readonly span: Span;
  readonly label: string;
  /** The cause itself is marked by `^`, what belongs to it by `-`. */
  readonly primary: boolean;
}

/** How excerpts look. */
export interface ExcerptOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  /** Columns of the line numbers. */
  readonly gutter: number;
}

/** Lines that may stand between two marks of the same excerpt. */
const NEAR = 3;

/** Groups marks of one file so that near ones share an excerpt; each group is in the order of lines. */
export function clusterMarks(marks: readonly Mark[]): readonly (readonly Mark[])[] {
  const clusters: Mark[][] = [];
  const sorted = [...marks].sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
  for (const mark of sorted) {
    const last = clusters.at(-1);
    const previous = last?.at(-1);
    if (last !== undefined && previous !== undefined && mark.span.line - previous.span.line <= NEAR) last.push(mark);
    else clusters.push([mark]);
  }
  return clusters;
}

/** Shows the lines that a cluster of marks stands on. Empty if the source does not have them. */
export function renderExcerpt(source: string, marks: readonly Mark[], options: ExcerptOptions): readonly string[] {
  const lines = source.split(LINE_END);
  const first = marks[0]?.span.line ?? 1;
  const last = Math.min(marks.at(-1)?.span.line ?? first, lines.length);
  if (first > lines.length) return [];
  const shown: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const own = marks.filter(({ span }) => span.line === number);
    shown.push(...renderLine(lines, number, own, options));
  }
  return [bar("", "", options), ...shown];
}

/** Columns to keep in front of a mark in a line that is cut. */
const LEAD = 16;
const CUT = "…";

function renderLine(
  lines: readonly string[],
  number: number,
  marks: readonly Mark[],
  options: ExcerptOptions,
): readonly string[] {
  const text = lines[number - 1] ?? "";
  const cells = cellsOf(text);
  const room = Math.max(20, options.width - options.gutter - 4);
  const whole = widthOf(cells) <= room;
  // In a line that is cut each mark has a part of its own.
  const parts = whole || marks.length === 0 ? [marks] : marks.map((mark) => [mark]);
  return parts.flatMap((part) => {
    const window = whole ? { from: 0, to: cells.length } : windowOf(cells, part[0]?.span ?? null, room);
    const before = window.from > 0 ? CUT : "";
    const after = window.to < cells.length ? CUT : "";
    const visible = cells.slice(window.from, window.to);
    const code = `${before}${visible.map((cell) => cell.text).join("")}${after}`;
    return [
      bar(String(number), code, options),
      ...part.map((mark) => markLine(mark, visible, before.length, text.length, lines, options)),
    ];
  });
}

/** Cells of a long line that show the span, from a little in front of it. */
function windowOf(cells: readonly Cell[], span: Span | null, room: number): { from: number; to: number } {
  const start = span === null ? 0 : cells.findIndex(({ offset, length }) => offset + length > span.column - 1);
  const marked = start < 0 ? cells.length : start;
  const end = span === null ? 0 : cells.findIndex(({ offset }) => offset >= span.column - 1 + span.length);
  const markedWidth = widthOf(cells.slice(marked, end < 0 ? cells.length : end));
  const lead = Math.max(LEAD, Math.floor((room - markedWidth) / 2));
  let from = marked;
  for (let width = 0; from > 0 && width < lead; from -= 1) width += cells[from - 1]?.width ?? 0;
  const space = room - (from > 0 ? 1 : 0) - 1;
  let to = from;
  for (let width = 0; to < cells.length; to += 1) {
    width += cells[to]?.width ?? 0;
    if (width > space) break;
  }
  return { from, to };
}

function markLine(
  { span, label, primary }: Mark,
  visible: readonly Cell[],
  lead: number,
  lineLength: number,
  lines: readonly string[],
  options: ExcerptOptions,
): string {
  const start = span.column - 1;
  const end = start + span.length;
  const isBefore = ({ offset, length }: Cell) => offset + length <= start && !(length === 0 && offset === start);
  const indent = lead + widthOf(visible.filter(isBefore));
  const marked = widthOf(visible.filter((cell) => !isBefore(cell) && cell.offset < end));
  const further = end > lineLength ? linesBelow(lines, span.line, end - lineLength) : 0;
  const marks = (primary ? "^" : "-").repeat(Math.max(1, marked));
  const more = further > 0 ? `${CUT} and ${further} more line${further === 1 ? "" : "s"}` : "";
  const text = [more, label].filter((part) => part !== "").join(": ");
  const { style } = options;
  const painted = paint(text === "" ? marks : `${marks} ${text}`, primary ? "error" : "mark", style);
  return bar("", `${" ".repeat(indent)}${painted}`, options);
}

/** Lines below the first one that a span of `rest` further characters reaches. */
function linesBelow(lines: readonly string[], line: number, rest: number): number {
  let count = 0;
  for (let left = rest, at = line; left > 0 && at < lines.length; at += 1) {
    count += 1;
    left -= (lines[at]?.length ?? 0) + 1;
  }
  return count;
}

function bar(number: string, text: string, { gutter, style }: ExcerptOptions): string {
  const edge = paint(`${number.padStart(gutter)} |`, "mark", style);
  return text === "" ? edge : `${edge} ${text}`;
}

function widthOf(cells: readonly Cell[]): number {
  let width = 0;
  for (const cell of cells) width += cell.width;
  return width;
}
