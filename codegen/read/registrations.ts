import type { Finding } from "../../src/diagnostics/finding.ts";
import { codegenDiagnostics } from "../diagnostics.ts";
import type { DeclaredExperiment, DeclaredPreset, DeclaredSettings } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { type ClassNode, classNamed, classNameOf, isTopLevelClass, returnedClass } from "./class-nodes.ts";
import { constantValue } from "./constants.ts";
import { docOf } from "./doc.ts";
import { assayDecorator, assayName, constantOf, importedAs, importsAssay } from "./names.ts";
import { bare, decoratorsOf, literalText, propertyName, type Reading, spanOf } from "./syntax.ts";

/** All registrations of a file, in its order. */
export interface Registrations {
  readonly experiments: readonly DeclaredExperiment[];
  /** Classes that are experiments because a call registers them. */
  readonly registered: ReadonlySet<ClassNode>;
  readonly findings: readonly Finding[];
}

/** Finds `@Experiment`, `registerExperiment` and `preset` wherever they stand, and reports those that syntax can't read. */
export function registrationsOf(reading: Reading): Registrations {
  const { ts, source } = reading;
  const experiments: DeclaredExperiment[] = [];
  const registered = new Set<ClassNode>();
  const findings: Finding[] = [];
  const add = (found: DeclaredExperiment | Finding): void => {
    if ("severity" in found) findings.push(found);
    else experiments.push(found);
  };
  const visit = (node: typescript.Node): void => {
    if (ts.isCallExpression(node)) {
      const name = assayName(reading, node.expression);
      if (name === "registerExperiment") {
        const target = node.arguments[1];
        const own = target === undefined ? null : ownClass(reading, target);
        if (own !== null) registered.add(own);
        add(registration(reading, node));
      } else if (name === "preset") {
        add(presetRegistration(reading, node));
      }
    } else if (ts.isClassLike(node)) {
      for (const found of decorated(reading, node)) add(found);
    } else if (isLibraryName(reading, node) && isHandedOn(reading, node)) {
      add(notStatic(reading, node, `what \`${node.getText(source)}\` registers`, "it is handed on as a value"));
    }
    ts.forEachChild(node, visit);
  };
  if (importsAssay(reading)) visit(source);
  return { experiments, registered, findings };
}

/** All `@Preset(...)` of a class. Names that syntax can't read are findings. */
export function presetsOf(
  reading: Reading,
  node: ClassNode,
): { readonly presets: readonly DeclaredPreset[]; readonly findings: readonly Finding[] } {
  const presets: DeclaredPreset[] = [];
  const findings: Finding[] = [];
  for (const decorator of decoratorsOf(reading.ts, node)) {
    const found = assayDecorator(reading, decorator);
    if (found?.name !== "Preset") continue;
    const name =
      found.call === null ? notCalled(reading, decorator) : nameArgument(reading, found.call, 0, "`@Preset`");
    if ("severity" in name) findings.push(name);
    else presets.push({ ...name, settings: settingsOf(reading, found.call?.arguments[1]) });
  }
  return { presets, findings };
}

function decorated(reading: Reading, node: ClassNode): readonly (DeclaredExperiment | Finding)[] {
  const { ts, source, file } = reading;
  return decoratorsOf(ts, node).flatMap((decorator): (DeclaredExperiment | Finding)[] => {
    const found = assayDecorator(reading, decorator);
    if (found?.name !== "Experiment") return [];
    const { call } = found;
    if (call === null) return [notCalled(reading, decorator)];
    if (!isTopLevelClass(ts, node)) {
      const problem = placeProblem(reading, node);
      return [notStatic(reading, call.expression, "`@Experiment`", problem)];
    }
    const name = nameArgument(reading, call, 0, "`@Experiment`");
    if ("severity" in name) return [name];
    return [
      {
        ...name,
        file,
        kind: "class",
        className: classNameOf(ts, node),
        classModule: null,
        base: null,
        baseSpan: null,
        doc: docOf(ts, source, node).text,
        tags: tagsOf(reading, call.arguments[1]),
        presets: presetsOf(reading, node).presets,
        settings: {},
      },
    ];
  });
}

