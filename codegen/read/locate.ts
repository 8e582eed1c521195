import type { Span } from "../../src/diagnostics/finding.ts";
import type { LocateRequest } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { type CallNode, callAt, keyOf } from "./call-at.ts";
import { type Writing, writingOf } from "./characters.ts";
import { elementOf, follow, type Reached, step } from "./follow.ts";
import { spanAt, spanOf, type Ts } from "./syntax.ts";

/** A place that was found: all of the way, or its longest part. */
export interface Located {
  readonly span: Span;
  readonly exact: boolean;
}

interface At {
  readonly ts: Ts;
  readonly file: string;
  readonly source: typescript.SourceFile;
}

const MAX_WORD = 100;

type Range = NonNullable<LocateRequest["range"]>;

/** Finds the source text behind a place in a call; see `SourceReader.locate`. */
export function locateIn(
  ts: Ts,
  source: typescript.SourceFile,
  file: string,
  { line, column, path, range }: LocateRequest,
): Located {
  const at = { ts, file, source };
  const offset = offsetOf(source, line, column);
  const call = callAt(ts, source, offset);
  if (call === null) {
    const length = /^[\w$]*/.exec(source.text.slice(offset, offset + MAX_WORD))?.[0].length ?? 0;
    return { span: { file, line, column, length }, exact: false };
  }
  const whole = (node: typescript.Node, exact: boolean): Located => ({ span: spanOf(at, node), exact });
  const [first, ...rest] = path;
  if (first === undefined) return whole(call, range === undefined);
  if (first === "#key") {
    const key = keyOf(ts, call);
    if (key === null) return whole(call, false);
    return ranged(at, key, range, isPlainName(ts, key), nameWriting);
  }
  const argument = argumentOf(ts, call, first);
  if (argument === null) return whole(call, false);
  let reached = argument;
  for (const [index, segment] of rest.entries()) {
    if (segment === "#key" && index === rest.length - 1) {
      if (reached.key === null) return whole(reached.value, false);
      return ranged(at, reached.key, range, reached.exact, nameWriting);
    }
    const next = reached.exact ? step(ts, reached.value, segment) : null;
    if (next === null) return whole(reached.value, false);
    reached = next;
  }
  return ranged(at, reached.value, range, reached.exact, valueWriting);
}

function offsetOf(source: typescript.SourceFile, line: number, column: number): number {
  const starts = source.getLineStarts();
  const start = starts[Math.min(Math.max(line, 1), starts.length) - 1] ?? 0;
  return Math.min(start + Math.max(column, 1) - 1, source.end);
}

function argumentOf(ts: Ts, { arguments: args }: CallNode, segment: string | number): Reached | null {
  const list = args ?? [];
  if (typeof segment !== "number") return null;
  if (segment >= 0) return elementOf(ts, list, segment);
  // Counted from the end: nothing behind the argument may be a spread.
  const tail = list.slice(segment);
  const [value] = tail;
  if (value === undefined || tail.length < -segment) return null;
  const open = tail.find((argument) => ts.isSpreadElement(argument));
  if (open === undefined) return { value, key: null, exact: true };
  const spread = follow(ts, open.expression);
  const last = segment === -1 && ts.isArrayLiteralExpression(spread) ? spread.elements.at(-1) : undefined;
  return last === undefined || ts.isSpreadElement(last)
    ? { value: open, key: null, exact: false }
    : { value: last, key: null, exact: true };
}

/** The place itself, or characters of the string that it stands for. */
function ranged(
  at: At,
  node: typescript.Node,
  range: Range | undefined,
  exact: boolean,
  write: (ts: Ts, node: typescript.Node) => Writing | null,
): Located {
  const whole: Located = { span: spanOf(at, node), exact };
  if (range === undefined || !exact) return whole;
  const writing = write(at.ts, node);
  const stretch = writing === null ? null : charactersOf(writing, range);
  if (stretch === null) return { ...whole, exact: false };
  return { span: spanAt(at, stretch.start, stretch.end), exact: true };
}

function charactersOf(
  { units, complete, end }: Writing,
  { offset, length }: Range,
): { readonly start: number; readonly end: number } | null {
  const stop = offset + length;
  if (stop > units.length && !complete) return null;
  const first = units[offset];
  if (first === undefined) return { start: end, end };
  if (length <= 0) return { start: first.start, end: first.start };
  const last = units[Math.min(stop, units.length) - 1] ?? first;
  // The parts of a sum may stand in any order.
  return last.end < first.start ? null : { start: first.start, end: last.end };
}

function valueWriting(ts: Ts, node: typescript.Node): Writing | null {
  return ts.isExpression(node) ? writingOf(ts, node) : null;
}

/** A property's name without quotes is a text of its own. */
function nameWriting(ts: Ts, node: typescript.Node): Writing | null {
  if (ts.isComputedPropertyName(node)) return writingOf(ts, node.expression);
  if (!ts.isIdentifier(node)) return ts.isStringLiteralLike(node) ? writingOf(ts, node) : null;
  const start = node.getStart();
  const units = Array.from({ length: node.text.length }, (_unit, index) => ({
    start: start + index,
    end: start + index + 1,
  }));
  return { units, complete: true, end: node.end };
}

function isPlainName(ts: Ts, key: typescript.Node): boolean {
  return !ts.isComputedPropertyName(key) || ts.isStringLiteralLike(key.expression);
}
