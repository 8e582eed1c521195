import type { DeclaredAlias, TypeUse } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { constantValue } from "./constants.ts";
import { constantOf, typeName } from "./names.ts";
import { bare, type Reading, type Ts } from "./syntax.ts";

/** What an annotation (or, without one, an initialiser) says of an option's type. */
export interface ShownType {
  readonly text: string | null;
  readonly choices: readonly string[] | null;
  readonly nullable: boolean;
  /** A class, interface or alias that the type names. */
  readonly named: TypeUse | null;
  /** Members that an annotation lists on the spot. */
  readonly members: readonly typescript.TypeElement[];
}

const MAX_DEPTH = 16;
const WRAPPERS: ReadonlySet<string> = new Set(["Readonly", "Partial", "Required"]);

/** Reads the type of a property; without an annotation, `initializer as T` counts as one. */
export function shownType(
  reading: Reading,
  annotation: typescript.TypeNode | undefined,
  initializer: typescript.Expression | undefined,
): ShownType {
  const type = annotation ?? assertedType(reading.ts, initializer);
  if (type !== undefined) return annotated(reading, type);
  const { ts } = reading;
  const nullable = initializer !== undefined && bare(ts, initializer).kind === ts.SyntaxKind.NullKeyword;
  return {
    text: initializer === undefined ? null : valueType(ts, initializer, 0),
    choices: null,
    nullable,
    named: null,
    members: [],
  };
}

/** Aliases of a file that stand for strings, numbers or booleans, for options of other files. */
export function aliasesOf(reading: Reading): readonly DeclaredAlias[] {
  return reading.source.statements.flatMap((statement) => {
    if (!reading.ts.isTypeAliasDeclaration(statement) || statement.typeParameters !== undefined) return [];
    const { text, choices, nullable, named, members } = annotated(reading, statement.type);
    if (text === null || named !== null || members.length > 0) return [];
    return [{ name: statement.name.text, type: text, choices, nullable }];
  });
}

function annotated(reading: Reading, type: typescript.TypeNode): ShownType {
  const { ts, source } = reading;
  const parts = partsOf(reading, type, 0);
  const values = parts.filter((part) => !isNull(ts, part) && part.kind !== ts.SyntaxKind.UndefinedKeyword);
  const literals = values.map((part) => stringsOf(ts, part));
  const choices = literals.length > 0 && literals.every((texts) => texts !== null) ? literals.flat() : null;
  const texts =
    choices === null ? values.map((part) => part.getText(source)) : choices.map((text) => JSON.stringify(text));
  const nullable = parts.some((part) => isNull(ts, part));
  return {
    text: [...new Set([...texts, ...(nullable ? ["null"] : [])])].join(" | ").replaceAll(/\s+/g, " "),
    choices: choices === null ? null : [...new Set(choices)],
    nullable,
    named: values.map((part) => namedType(reading, part)).find((named) => named !== null) ?? null,
    members: values.flatMap((part) => (ts.isTypeLiteralNode(part) ? [...part.members] : [])),
  };
}

/** Members of a union, aliases of the same file written out. */
function partsOf(reading: Reading, type: typescript.TypeNode, depth: number): readonly typescript.TypeNode[] {
  const { ts } = reading;
  if (depth > MAX_DEPTH) return [type];
  if (ts.isUnionTypeNode(type)) return type.types.flatMap((part) => partsOf(reading, part, depth + 1));
  if (ts.isParenthesizedTypeNode(type)) return partsOf(reading, type.type, depth + 1);
  if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName) && type.typeArguments === undefined) {
    const alias = aliasNamed(reading, type.typeName.text);
    // An alias of an object type stays a name: its members are read where it stands.
    if (alias !== undefined && !ts.isTypeLiteralNode(alias)) return partsOf(reading, alias, depth + 1);
  }
  return [type];
}

function aliasNamed({ ts, source }: Reading, name: string): typescript.TypeNode | undefined {
  const found = source.statements.find(
    (statement): statement is typescript.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === name && statement.typeParameters === undefined,
  );
  return found?.type;
}