function registration(reading: Reading, call: typescript.CallExpression): DeclaredExperiment | Finding {
  const { ts, source, file } = reading;
  const name = registeredName(reading, call, 0, "`registerExperiment`");
  if ("severity" in name) return name;
  const target = call.arguments[1];
  const own = target === undefined ? null : ownClass(reading, target);
  const made = own === null && target !== undefined ? madeClass(reading, target) : null;
  const doc = docOf(ts, source, call.parent).text;
  return {
    ...name,
    file,
    kind: own !== null || made?.kind === "class" ? "class" : "factory",
    className: own === null ? (made?.name ?? null) : classNameOf(ts, own),
    classModule: made?.module ?? null,
    base: null,
    baseSpan: null,
    doc: doc === "" && own !== null ? docOf(ts, source, own).text : doc,
    tags: [],
    presets: own === null ? [] : presetsOf(reading, own).presets,
    settings: {},
  };
}

function presetRegistration(reading: Reading, call: typescript.CallExpression): DeclaredExperiment | Finding {
  const { ts, source, file } = reading;
  const base = registeredName(reading, call, 0, "the base in `preset`");
  if ("severity" in base) return base;
  const name = registeredName(reading, call, 1, "`preset`");
  if ("severity" in name) return name;
  return {
    ...name,
    file,
    kind: "preset",
    className: null,
    classModule: null,
    base: base.name,
    baseSpan: base.span,
    doc: docOf(ts, source, call.parent).text,
    tags: [],
    presets: [],
    settings: settingsOf(reading, call.arguments[2]),
  };
}

/** The class of the file that a registration's second argument names. */
function ownClass(reading: Reading, target: typescript.Expression): ClassNode | null {
  const { ts } = reading;
  const value = bare(ts, target);
  return ts.isIdentifier(value) ? classNamed(ts, value) : null;
}

/** The class that is imported, or that a factory makes. */
function madeClass(
  reading: Reading,
  target: typescript.Expression,
): { readonly kind: "class" | "factory"; readonly name: string; readonly module: string | null } | null {
  const { ts } = reading;
  const value = bare(ts, target);
  const imported = importedAs(reading, value);
  // By convention of the language: classes are capitalised, functions are not.
  if (imported !== null) {
    const local = ts.isIdentifier(value) ? value.text : imported.name;
    return /^[A-Z]/.test(local) ? { kind: "class", name: imported.name, module: imported.module } : null;
  }
  const made = returnedClass(reading, value);
  return made === null ? null : { kind: "factory", ...made };
}

type Named = { readonly name: string; readonly span: DeclaredExperiment["span"] };

/** The name in a call that must stand at the top level. */
function registeredName(
  reading: Reading,
  call: typescript.CallExpression,
  index: number,
  what: string,
): Named | Finding {
  const { ts, source } = reading;
  const statement = call.parent;
  if (!ts.isExpressionStatement(statement) || statement.parent !== source) {
    const callee = bare(ts, call.expression).getText(source);
    return notStatic(reading, call.expression, `\`${callee}\``, placeProblem(reading, call));
  }
  return nameArgument(reading, call, index, what);
}

function nameArgument(
  reading: Reading,
  { arguments: args, expression }: typescript.CallExpression,
  index: number,
  what: string,
): Named | Finding {
  const { ts } = reading;
  const spread = args.find((argument) => ts.isSpreadElement(argument));
  if (spread !== undefined) return notStatic(reading, spread, what, "its arguments are spread");
  const argument = args[index];
  if (argument === undefined) return notStatic(reading, expression, what, "it has no name");
  const name = literalText(ts, argument);
  if (name === null) return notStatic(reading, argument, `the name in ${what}`, "it is no string literal");
  return { name, span: spanOf(reading, argument) };
}

