import { LINE_END } from "../../diagnostics/render/region.ts";
import { paint, type Style } from "../../diagnostics/render/style.ts";
import { printable } from "../../diagnostics/render/text-width.ts";

/** Lines around a change that are shown with it. */
const CONTEXT = 3;

/** One line of a diff: kept, taken away or added. */
interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** What changed in a file, in the form of `diff -u`; `""` if nothing did. */
export function renderDiff(file: string, before: string, after: string, style: Style): string {
  if (before === after) return "";
  const lines = diffLines(linesOf(before), linesOf(after));
  const head = [paint(`--- ${printable(file)}`, "strong", style), paint(`+++ ${printable(file)}`, "strong", style)];
  return [...head, ...hunksOf(lines).flatMap((hunk) => renderHunk(lines, hunk, style))]
    .map((line) => `${line}\n`)
    .join("");
}

/** Lines with their ends: a line that only got another end is another line. */
function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  let start = 0;
  for (const { index, 0: end } of text.matchAll(new RegExp(LINE_END, "g"))) {
    lines.push(text.slice(start, index + end.length));
    start = index + end.length;
  }
  return start < text.length ? [...lines, text.slice(start)] : lines;
}

/** The fewest lines to take away and to add: Myers' greedy algorithm, on what is left between equal ends. */
function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const kept = (text: string): DiffLine => ({ sign: " ", text });
  return [
    ...before.slice(0, head).map(kept),
    ...shortestEdit(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(kept),
  ];
}

function shortestEdit(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  // Furthest line of `before` that is reached on each diagonal, after each number of edits.
  const trace: ReadonlyMap<number, number>[] = [];
  let reached: Map<number, number> = new Map([[1, 0]]);
  for (let edits = 0; ; edits += 1) {
    const next = new Map(reached);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = isDown(reached, diagonal, edits) ? at(reached, diagonal + 1) : at(reached, diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack([...trace, reached], before, after);
    }
    trace.push(reached);
    reached = next;
  }
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reached = trace[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const isAdded = isDown(reached, diagonal, edits);
    const from = isAdded ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : at(reached, from);
    const fromY = edits === 0 ? 0 : fromX - from;
    const [startX, startY] = edits === 0 ? [0, 0] : isAdded ? [fromX, fromY + 1] : [fromX + 1, fromY];
    for (; x > startX && y > startY; x -= 1, y -= 1) lines.push({ sign: " ", text: before[x - 1] ?? "" });
    if (edits === 0) break;
    lines.push(isAdded ? { sign: "+", text: after[fromY] ?? "" } : { sign: "-", text: before[fromX] ?? "" });
    x = fromX;
    y = fromY;
  }
  return lines.reverse();
}

/** True if a diagonal is best reached by adding a line, rather than by taking one away. */
function isDown(reached: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && at(reached, diagonal - 1) < at(reached, diagonal + 1);
}

function at(reached: ReadonlyMap<number, number>, diagonal: number): number {
  return reached.get(diagonal) ?? 0;
}

interface Hunk {
  readonly from: number;
  readonly to: number;
}

/** Stretches of lines that hold changes; near ones are one. */
function hunksOf(lines: readonly DiffLine[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const last = hunks.at(-1);
    const own = { from: Math.max(0, index - CONTEXT), to: Math.min(lines.length, index + CONTEXT + 1) };
    if (last === undefined || own.from > last.to) hunks.push(own);
    else hunks[hunks.length - 1] = { from: last.from, to: own.to };
  }
  return hunks;
}

function renderHunk(lines: readonly DiffLine[], { from, to }: Hunk, style: Style): readonly string[] {
  const shown = lines.slice(from, to);
  const head = `@@ -${rangeOf(lines, from, shown, "+")} +${rangeOf(lines, from, shown, "-")} @@`;
  return [paint(head, "place", style), ...shown.flatMap((line) => renderLine(line, style))];
}

/** First line and number of lines on one side; `other` is the sign of lines that only the other side has. */
function rangeOf(lines: readonly DiffLine[], from: number, shown: readonly DiffLine[], other: "+" | "-"): string {
  const own = (list: readonly DiffLine[]) => list.filter(({ sign }) => sign !== other).length;
  const count = own(shown);
  const first = own(lines.slice(0, from)) + (count === 0 ? 0 : 1);
  return count === 1 ? String(first) : `${first},${count}`;
}

function renderLine({ sign, text }: DiffLine, style: Style): readonly string[] {
  const line = `${sign}${printable(text.replace(LINE_END, ""))}`;
  const painted = sign === " " ? line : paint(line, sign === "-" ? "error" : "good", style);
  return /[\n\r\u2028\u2029]$/.test(text) ? [painted] : [painted, String.raw`\ No newline at end of file`];
}
