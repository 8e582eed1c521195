import type { Span } from "../../src/diagnostics/finding.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import type { Imports } from "./names.ts";

/** The compiler API, handed in so that only one module loads it. */
export type Ts = typeof typescript;

/** One file while it is read. */
export interface Reading {
  readonly ts: Ts;
  readonly source: typescript.SourceFile;
  readonly file: string;
  readonly imports: Imports;
  /** True for modules that export the library's decorators. */
  readonly isLibrary: (module: string) => boolean;
}

/** What {@link spanOf} needs of a file. */
type Located = Pick<Reading, "source" | "file">;

/** Span of a node's own text, without comments before it. */
export function spanOf(reading: Located, node: typescript.Node): Span {
  return spanAt(reading, node.getStart(reading.source), node.getEnd());
}

/** Span between two offsets. */
export function spanAt({ file, source }: Located, start: number, end: number): Span {
  const { line, character } = source.getLineAndCharacterOfPosition(start);
  return { file, line: line + 1, column: character + 1, length: end - start };
}

/** The expression inside parentheses, `as`, `satisfies`, `<T>` and `!`. */
export function bare(ts: Ts, node: typescript.Expression): typescript.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isTypeAssertionExpression(inner) ||
    ts.isNonNullExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** Text of a string literal or a template without holes. */
export function literalText(ts: Ts, node: typescript.Expression | undefined): string | null {
  if (node === undefined) return null;
  const inner = bare(ts, node);
  return ts.isStringLiteralLike(inner) ? inner.text : null;
}

/** The name that a property is declared under, where syntax shows it. */
export function propertyName(ts: Ts, name: typescript.PropertyName | undefined): string | null {
  if (name === undefined) return null;
  if (ts.isComputedPropertyName(name)) return literalText(ts, name.expression);
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  return null;
}

/** True if a declaration has a modifier. */
export function hasModifier(ts: Ts, node: typescript.Node, kind: typescript.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** Decorators of a declaration. */
export function decoratorsOf(ts: Ts, node: typescript.Node): readonly typescript.Decorator[] {
  return ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
}