/** The strings that a part of a union admits: a literal, `(typeof LIST)[number]` or `keyof typeof TABLE`. */
function stringsOf(ts: Ts, part: typescript.TypeNode): readonly string[] | null {
  if (ts.isLiteralTypeNode(part)) return ts.isStringLiteralLike(part.literal) ? [part.literal.text] : null;
  if (ts.isIndexedAccessTypeNode(part) && part.indexType.kind === ts.SyntaxKind.NumberKeyword) {
    const list = queried(ts, part.objectType);
    const value = list === null ? undefined : constantValue(ts, list);
    return Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === "string")
      ? (value as readonly string[])
      : null;
  }
  if (ts.isTypeOperatorNode(part) && part.operator === ts.SyntaxKind.KeyOfKeyword) {
    const table = queried(ts, part.type);
    if (table === null || !ts.isObjectLiteralExpression(table)) return null;
    const names = table.properties.map(({ name }) =>
      name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : null,
    );
    return names.length > 0 && names.every((name) => name !== null) ? names : null;
  }
  return null;
}

/** The literal of the same file behind `typeof NAME`. */
function queried(ts: Ts, type: typescript.TypeNode): typescript.Expression | null {
  if (ts.isParenthesizedTypeNode(type)) return queried(ts, type.type);
  return ts.isTypeQueryNode(type) && ts.isIdentifier(type.exprName) ? constantOf(ts, type.exprName) : null;
}

function namedType(reading: Reading, part: typescript.TypeNode): TypeUse | null {
  const { ts } = reading;
  if (!ts.isTypeReferenceNode(part)) return null;
  const [inner, second] = part.typeArguments ?? [];
  if (inner !== undefined) {
    const wraps = ts.isIdentifier(part.typeName) && WRAPPERS.has(part.typeName.text) && second === undefined;
    return wraps ? namedType(reading, inner) : null;
  }
  const found = typeName(reading, part.typeName);
  return found === null ? null : { name: found.name, module: found.module };
}

function isNull(ts: Ts, part: typescript.TypeNode): boolean {
  return ts.isLiteralTypeNode(part) && part.literal.kind === ts.SyntaxKind.NullKeyword;
}

function assertedType(ts: Ts, initializer: typescript.Expression | undefined): typescript.TypeNode | undefined {
  if (initializer === undefined) return undefined;
  if (ts.isParenthesizedExpression(initializer)) return assertedType(ts, initializer.expression);
  if (!ts.isAsExpression(initializer) && !ts.isTypeAssertionExpression(initializer)) return undefined;
  return ts.isConstTypeReference(initializer.type) ? undefined : initializer.type;
}

function valueType(ts: Ts, expression: typescript.Expression, depth: number): string | null {
  if (depth > MAX_DEPTH) return null;
  const value = bare(ts, expression);
  if (ts.isNumericLiteral(value)) return "number";
  if (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)) return "string";
  if (value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword) return "boolean";
  if (ts.isPrefixUnaryExpression(value)) {
    return value.operator === ts.SyntaxKind.ExclamationToken ? "boolean" : valueType(ts, value.operand, depth + 1);
  }
  if (ts.isBinaryExpression(value)) return binaryType(ts, value, depth + 1);
  if (ts.isArrayLiteralExpression(value)) {
    const types = new Set(value.elements.map((element) => valueType(ts, element, depth + 1) ?? "unknown"));
    return types.size === 1 ? `${[...types][0]}[]` : "unknown[]";
  }
  if (ts.isIdentifier(value)) {
    const constant = constantOf(ts, value);
    return constant === null ? null : valueType(ts, constant, depth + 1);
  }
  return null;
}

function binaryType(ts: Ts, { left, operatorToken, right }: typescript.BinaryExpression, depth: number): string | null {
  const kinds = ts.SyntaxKind;
  const types = (): readonly (string | null)[] => [valueType(ts, left, depth), valueType(ts, right, depth)];
  switch (operatorToken.kind) {
    case kinds.PlusToken:
      if (types().includes("string")) return "string";
      return types().every((type) => type === "number") ? "number" : null;
    case kinds.MinusToken:
    case kinds.AsteriskToken:
    case kinds.AsteriskAsteriskToken:
    case kinds.SlashToken:
    case kinds.PercentToken:
    case kinds.LessThanLessThanToken:
      return types().every((type) => type === "number") ? "number" : null;
    case kinds.EqualsEqualsEqualsToken:
    case kinds.ExclamationEqualsEqualsToken:
    case kinds.LessThanToken:
    case kinds.GreaterThanToken:
      return "boolean";
    default:
      return null;
  }
}