function notCalled(reading: Reading, decorator: typescript.Decorator): Finding {
  const text = decorator.expression.getText(reading.source);
  return notStatic(reading, decorator.expression, `\`@${text}\``, "it has no arguments");
}

function notStatic(reading: Reading, node: typescript.Node, what: string, problem: string): Finding {
  return codegenDiagnostics["registration-not-static"](
    { what, problem },
    { at: { kind: "span", span: spanOf(reading, node) } },
  );
}

/** Why something does not stand at the top level: the innermost thing around it that decides whether it runs. */
function placeProblem({ ts, source }: Reading, node: typescript.Node): string {
  for (let around: typescript.Node = node.parent; around !== source; around = around.parent) {
    if (ts.isFunctionLike(around)) return "it stands inside a function";
    if (ts.isClassLike(around)) return "it stands inside a class";
    if (ts.isIterationStatement(around, false)) return "it stands inside a loop";
    const conditional =
      ts.isIfStatement(around) ||
      ts.isConditionalExpression(around) ||
      ts.isSwitchStatement(around) ||
      (ts.isBinaryExpression(around) && isLogical(ts, around.operatorToken.kind));
    if (conditional) return "it stands under a condition";
  }
  return "it does not stand at the top level by itself";
}

function isLogical({ SyntaxKind }: Reading["ts"], operator: typescript.SyntaxKind): boolean {
  return (
    operator === SyntaxKind.AmpersandAmpersandToken ||
    operator === SyntaxKind.BarBarToken ||
    operator === SyntaxKind.QuestionQuestionToken
  );
}

/** A first look at a node that costs little: may it be an imported name, or a member of an imported namespace? */
function isLibraryName({ ts, imports }: Reading, node: typescript.Node): node is typescript.Expression {
  if (ts.isIdentifier(node)) return imports.named.has(node.text);
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)
    ? imports.namespaces.has(node.expression.text)
    : false;
}

/** True for the library's registering functions where they are used as values: what they are called with is unknown. */
function isHandedOn(reading: Reading, node: typescript.Expression): boolean {
  const { ts } = reading;
  const { parent } = node;
  const isValue =
    (ts.isCallExpression(parent) && parent.arguments.includes(node)) ||
    (ts.isVariableDeclaration(parent) && parent.initializer === node) ||
    (ts.isPropertyAssignment(parent) && parent.initializer === node) ||
    (ts.isShorthandPropertyAssignment(parent) && parent.name === node) ||
    (ts.isPropertyAccessExpression(parent) && parent.expression === node) ||
    (ts.isConditionalExpression(parent) && parent.condition !== node) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isReturnStatement(parent) ||
    (ts.isArrowFunction(parent) && parent.body === node);
  if (!isValue) return false;
  const name = assayName(reading, node);
  return name === "registerExperiment" || name === "preset" || name === "Experiment" || name === "Preset";
}

function tagsOf({ ts }: Reading, settings: typescript.Expression | undefined): readonly string[] {
  const literal = settings === undefined ? undefined : objectLiteral(ts, settings);
  for (const property of literal?.properties ?? []) {
    if (!ts.isPropertyAssignment(property) || propertyName(ts, property.name) !== "tags") continue;
    const value = constantValue(ts, property.initializer);
    return Array.isArray(value) ? value.filter((tag): tag is string => typeof tag === "string") : [];
  }
  return [];
}

function settingsOf({ ts }: Reading, settings: typescript.Expression | undefined): DeclaredSettings {
  const value = settings === undefined ? undefined : constantValue(ts, settings);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as DeclaredSettings) : {};
}

function objectLiteral(ts: Reading["ts"], node: typescript.Expression): typescript.ObjectLiteralExpression | undefined {
  const value = bare(ts, node);
  const literal = ts.isIdentifier(value) ? (constantOf(ts, value) ?? value) : value;
  return ts.isObjectLiteralExpression(literal) ? literal : undefined;
}
