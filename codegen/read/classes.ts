import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import { dslDiagnostics } from "../../src/dsl/diagnostics.ts";
import type { DeclaredClass } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { lostComments } from "./doc.ts";
import { earlyReads } from "./early-reads.ts";
import { acknowledgementsOf } from "./acknowledgements.ts";
import { type ClassNode, classNameNode, classNameOf, topLevelConstant } from "./class-nodes.ts";
import { importedAs, typeName } from "./names.ts";
import { classOptions, memberFields, misplaced } from "./options.ts";
import { presetsOf, type Registrations } from "./registrations.ts";
import { bare, decoratorsOf, type Reading, spanAt, spanOf, type Ts } from "./syntax.ts";

/** What the classes and object types of a file say. */
interface ReadClasses {
  readonly classes: readonly DeclaredClass[];
  readonly findings: readonly Finding[];
}

/** Name that a module exports a local name under. */
export type Exports = ReadonlyMap<string, string>;

/** Reads all classes, interfaces and object types at the top level of a file. */
export function classesOf(reading: Reading, { registered }: Registrations, exported: Exports): ReadClasses {
  const { ts, source } = reading;
  const classes: DeclaredClass[] = [];
  const findings: Finding[] = [];
  for (const statement of source.statements) {
    for (const node of topLevelClasses(ts, statement)) {
      const found = readClass(reading, node, registered.has(node), exported);
      classes.push(...found.classes);
      findings.push(...found.findings);
    }
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      const found = readObjectType(reading, statement, exported);
      classes.push(...found.classes);
      findings.push(...found.findings);
    }
  }
  return { classes, findings };
}

function topLevelClasses(ts: Ts, statement: typescript.Statement): readonly ClassNode[] {
  if (ts.isClassDeclaration(statement)) return [statement];
  if (ts.isExportAssignment(statement)) {
    const value = bare(ts, statement.expression);
    return ts.isClassExpression(value) ? [value] : [];
  }
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
    const value = initializer === undefined ? undefined : bare(ts, initializer);
    return ts.isIdentifier(name) && value !== undefined && ts.isClassExpression(value) ? [value] : [];
  });
}

function readClass(reading: Reading, node: ClassNode, registered: boolean, exported: Exports): ReadClasses {
  const { ts, file } = reading;
  const clause = (node.heritageClauses ?? []).find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  const { options, fields, findings } = classOptions(reading, node);
  const presets = presetsOf(reading, node);
  const nameNode = classNameNode(ts, node);
  const name = classNameOf(ts, node);
  const isExperiment = decoratorsOf(ts, node).length > 0 || registered || clause !== undefined;
  return {
    classes: [
      {
        file,
        name,
        exportedAs: isDefault(ts, node) ? "default" : (exported.get(name) ?? null),
        span: nameNode === null ? classKeyword(reading, node) : spanOf(reading, nameNode),
        base: baseOf(reading, clause?.types[0]?.expression),
        presets: presets.presets,
        options,
        fields,
        earlyReads: earlyReads(reading, node),
        acknowledgements: acknowledgementsOf(reading, node),
      },
    ],
    findings: [
      ...lostComments(ts, reading.source, node).map((lost) => misplaced(reading, `class \`${name}\``, lost)),
      ...presets.findings,
      ...(isExperiment ? injectionFindings(reading, node) : []),
      ...findings,
    ],
  };
}

/** An interface, or an alias of an object type: its members may be the options of a group. */
function readObjectType(
  reading: Reading,
  node: typescript.InterfaceDeclaration | typescript.TypeAliasDeclaration,
  exported: Exports,
): ReadClasses {
  const { ts, file } = reading;
  const members = ts.isInterfaceDeclaration(node)
    ? node.members
    : ts.isTypeLiteralNode(node.type)
      ? node.type.members
      : null;
  if (members === null || node.typeParameters !== undefined) return { classes: [], findings: [] };
  const { fields, findings } = memberFields(reading, [...members]);
  const base = ts.isInterfaceDeclaration(node) ? node.heritageClauses?.[0]?.types[0]?.expression : undefined;
  const name = node.name.text;
  return {
    classes: [
      {
        file,
        name,
        exportedAs: exported.get(name) ?? null,
        span: spanOf(reading, node.name),
        base: baseOf(reading, base),
        presets: [],
        options: [],
        fields,
        earlyReads: [],
        acknowledgements: null,
      },
    ],
    findings,
  };
}

