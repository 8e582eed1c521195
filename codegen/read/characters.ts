import type { ts as typescript } from "../ts-morph-reader.ts";
import { constantValue } from "./constants.ts";
import { follow } from "./follow.ts";
import { bare, type Ts } from "./syntax.ts";

/** Where one UTF-16 unit of a string's value is written: offsets in the file. */
interface Unit {
  readonly start: number;
  readonly end: number;
}

/** How a string's value is written. */
export interface Writing {
  readonly units: readonly Unit[];
  /** False if only the first characters are known. */
  readonly complete: boolean;
  /** Behind the last known character. */
  readonly end: number;
}

const MAX_DEPTH = 32;
const ESCAPE = /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|[\s\S])/y;
const CONTINUATION = /^\\(?:\r\n|[\r\n\u2028\u2029])$/;
const ASTRAL = /^\\u\{0*([1-9a-fA-F][0-9a-fA-F]{4,5})\}$/;

/** How a string is written: a literal, a sum of them, or a template whose holes are constants. `null` for anything else. */
export function writingOf(ts: Ts, node: typescript.Expression, depth = 0): Writing | null {
  if (depth > MAX_DEPTH) return null;
  const own = bare(ts, node);
  const value = ts.isIdentifier(own) || ts.isPropertyAccessExpression(own) ? follow(ts, own) : own;
  if (ts.isStringLiteral(value)) return literalWriting(value.getSourceFile().text, value.getStart() + 1, value.end - 1);
  if (ts.isNoSubstitutionTemplateLiteral(value)) {
    return literalWriting(value.getSourceFile().text, value.getStart() + 1, value.end - 1);
  }
  if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return joined([writingOf(ts, value.left, depth + 1), writingOf(ts, value.right, depth + 1)]);
  }
  return ts.isTemplateExpression(value) ? templateWriting(ts, value, depth) : null;
}

function templateWriting(
  ts: Ts,
  { head, templateSpans }: typescript.TemplateExpression,
  depth: number,
): Writing | null {
  const { text } = head.getSourceFile();
  const parts: (Writing | null)[] = [literalWriting(text, head.getStart() + 1, head.end - "${".length)];
  for (const { expression, literal } of templateSpans) {
    parts.push(writingOf(ts, expression, depth + 1) ?? numberWriting(ts, expression));
    const close = ts.isTemplateTail(literal) ? "`".length : "${".length;
    parts.push(literalWriting(text, literal.getStart() + 1, literal.end - close));
  }
  return joined(parts);
}

/** All characters of a constant number are the number. */
function numberWriting(ts: Ts, node: typescript.Expression): Writing | null {
  const value = constantValue(ts, node);
  if (typeof value !== "number") return null;
  const unit = { start: node.getStart(), end: node.end };
  return { units: Array.from(String(value), () => unit), complete: true, end: node.end };
}

function joined(parts: readonly (Writing | null)[]): Writing | null {
  const units: Unit[] = [];
  let end: number | null = null;
  for (const part of parts) {
    if (part === null) return end === null ? null : { units, complete: false, end };
    units.push(...part.units);
    ({ end } = part);
    if (!part.complete) return { units, complete: false, end };
  }
  return end === null ? null : { units, complete: true, end };
}

/** Reads the raw text of a literal between its quotes. */
function literalWriting(text: string, start: number, end: number): Writing {
  const units: Unit[] = [];
  for (let at = start; at < end;) {
    ESCAPE.lastIndex = at;
    const escape = text[at] === "\\" ? ESCAPE.exec(text)?.[0] : undefined;
    // Only templates hold plain line ends, and there each is one character.
    const raw = escape ?? (text.startsWith("\r\n", at) ? "\r\n" : text.charAt(at));
    const unit = { start: at, end: at + raw.length };
    // A continued line is no character; a code point beyond the basic plane is two.
    const count = CONTINUATION.test(raw) ? 0 : ASTRAL.test(raw) ? 2 : 1;
    for (let index = 0; index < count; index += 1) units.push(unit);
    at = unit.end;
  }
  return { units, complete: true, end };
}
