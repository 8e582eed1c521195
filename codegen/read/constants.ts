import type { JsonObject, JsonValue } from "type-fest";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { constantOf } from "./names.ts";
import { bare, propertyName, type Ts } from "./syntax.ts";

const MAX_DEPTH = 32;

/** The value that a literal shows; `undefined` where running the program decides. Parts of objects that it decides are left out. */
export function constantValue(ts: Ts, node: typescript.Expression, depth = 0): JsonValue | undefined {
  const value = bare(ts, node);
  if (depth > MAX_DEPTH) return undefined;
  if (ts.isStringLiteralLike(value)) return value.text;
  if (ts.isNumericLiteral(value)) return numberText(value.text);
  switch (value.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return true;
    case ts.SyntaxKind.FalseKeyword:
      return false;
    case ts.SyntaxKind.NullKeyword:
      return null;
    default:
  }
  if (ts.isPrefixUnaryExpression(value) && value.operator === ts.SyntaxKind.MinusToken) {
    const inner = constantValue(ts, value.operand, depth + 1);
    return typeof inner === "number" ? -inner : undefined;
  }
  if (ts.isIdentifier(value)) {
    const constant = constantOf(ts, value);
    return constant === null ? undefined : constantValue(ts, constant, depth + 1);
  }
  if (ts.isArrayLiteralExpression(value)) {
    const elements = value.elements.map((element) => constantValue(ts, element, depth + 1));
    return elements.every((element) => element !== undefined) ? elements : undefined;
  }
  return ts.isObjectLiteralExpression(value) ? constantObject(ts, value, depth) : undefined;
}

function constantObject(ts: Ts, literal: typescript.ObjectLiteralExpression, depth: number): JsonObject {
  const entries = new Map<string, JsonValue>();
  for (const property of literal.properties) {
    if (ts.isSpreadAssignment(property)) {
      const inner = constantValue(ts, property.expression, depth + 1);
      if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
        for (const [key, value] of Object.entries(inner)) if (value !== undefined) entries.set(key, value);
      } else {
        // What an unknown object overwrites is unknown, too.
        entries.clear();
      }
      continue;
    }
    const name = propertyName(ts, property.name);
    if (name === null) continue;
    const expression = ts.isPropertyAssignment(property)
      ? property.initializer
      : ts.isShorthandPropertyAssignment(property)
        ? shorthandValue(ts, property)
        : null;
    const value = expression === null ? undefined : constantValue(ts, expression, depth + 1);
    if (value === undefined) entries.delete(name);
    else entries.set(name, value);
  }
  // `fromEntries` defines properties: a key `__proto__` stays data.
  return Object.fromEntries(entries);
}

function shorthandValue(ts: Ts, { name }: typescript.ShorthandPropertyAssignment): typescript.Expression | null {
  return constantOf(ts, name);
}

function numberText(text: string): number | undefined {
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}