function baseOf(reading: Reading, base: typescript.Expression | undefined): DeclaredClass["base"] {
  const { ts } = reading;
  if (base === undefined) return null;
  const imported = importedAs(reading, base);
  if (imported !== null) return { name: imported.name, module: imported.module, span: spanOf(reading, base) };
  return ts.isIdentifier(base) ? { name: base.text, module: null, span: spanOf(reading, base) } : null;
}

function isDefault(ts: Ts, node: ClassNode): boolean {
  if (ts.isClassExpression(node)) return topLevelConstant(ts, node) === null;
  return (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
}

function classKeyword(reading: Reading, node: ClassNode): DeclaredClass["span"] {
  const { source } = reading;
  const after = node.modifiers?.end ?? node.getStart(source);
  const start = source.text.indexOf("class", after);
  return spanAt(reading, start, start + "class".length);
}

/** The fix of an import that has to be one of a value. Other names of the same import stay types. */
function asValue(
  reading: Reading,
  binding: typescript.Node,
): { readonly fix: string; readonly fixAt: Place } | Record<string, never> {
  const { ts, source } = reading;
  const fixOf = (start: number, end: number, fix: string) => ({
    fix,
    fixAt: { kind: "span", span: spanAt(reading, start, end) } as const,
  });
  if (ts.isImportSpecifier(binding) && binding.isTypeOnly) {
    const first = binding.propertyName ?? binding.name;
    return fixOf(binding.getStart(source), first.getStart(source), "");
  }
  const clause = ts.isImportClause(binding.parent) ? binding.parent : binding.parent.parent;
  if (!ts.isImportClause(clause) || !clause.isTypeOnly) return {};
  const { namedBindings } = clause;
  const start = clause.getStart(source);
  const rest = (clause.name ?? namedBindings)?.getStart(source) ?? start;
  if (namedBindings === undefined || !ts.isNamedImports(namedBindings) || namedBindings.elements.length === 1) {
    return fixOf(start, rest, "");
  }
  const names = namedBindings.elements.map((element) => {
    const text = element.getText(source);
    return element === binding ? text : `type ${text}`;
  });
  return fixOf(start, clause.end, `{ ${names.join(", ")} }`);
}

/** A class that is imported as a type only is not there to be injected. */
function injectionFindings(reading: Reading, node: ClassNode): readonly Finding[] {
  const { ts, source } = reading;
  const constructor = node.members.find(
    (member): member is typescript.ConstructorDeclaration =>
      ts.isConstructorDeclaration(member) && member.body !== undefined,
  );
  return (constructor?.parameters ?? []).flatMap((parameter) => {
    const { type } = parameter;
    if (type === undefined || !ts.isTypeReferenceNode(type)) return [];
    // A parameter with a token of its own needs no class.
    if (decoratorsOf(ts, parameter).length > 0) return [];
    const imported = typeName(reading, type.typeName)?.imported ?? null;
    if (imported === null || !imported.typeOnly) return [];
    return [
      dslDiagnostics["injected-type-import"](
        {
          parameter: parameter.name.getText(source),
          type: type.typeName.getText(source),
          owner: classNameOf(ts, node),
        },
        {
          at: { kind: "span", span: spanOf(reading, type) },
          related: [{ at: { kind: "span", span: spanOf(reading, imported.node) }, message: "imported here" }],
          ...asValue(reading, imported.node),
        },
      ),
    ];
  });
}
