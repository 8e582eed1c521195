import type { Span } from "../../src/diagnostics/finding.ts";
import type { EarlyRead } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { bare, hasModifier, propertyName, type Reading, spanOf, type Ts } from "./syntax.ts";

/** Code of a class that runs when a member is used. */
interface Bodies {
  /** Run when the name is read. */
  readonly getters: ReadonlyMap<string, typescript.Node>;
  /** Run when the name is called. */
  readonly methods: ReadonlyMap<string, typescript.Node>;
}

/** Where a walk began. */
interface Start {
  readonly by: string;
  /** The use of a method or getter that led out of the initialiser or constructor; `null` while still in it. */
  readonly entry: Span | null;
}

/** Array methods that call what they are given at once. */
const RUNS_CALLBACK: ReadonlySet<string> = new Set([
  "map",
  "flatMap",
  "filter",
  "forEach",
  "some",
  "every",
  "find",
  "findIndex",
  "findLast",
  "reduce",
  "reduceRight",
  "sort",
  "toSorted",
  "from",
]);

/** Uses of `this.x` that run while an object of the class is constructed, also through its own methods and getters. */
export function earlyReads(reading: Reading, node: typescript.ClassLikeDeclaration): readonly EarlyRead[] {
  const { ts } = reading;
  const walk = new Walk(reading, bodiesOf(ts, node));
  for (const member of node.members) {
    if (ts.isPropertyDeclaration(member) && member.initializer !== undefined) {
      if (hasModifier(ts, member, ts.SyntaxKind.StaticKeyword)) continue;
      const name = member.name.getText(reading.source);
      walk.from(member.initializer, { by: `the initialiser of \`${name}\``, entry: null });
    }
    if (ts.isConstructorDeclaration(member) && member.body !== undefined) {
      const start = { by: "the constructor", entry: null };
      for (const { initializer } of member.parameters) if (initializer !== undefined) walk.from(initializer, start);
      walk.from(member.body, start);
    }
  }
  return walk.reads;
}

class Walk {
  readonly reads: EarlyRead[] = [];
  readonly #reading: Reading;
  readonly #bodies: Bodies;
  /** Bodies on the way in, against recursion. */
  readonly #inside = new Set<typescript.Node>();

  constructor(reading: Reading, bodies: Bodies) {
    this.#reading = reading;
    this.#bodies = bodies;
  }

  from(node: typescript.Node, start: Start): void {
    const { ts } = this.#reading;
    if (ts.isFunctionLike(node)) {
      if (runsAtOnce(ts, node)) ts.forEachChild(node, (child) => this.from(child, start));
      return;
    }
    // Another `this`.
    if (ts.isClassLike(node)) return;
    const use = this.#use(node);
    if (use !== null) this.#read(use, node, start);
    if (ts.isVariableDeclaration(node)) this.#destructured(node, start);
    ts.forEachChild(node, (child) => this.from(child, start));
  }

  /** Name that `this.name` or `this["name"]` reads. */
  #use(node: typescript.Node): string | null {
    const { ts } = this.#reading;
    if (ts.isPropertyAccessExpression(node)) {
      return isThis(ts, node.expression) && !isWritten(ts, node) ? node.name.text : null;
    }
    if (ts.isElementAccessExpression(node) && isThis(ts, node.expression) && !isWritten(ts, node)) {
      return ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : null;
    }
    return null;
  }

  #destructured({ name, initializer }: typescript.VariableDeclaration, start: Start): void {
    const { ts } = this.#reading;
    if (initializer === undefined || !ts.isObjectBindingPattern(name) || !isThis(ts, initializer)) return;
    for (const element of name.elements) {
      if (element.dotDotDotToken !== undefined) continue;
      const key = element.propertyName ?? element.name;
      const read = ts.isIdentifier(key) || !ts.isBindingName(key) ? propertyName(ts, key) : null;
      if (read !== null) this.#read(read, element, start);
    }
  }

  #read(name: string, node: typescript.Node, { by, entry }: Start): void {
    const { ts } = this.#reading;
    const span = spanOf(this.#reading, node);
    this.reads.push({ name, span: entry ?? span, through: entry === null ? null : span, by });
    const called = ts.isCallExpression(node.parent) && node.parent.expression === node;
    const body = this.#bodies.getters.get(name) ?? (called ? this.#bodies.methods.get(name) : undefined);
    if (body === undefined || this.#inside.has(body)) return;
    this.#inside.add(body);
    ts.forEachChild(body, (child) => this.from(child, { by, entry: entry ?? span }));
    this.#inside.delete(body);
  }
}

function bodiesOf(ts: Ts, node: typescript.ClassLikeDeclaration): Bodies {
  const getters = new Map<string, typescript.Node>();
  const methods = new Map<string, typescript.Node>();
  for (const member of node.members) {
    if (hasModifier(ts, member, ts.SyntaxKind.StaticKeyword)) continue;
    const name = member.name === undefined ? null : memberName(ts, member.name);
    if (name === null) continue;
    if (ts.isGetAccessorDeclaration(member)) getters.set(name, member);
    if (ts.isMethodDeclaration(member) && member.body !== undefined) methods.set(name, member);
    if (ts.isPropertyDeclaration(member) && member.initializer !== undefined) {
      const value = bare(ts, member.initializer);
      if (ts.isArrowFunction(value)) methods.set(name, value);
    }
  }
  return { getters, methods };
}

function memberName(ts: Ts, name: typescript.PropertyName): string | null {
  return ts.isPrivateIdentifier(name) ? name.text : propertyName(ts, name);
}

/** A function that is called where it stands, or given to an array method that calls it. */
function runsAtOnce(ts: Ts, node: typescript.SignatureDeclaration): boolean {
  // A plain function has a `this` of its own.
  if (!ts.isArrowFunction(node)) return false;
  let outer: typescript.Node = node;
  while (ts.isParenthesizedExpression(outer.parent)) outer = outer.parent;
  const { parent } = outer;
  if (!ts.isCallExpression(parent)) return false;
  if (parent.expression === outer) return true;
  return ts.isPropertyAccessExpression(parent.expression) && RUNS_CALLBACK.has(parent.expression.name.text);
}

function isThis(ts: Ts, node: typescript.Expression): boolean {
  return bare(ts, node).kind === ts.SyntaxKind.ThisKeyword;
}

/** True for the target of a plain assignment. */
function isWritten(ts: Ts, node: typescript.Expression): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}
