import type { ts as typescript } from "../ts-morph-reader.ts";
import { type ClassNode, classNameOf, isTopLevelClass } from "./class-nodes.ts";
import { bare, propertyName, type Ts } from "./syntax.ts";

const FIELD = "acknowledge";
const INDENT = "  ";

/** Where a class takes an acknowledgement and how it is written; see `SourceReader.acknowledgement`. */
export function acknowledgementIn(
  ts: Ts,
  source: typescript.SourceFile,
  className: string,
  code: string,
): { readonly offset: number; readonly text: string } | null {
  const owner = classOf(ts, source, className);
  if (owner === null) return null;
  const newline = source.text.includes("\r\n") ? "\r\n" : "\n";
  const entry = `${JSON.stringify(code)}: ""`;
  const field = owner.members.find(
    (member): member is typescript.PropertyDeclaration =>
      ts.isPropertyDeclaration(member) && propertyName(ts, member.name) === FIELD,
  );
  if (field === undefined) {
    const brace = owner.getChildren(source).find(({ kind }) => kind === ts.SyntaxKind.OpenBraceToken);
    if (brace === undefined) return null;
    const indent = indentOf(source, owner) + INDENT;
    const lines = [`${FIELD} = {`, `${INDENT}${entry},`, "};"].map((line) => `${newline}${indent}${line}`);
    return { offset: brace.end, text: lines.join("") };
  }
  const value = field.initializer === undefined ? null : bare(ts, field.initializer);
  if (value === null || !ts.isObjectLiteralExpression(value)) return null;
  // What is there already is not written twice.
  if (value.properties.some(({ name }) => name !== undefined && propertyName(ts, name) === code)) return null;
  const [first] = value.properties;
  const isBroken =
    first !== undefined && source.text.slice(value.getStart(source), first.getStart(source)).includes("\n");
  const gap = isBroken ? `${newline}${indentOf(source, first)}` : " ";
  return { offset: value.getStart(source) + 1, text: `${gap}${entry}${first === undefined ? " " : ","}` };
}

function classOf(ts: Ts, source: typescript.SourceFile, name: string): ClassNode | null {
  let found: ClassNode | null = null;
  const look = (node: typescript.Node): void => {
    if (found !== null) return;
    if (ts.isClassLike(node) && isTopLevelClass(ts, node) && classNameOf(ts, node) === name) found = node;
    else ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

/** The white space in front of a node's line. */
function indentOf(source: typescript.SourceFile, node: typescript.Node): string {
  const start = node.getStart(source);
  const line = source.text.lastIndexOf("\n", start - 1) + 1;
  return /^[ \t]*/.exec(source.text.slice(line, start))?.[0] ?? "";
}
