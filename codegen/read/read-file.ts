import type { Finding } from "../../src/diagnostics/finding.ts";
import { codegenDiagnostics } from "../diagnostics.ts";
import type { DeclaredFile, DeclaredFunction, DeclaredImport, DeclaredReexport } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { returnedClass } from "./class-nodes.ts";
import { classesOf, type Exports } from "./classes.ts";
import { importsOf, typeName } from "./names.ts";
import { registrationsOf } from "./registrations.ts";
import { bare, hasModifier, type Reading, spanAt, spanOf, type Ts } from "./syntax.ts";
import { aliasesOf } from "./types.ts";

/** Reads all that one file says of experiments, options and presets. */
export function readFile(parsed: Omit<Reading, "imports">): DeclaredFile {
  const { ts, source, file } = parsed;
  const reading: Reading = { ...parsed, imports: importsOf(ts, source) };
  const registrations = registrationsOf(reading);
  const { classes, findings } = classesOf(reading, registrations, exportsOf(ts, source));
  const mistakes = syntaxErrors(reading);
  return {
    file,
    experiments: registrations.experiments,
    classes,
    functions: functionsOf(reading),
    aliases: aliasesOf(reading),
    reexports: reexportsOf(reading),
    imports: importList(reading),
    // What is half written seems to be wrong in many ways.
    findings: mistakes.length > 0 ? mistakes : inOrder([...registrations.findings, ...findings]),
  };
}

function syntaxErrors(reading: Reading): readonly Finding[] {
  // Parse errors are part of the tree, but not of its public type.
  const { parseDiagnostics = [] } = reading.source as unknown as {
    readonly parseDiagnostics?: readonly typescript.DiagnosticWithLocation[];
  };
  return parseDiagnostics.map(({ start, length, messageText }) => {
    const text = typeof messageText === "string" ? messageText : messageText.messageText;
    const problem = (text.charAt(0).toLowerCase() + text.slice(1)).replace(/\.$/, "");
    return codegenDiagnostics.syntax(
      { problem },
      { at: { kind: "span", span: spanAt(reading, start, start + length) } },
    );
  });
}

/** Functions at the top level that return one class. */
function functionsOf(reading: Reading): readonly DeclaredFunction[] {
  const { ts, source } = reading;
  const found: DeclaredFunction[] = [];
  const add = (name: string, node: typescript.SignatureDeclaration): void => {
    const { type } = node;
    const returned =
      type !== undefined && ts.isTypeReferenceNode(type) && type.typeArguments === undefined
        ? typeName(reading, type.typeName)
        : type === undefined
          ? returnedClass(reading, node)
          : null;
    if (returned !== null) found.push({ name, returns: returned.name, module: returned.module });
  };
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) add(statement.name.text, statement);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const value = initializer === undefined ? undefined : bare(ts, initializer);
      if (!ts.isIdentifier(name) || value === undefined) continue;
      if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) add(name.text, value);
    }
  }
  return found;
}

/** Names under which local ones are exported; a name's own comes first. */
function exportsOf(ts: Ts, source: typescript.SourceFile): Exports {
  const exported = new Map<string, string>();
  const add = (local: string, name: string): void => {
    if (!exported.has(local) || name === local) exported.set(local, name);
  };
  for (const statement of source.statements) {
    if (ts.isExportAssignment(statement)) {
      if (ts.isIdentifier(statement.expression)) add(statement.expression.text, "default");
    } else if (ts.isExportDeclaration(statement)) {
      if (statement.moduleSpecifier !== undefined || statement.exportClause === undefined) continue;
      if (!ts.isNamedExports(statement.exportClause)) continue;
      for (const { name, propertyName } of statement.exportClause.elements) add((propertyName ?? name).text, name.text);
    } else if (hasModifier(ts, statement, ts.SyntaxKind.ExportKeyword)) {
      for (const name of declaredNames(ts, statement)) add(name, name);
    }
  }
  return exported;
}

function declaredNames(ts: Ts, statement: typescript.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const named =
    ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name.text] : [];
}

/** What a file hands on from other modules, directly or by importing it first. */
function reexportsOf({ ts, source, imports }: Reading): readonly DeclaredReexport[] {
  const imported = (local: string, exportedAs: string): DeclaredReexport[] => {
    const found = imports.named.get(local);
    return found === undefined ? [] : [{ module: found.module, name: found.name, exportedAs }];
  };
  return source.statements.flatMap((statement): DeclaredReexport[] => {
    if (ts.isExportAssignment(statement)) {
      return ts.isIdentifier(statement.expression) ? imported(statement.expression.text, "default") : [];
    }
    if (!ts.isExportDeclaration(statement)) return [];
    const { exportClause, moduleSpecifier } = statement;
    const module = moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : null;
    if (exportClause === undefined) return module === null ? [] : [{ module, name: "*", exportedAs: "*" }];
    if (!ts.isNamedExports(exportClause)) return [];
    return exportClause.elements.flatMap(({ name, propertyName }) => {
      const local = (propertyName ?? name).text;
      return module === null ? imported(local, name.text) : [{ module, name: local, exportedAs: name.text }];
    });
  });
}

function importList(reading: Reading): readonly DeclaredImport[] {
  return [...reading.imports.named.values()].map(({ module, name, typeOnly, node }) => ({
    module,
    name,
    typeOnly,
    span: spanOf(reading, node),
  }));
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const key = ({ at }: Finding): readonly [number, number] =>
    at.kind === "span" ? [at.span.line, at.span.column] : [0, 0];
  return [...findings].sort((a, b) => {
    const [lineA, columnA] = key(a);
    const [lineB, columnB] = key(b);
    return lineA - lineB || columnA - columnB;
  });
}
