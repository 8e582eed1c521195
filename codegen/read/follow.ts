import type { ts as typescript } from "../ts-morph-reader.ts";
import { constantOf } from "./names.ts";
import { bare, literalText, propertyName, type Ts } from "./syntax.ts";

/** What a step along a path reaches. */
export interface Reached {
  readonly value: typescript.Node;
  /** The property's name beside the value; `null` for elements. */
  readonly key: typescript.Node | null;
  /** False if the value is only known to come from here. */
  readonly exact: boolean;
}

/** All that may write a property of an object. */
interface Writers {
  /** The nearest to the end first. */
  readonly candidates: readonly Reached[];
  /** True if one of them writes in any case. */
  readonly definite: boolean;
}

const MAX_DEPTH = 32;

/** What an expression stands for: through names and properties of `const`s of the same file. */
export function follow(ts: Ts, node: typescript.Expression, depth = 0): typescript.Expression {
  let value = bare(ts, node);
  for (let steps = depth; steps < MAX_DEPTH; steps += 1) {
    const next = behind(ts, value, steps);
    if (next === null) return value;
    value = bare(ts, next);
  }
  return value;
}

/** One property or element further; `null` if nothing of it can be seen. */
export function step(ts: Ts, from: typescript.Node, segment: string | number, depth = 0): Reached | null {
  if (depth > MAX_DEPTH || !isExpression(ts, from)) return null;
  const value = follow(ts, from, depth);
  if (ts.isArrayLiteralExpression(value)) return element(ts, value, Number(segment), depth);
  const { candidates } = writersOf(ts, value, String(segment), depth);
  const [only, second] = candidates;
  if (only === undefined || second !== undefined || only.value === value) return null;
  return only;
}

/** The element of a list of expressions, spreads of literals counted in. */
export function elementOf(ts: Ts, list: readonly typescript.Expression[], index: number, depth = 0): Reached | null {
  const { elements, open } = flatten(ts, list, depth);
  const found = elements[index];
  if (found !== undefined) return { value: found, key: null, exact: true };
  // Behind an unknown number of elements nothing can be counted, unless nothing follows.
  return open !== null && list.at(-1) === open ? { value: open.expression, key: null, exact: false } : null;
}

function behind(ts: Ts, value: typescript.Expression, depth: number): typescript.Expression | null {
  if (ts.isIdentifier(value)) return constantOf(ts, value);
  if (ts.isPropertyAccessExpression(value)) return member(ts, value.expression, value.name.text, depth);
  if (ts.isElementAccessExpression(value)) {
    const index = bare(ts, value.argumentExpression);
    const name = ts.isNumericLiteral(index) ? index.text : literalText(ts, index);
    return name === null ? null : member(ts, value.expression, name, depth);
  }
  return isFreeze(ts, value) ? (value.arguments[0] ?? null) : null;
}

function member(ts: Ts, owner: typescript.Expression, name: string, depth: number): typescript.Expression | null {
  const base = bare(ts, owner);
  // Only what a `const` of the file holds: `this.x` and the like may have been changed.
  if (!ts.isIdentifier(base) && !ts.isPropertyAccessExpression(base) && !ts.isElementAccessExpression(base))
    return null;
  const reached = step(ts, base, name, depth + 1);
  return reached !== null && reached.exact && isExpression(ts, reached.value) ? reached.value : null;
}

function element(ts: Ts, list: typescript.ArrayLiteralExpression, index: number, depth: number): Reached | null {
  return elementOf(ts, list.elements, index, depth);
}

/** Elements up to the first spread whose length is unknown. */
function flatten(
  ts: Ts,
  list: readonly typescript.Expression[],
  depth: number,
): { readonly elements: readonly typescript.Expression[]; readonly open: typescript.SpreadElement | null } {
  const elements: typescript.Expression[] = [];
  for (const part of list) {
    if (!ts.isSpreadElement(part)) {
      elements.push(part);
      continue;
    }
    const inner = depth > MAX_DEPTH ? part : follow(ts, part.expression, depth + 1);
    if (!ts.isArrayLiteralExpression(inner)) return { elements, open: part };
    const inside = flatten(ts, inner.elements, depth + 1);
    elements.push(...inside.elements);
    if (inside.open !== null) return { elements, open: part };
  }
  return { elements, open: null };
}

/** Who may write a property of what an expression stands for, the last one first: it wins. */
function writersOf(ts: Ts, node: typescript.Expression, name: string, depth: number): Writers {
  const unknown: Writers = { candidates: [{ value: node, key: null, exact: false }], definite: false };
  if (depth > MAX_DEPTH) return unknown;
  const value = follow(ts, node, depth);
  if (ts.isObjectLiteralExpression(value)) return objectWriters(ts, value, name, depth);
  if (ts.isConditionalExpression(value)) {
    return either(writersOf(ts, value.whenTrue, name, depth + 1), writersOf(ts, value.whenFalse, name, depth + 1));
  }
  if (ts.isBinaryExpression(value)) {
    const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken } = ts.SyntaxKind;
    const right = () => writersOf(ts, value.right, name, depth + 1);
    switch (value.operatorToken.kind) {
      case AmpersandAmpersandToken:
        return { candidates: right().candidates, definite: false };
      case BarBarToken:
      case QuestionQuestionToken:
        return either(writersOf(ts, value.left, name, depth + 1), right());
      default:
        return unknown;
    }
  }
  return isNothing(ts, value) ? { candidates: [], definite: false } : unknown;
}

function objectWriters(ts: Ts, literal: typescript.ObjectLiteralExpression, name: string, depth: number): Writers {
  const candidates: Reached[] = [];
  for (const property of [...literal.properties].reverse()) {
    if (ts.isSpreadAssignment(property)) {
      const inside = writersOf(ts, property.expression, name, depth + 1);
      candidates.push(...inside.candidates);
      if (inside.definite) return { candidates, definite: true };
      continue;
    }
    const own = propertyName(ts, property.name);
    if (own === null && ts.isComputedPropertyName(property.name)) {
      candidates.push({ value: property.name, key: property.name, exact: false });
    } else if (own === name) {
      candidates.push({ ...written(ts, property), exact: true });
      return { candidates, definite: true };
    }
  }
  return { candidates, definite: false };
}

function written(ts: Ts, property: typescript.ObjectLiteralElementLike): Omit<Reached, "exact"> {
  const key = property.name ?? property;
  return ts.isPropertyAssignment(property) ? { value: property.initializer, key } : { value: key, key };
}

function either(a: Writers, b: Writers): Writers {
  return { candidates: [...a.candidates, ...b.candidates], definite: a.definite && b.definite };
}

function isFreeze(ts: Ts, value: typescript.Expression): value is typescript.CallExpression {
  if (!ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return false;
  const { expression, name } = value.expression;
  return ts.isIdentifier(expression) && expression.text === "Object" && name.text === "freeze";
}

/** What spreads nothing. */
function isNothing(ts: Ts, value: typescript.Expression): boolean {
  const { NullKeyword, FalseKeyword } = ts.SyntaxKind;
  if (value.kind === NullKeyword || value.kind === FalseKeyword) return true;
  return ts.isIdentifier(value) && value.text === "undefined";
}

function isExpression(ts: Ts, node: typescript.Node): node is typescript.Expression {
  return ts.isExpression(node);
}
