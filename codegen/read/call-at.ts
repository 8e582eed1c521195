import type { ts as typescript } from "../ts-morph-reader.ts";
import { declarationOf } from "./names.ts";
import { bare, type Ts } from "./syntax.ts";

/** A call, `super(...)`, decorator's call, or `new` expression. */
export type CallNode = typescript.CallExpression | typescript.NewExpression;

const MAX_DEPTH = 8;

/**
 * The call that was running at an offset. V8 names the last name of the callee, `new`, or for callees without a name the
 * opening parenthesis. Positions that come through a source map may lie a little off: then it is the innermost call that
 * starts there or, failing that, has the place inside; then that of the decorator around it; then the next one in the line.
 */
export function callAt(ts: Ts, source: typescript.SourceFile, offset: number): CallNode | null {
  let anchored: CallNode | null = null;
  let starting: CallNode | null = null;
  let around: CallNode | null = null;
  let decorating: CallNode | null = null;
  let following: CallNode | null = null;
  const lineEnd = endOfLine(source.text, offset);
  const visit = (node: typescript.Node): void => {
    if (node.getEnd() <= offset || node.getFullStart() > lineEnd) return;
    if (ts.isDecorator(node) && node.getStart(source) <= offset) {
      const call = bare(ts, node.expression);
      if (ts.isCallExpression(call) || ts.isNewExpression(call)) decorating = call;
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const start = node.getStart(source);
      if (anchorsOf(ts, source, node).includes(offset)) anchored = node;
      if (start === offset) starting = node;
      if (start <= offset) around = node;
      else if (following === null && start <= lineEnd) following = node;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return anchored ?? starting ?? around ?? decorating ?? following;
}

/**
 * The name of the property under which a call stands, also through a call around it such as `when(...)` and through the
 * `const` that holds its result. `null` if there is none, or more than one.
 */
export function keyOf(ts: Ts, call: CallNode): typescript.Node | null {
  return keyAbove(ts, call, 0);
}

function anchorsOf(ts: Ts, source: typescript.SourceFile, node: CallNode): readonly number[] {
  if (ts.isNewExpression(node)) return [node.getStart(source)];
  const callee = bare(ts, node.expression);
  const open = openingParenthesis(source.text, node);
  if (ts.isPropertyAccessExpression(callee)) return [callee.name.getStart(source), open];
  return ts.isIdentifier(callee) || callee.kind === ts.SyntaxKind.SuperKeyword
    ? [callee.getStart(source), open]
    : [open];
}

function openingParenthesis(text: string, { typeArguments, expression }: typescript.CallExpression): number {
  return text.indexOf("(", typeArguments?.end ?? expression.end);
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

function keyAbove(ts: Ts, from: typescript.Node, depth: number): typescript.Node | null {
  let node = from;
  for (let { parent } = node; parent !== undefined; { parent } = parent) {
    if (ts.isPropertyAssignment(parent)) return parent.initializer === node ? parent.name : null;
    if (ts.isShorthandPropertyAssignment(parent)) return parent.name;
    if (ts.isVariableDeclaration(parent)) return keyOfConstant(ts, parent, depth);
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      return parent.right === node ? memberName(ts, parent.left) : null;
    }
    const passesOn =
      isWrapper(ts, parent) ||
      (ts.isConditionalExpression(parent) && parent.condition !== node) ||
      (ts.isBinaryExpression(parent) && parent.right === node) ||
      (ts.isCallExpression(parent) && parent.expression !== node);
    if (!passesOn) return null;
    node = parent;
  }
  return null;
}

/** The one property that a `const` is the value of. */
function keyOfConstant(ts: Ts, declared: typescript.VariableDeclaration, depth: number): typescript.Node | null {
  const { name, parent } = declared;
  if (!ts.isIdentifier(name) || (parent.flags & ts.NodeFlags.Const) === 0 || depth > MAX_DEPTH) return null;
  const keys = new Set<typescript.Node>();
  const visit = (node: typescript.Node): void => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && declarationOf(ts, node) === declared) {
      const isOwnKey = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
      const key = isOwnKey ? null : keyAbove(ts, node, depth + 1);
      if (key !== null) keys.add(key);
    }
    ts.forEachChild(node, visit);
  };
  visit(parent.parent.parent);
  const [only] = keys;
  return keys.size === 1 && only !== undefined ? only : null;
}

function memberName(ts: Ts, target: typescript.Expression): typescript.Node | null {
  if (ts.isPropertyAccessExpression(target)) return target.name;
  return ts.isElementAccessExpression(target) && ts.isStringLiteralLike(target.argumentExpression)
    ? target.argumentExpression
    : null;
}

function isWrapper(ts: Ts, node: typescript.Node): boolean {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isTypeAssertionExpression(node) ||
    ts.isNonNullExpression(node)
  );
}
