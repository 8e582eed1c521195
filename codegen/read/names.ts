import type { ts as typescript } from "../ts-morph-reader.ts";
import { bare, type Reading, type Ts } from "./syntax.ts";

/** One imported name. */
export interface Imported {
  readonly module: string;
  /** Name that the module exports it under; `default` for a default import. */
  readonly name: string;
  readonly typeOnly: boolean;
  readonly node: typescript.Node;
}

/** Names that a file imports, by local name. */
export interface Imports {
  readonly named: ReadonlyMap<string, Imported>;
  /** `import * as name`. */
  readonly namespaces: ReadonlyMap<string, Omit<Imported, "name">>;
}

/** All import bindings of a file. */
export function importsOf(ts: Ts, source: typescript.SourceFile): Imports {
  const named = new Map<string, Imported>();
  const namespaces = new Map<string, Omit<Imported, "name">>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const module = statement.moduleSpecifier.text;
    const clause = statement.importClause;
    if (clause === undefined) continue;
    const typeOnly = clause.isTypeOnly;
    if (clause.name !== undefined)
      named.set(clause.name.text, { module, name: "default", typeOnly, node: clause.name });
    const bindings = clause.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) {
      namespaces.set(bindings.name.text, { module, typeOnly, node: bindings });
      continue;
    }
    for (const element of bindings.elements) {
      named.set(element.name.text, {
        module,
        name: (element.propertyName ?? element.name).text,
        typeOnly: typeOnly || element.isTypeOnly,
        node: element,
      });
    }
  }
  return { named, namespaces };
}

/** The imported thing that an expression names: `Experiment`, an alias of it, or `assay.Experiment`. */
export function importedAs({ ts, imports }: Reading, node: typescript.Expression): Omit<Imported, "node"> | null {
  if (ts.isIdentifier(node)) {
    const imported = imports.named.get(node.text);
    return imported !== undefined && isImport(ts, node) ? imported : null;
  }
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const namespace = imports.namespaces.get(node.expression.text);
    if (namespace === undefined || !isImport(ts, node.expression)) return null;
    return { module: namespace.module, name: node.name.text, typeOnly: namespace.typeOnly };
  }
  return null;
}

/** The imported thing that a type's name means, by import bindings; a plain name of the same file has `module: null`. */
export function typeName(
  { ts, imports }: Reading,
  name: typescript.EntityName,
): { readonly name: string; readonly module: string | null; readonly imported: Omit<Imported, "name"> | null } | null {
  if (ts.isIdentifier(name)) {
    const imported = imports.named.get(name.text) ?? null;
    return { name: imported?.name ?? name.text, module: imported?.module ?? null, imported };
  }
  if (!ts.isIdentifier(name.left)) return null;
  const imported = imports.namespaces.get(name.left.text);
  return imported === undefined ? null : { name: name.right.text, module: imported.module, imported };
}

/** The name under which the library exports what an expression names; `null` if it is not the library's. */
export function assayName(reading: Reading, node: typescript.Expression): string | null {
  const imported = importedAs(reading, node);
  return imported !== null && reading.isLibrary(imported.module) ? imported.name : null;
}

/** The library's name behind a decorator `@Name(...)`, and its call; `call` is `null` where the parentheses are missing. */
export function assayDecorator(
  reading: Reading,
  { expression }: typescript.Decorator,
): { readonly name: string; readonly call: typescript.CallExpression | null } | null {
  const call = reading.ts.isCallExpression(expression) ? expression : null;
  const name = assayName(reading, call?.expression ?? expression);
  return name === null ? null : { name, call };
}

/** True if a file imports anything of the library. */
export function importsAssay({ imports, isLibrary }: Reading): boolean {
  return [...imports.named.values(), ...imports.namespaces.values()].some(({ module }) => isLibrary(module));
}

/** Initialiser of the `const` that a name means where it stands; `null` for all else. */
export function constantOf(ts: Ts, name: typescript.Identifier): typescript.Expression | null {
  const declared = declarationOf(ts, name);
  if (declared === null || !ts.isVariableDeclaration(declared) || !ts.isIdentifier(declared.name)) return null;
  if ((ts.getCombinedNodeFlags(declared) & ts.NodeFlags.BlockScoped) !== ts.NodeFlags.Const) return null;
  return declared.initializer === undefined ? null : bare(ts, declared.initializer);
}

/** What declares a name, seen from where it stands: the nearest scope around it that does; `null` for globals. */
export function declarationOf(ts: Ts, name: typescript.Identifier): typescript.Node | null {
  for (let scope: typescript.Node | undefined = name.parent; scope !== undefined; scope = scope.parent) {
    const found = declaredIn(ts, scope, name.text);
    if (found !== null) return found;
  }
  return null;
}

function isImport(ts: Ts, name: typescript.Identifier): boolean {
  const declared = declarationOf(ts, name);
  return declared !== null && ts.isImportDeclaration(declared);
}

function declaredIn(ts: Ts, scope: typescript.Node, name: string): typescript.Node | null {
  if (ts.isFunctionLike(scope)) {
    const found = scope.parameters.find((parameter) => binds(ts, parameter.name, name));
    if (found !== undefined) return found;
    return ts.isFunctionExpression(scope) && scope.name?.text === name ? scope : null;
  }
  if (ts.isClassExpression(scope)) return scope.name?.text === name ? scope : null;
  if (ts.isForStatement(scope) || ts.isForInStatement(scope) || ts.isForOfStatement(scope)) {
    const { initializer } = scope;
    if (initializer === undefined || !ts.isVariableDeclarationList(initializer)) return null;
    // Its value is another one in each turn, even of a `const`.
    return initializer.declarations.some((declared) => binds(ts, declared.name, name)) ? scope : null;
  }
  if (ts.isCatchClause(scope)) {
    const declared = scope.variableDeclaration;
    return declared !== undefined && binds(ts, declared.name, name) ? scope : null;
  }
  if (ts.isCaseBlock(scope))
    return inStatements(
      ts,
      scope.clauses.flatMap(({ statements }) => [...statements]),
      name,
    );
  if (ts.isSourceFile(scope) || ts.isBlock(scope) || ts.isModuleBlock(scope)) {
    return inStatements(ts, scope.statements, name);
  }
  return null;
}

function inStatements(ts: Ts, statements: readonly typescript.Statement[], name: string): typescript.Node | null {
  for (const statement of statements) {
    if (ts.isVariableStatement(statement)) {
      const found = statement.declarationList.declarations.find((declared) => binds(ts, declared.name, name));
      if (found !== undefined) return found;
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement)
    ) {
      if (statement.name?.text === name) return statement;
    } else if (ts.isImportDeclaration(statement) && importBinds(ts, statement, name)) {
      return statement;
    }
  }
  return null;
}

function importBinds(ts: Ts, { importClause }: typescript.ImportDeclaration, name: string): boolean {
  if (importClause === undefined) return false;
  if (importClause.name?.text === name) return true;
  const bindings = importClause.namedBindings;
  if (bindings === undefined) return false;
  return ts.isNamespaceImport(bindings)
    ? bindings.name.text === name
    : bindings.elements.some((element) => element.name.text === name);
}

function binds(ts: Ts, target: typescript.BindingName, name: string): boolean {
  if (ts.isIdentifier(target)) return target.text === name;
  return target.elements.some((element) => ts.isBindingElement(element) && binds(ts, element.name, name));
}
