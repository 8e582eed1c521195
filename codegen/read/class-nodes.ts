import type { TypeUse } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { constantOf, declarationOf, importedAs } from "./names.ts";
import { bare, type Reading, type Ts } from "./syntax.ts";

/** A class, declared or assigned to a `const`. */
export type ClassNode = typescript.ClassLikeDeclaration;

/** True for a class that runs when its module is loaded, once, in any case. */
export function isTopLevelClass(ts: Ts, node: ClassNode): boolean {
  return ts.isClassDeclaration(node) ? ts.isSourceFile(node.parent) : topLevelConstant(ts, node) !== null;
}

/** Name of a class: its own, that of its `const`, or `default`. */
export function classNameOf(ts: Ts, node: ClassNode): string {
  return classNameNode(ts, node)?.text ?? "default";
}

/** The class at the top level of the file that an identifier means. */
export function classNamed(ts: Ts, name: typescript.Identifier): ClassNode | null {
  const declared = declarationOf(ts, name);
  if (declared === null) return null;
  if (ts.isClassDeclaration(declared)) return isTopLevelClass(ts, declared) ? declared : null;
  const value = constantOf(ts, name);
  return value !== null && ts.isClassExpression(value) && isTopLevelClass(ts, value) ? value : null;
}

/** The class that a function makes: all that it does is to return `new Name(...)`. */
export function returnedClass(reading: Reading, node: typescript.Node): TypeUse | null {
  const { ts } = reading;
  if (ts.isIdentifier(node)) {
    const declared = constantOf(ts, node) ?? declarationOf(ts, node);
    return declared === null || ts.isIdentifier(declared) ? null : returnedClass(reading, declared);
  }
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node) && !ts.isFunctionDeclaration(node)) return null;
  const { body } = node;
  if (body === undefined) return null;
  const made = ts.isBlock(body) ? onlyReturn(ts, body) : body;
  const value = made === undefined ? undefined : bare(ts, made);
  if (value === undefined || !ts.isNewExpression(value)) return null;
  const imported = importedAs(reading, value.expression);
  if (imported !== null) return { name: imported.name, module: imported.module };
  return ts.isIdentifier(value.expression) ? { name: value.expression.text, module: null } : null;
}

function onlyReturn(ts: Ts, { statements }: typescript.Block): typescript.Expression | undefined {
  const returns = statements.filter((statement) => ts.isReturnStatement(statement));
  const last = statements.at(-1);
  return returns.length === 1 && last !== undefined && ts.isReturnStatement(last) ? last.expression : undefined;
}

/** The `const` at the top level that a class expression is the value of. */
export function topLevelConstant(ts: Ts, node: ClassNode): typescript.VariableDeclaration | null {
  let outer: typescript.Node = node.parent;
  while (ts.isExpression(outer)) outer = outer.parent;
  if (!ts.isVariableDeclaration(outer)) return null;
  return ts.isSourceFile(outer.parent.parent.parent) ? outer : null;
}

/** The identifier that names a class. */
export function classNameNode(ts: Ts, node: ClassNode): typescript.Identifier | null {
  const constant = ts.isClassExpression(node) ? topLevelConstant(ts, node) : null;
  if (constant !== null && ts.isIdentifier(constant.name)) return constant.name;
  return node.name ?? null;
}
