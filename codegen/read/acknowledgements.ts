import type { DeclaredAcknowledgement, DeclaredClass } from "../source-reader.ts";
import type { ClassNode } from "./class-nodes.ts";
import { bare, hasModifier, propertyName, type Reading, spanOf } from "./syntax.ts";

/** Field of a class that holds what it acknowledges, by code. */
const FIELD = "acknowledge";

/** Codes of the warnings that a class acknowledges, where they are written. */
export function acknowledgementsOf(reading: Reading, node: ClassNode): DeclaredClass["acknowledgements"] {
  const { ts } = reading;
  const field = node.members.find(
    (member) =>
      ts.isPropertyDeclaration(member) &&
      !hasModifier(ts, member, ts.SyntaxKind.StaticKeyword) &&
      propertyName(ts, member.name) === FIELD,
  );
  if (field === undefined || !ts.isPropertyDeclaration(field) || field.initializer === undefined) return null;
  const value = bare(ts, field.initializer);
  if (!ts.isObjectLiteralExpression(value)) return null;
  return value.properties.flatMap(({ name }): readonly DeclaredAcknowledgement[] => {
    const code = propertyName(ts, name);
    return code === null || name === undefined ? [] : [{ code, span: spanOf(reading, name) }];
  });
}
