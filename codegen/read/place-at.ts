import type { Span } from "../../src/diagnostics/finding.ts";
import type { PresetTarget, SourcePlace, TextPlace } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { writingOf } from "./characters.ts";
import { type ClassNode, classNameOf } from "./class-nodes.ts";
import { assayDecorator, assayName } from "./names.ts";
import { bare, literalText, propertyName, type Reading, spanOf } from "./syntax.ts";

/** What leads from the node under the cursor outward. */
interface Way {
  /** Names of the properties around it, outermost first; a name may be dotted itself. */
  readonly names: readonly string[];
  /** The innermost of these names. */
  readonly key: typescript.Node | null;
  /** The value under that name. */
  readonly value: typescript.Expression | null;
}

/** What of a property is under the cursor. */
interface Shown {
  readonly span: Span;
  readonly text: TextPlace | null;
}

const NOWHERE: Way = { names: [], key: null, value: null };

/** Functions of the library that make a call, or decide about one. */
const CALL_MAKERS: ReadonlySet<string> = new Set(["generate", "inference", "trainStep", "evaluate", "when"]);

/** Finds what stands at an offset; see `SourceReader.placeAt`. */
export function placeAt(reading: Reading, offset: number): SourcePlace | null {
  return outward(reading, { start: nodeAt(reading, offset), way: NOWHERE, offset, constants: [] });
}

/** A walk from a node outward. */
interface Walk {
  readonly start: typescript.Node;
  readonly way: Way;
  readonly offset: number;
  /** Constants that it came through. */
  readonly constants: readonly typescript.VariableDeclaration[];
}

function outward(reading: Reading, { start, way: known, offset, constants }: Walk): SourcePlace | null {
  const { ts, source } = reading;
  let way = known;
  let from = start;
  for (let node = start.parent; node !== undefined && node !== source; from = node, node = node.parent) {
    if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) {
      const value = ts.isPropertyAssignment(node) ? node.initializer : node.name;
      const name = propertyName(ts, node.name);
      if (name === null) return null;
      if (node.name === from && way.key === null && makesCall(reading, value)) {
        return { kind: "call", name, span: spanOf(reading, node.name) };
      }
      way = { names: [name, ...way.names], key: way.key ?? node.name, value: way.value ?? value };
    } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const found = inCall(reading, node, from, way, offset);
      if (found !== "around") return found;
      way = valuePath(reading, node, from, way);
    } else if (ts.isArrayLiteralExpression(node)) {
      // No option has its place in a list.
      way = NOWHERE;
    } else if (ts.isPropertyDeclaration(node)) {
      return inField(reading, node, from, way, offset);
    } else if (ts.isVariableDeclaration(node)) {
      return node.initializer === from ? inUses(reading, node, { way, offset, constants }) : null;
    } else if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isSpreadAssignment(node)) {
      return null;
    }
  }
  return null;
}

/** What the value of a constant of the module is in presets that take it, or spread it. */
function inUses(
  reading: Reading,
  declaration: typescript.VariableDeclaration,
  { way, offset, constants }: Omit<Walk, "start">,
): SourcePlace | null {
  const { ts, source } = reading;
  const statement = declaration.parent.parent;
  if (!ts.isIdentifier(declaration.name) || statement.parent !== source || constants.includes(declaration)) return null;
  const inside: Way = { ...way, value: way.value ?? declaration.initializer ?? null };
  const places = usesOf(reading, declaration.name).flatMap((start) => {
    const place = outward(reading, { start, way: inside, offset, constants: [...constants, declaration] });
    return place?.kind === "setting" ? [place] : [];
  });
  const [first] = places;
  if (first === undefined) return null;
  const same = places.filter(({ path }) => path === first.path);
  return { ...first, targets: same.flatMap(({ targets }) => targets) };
}

/** Where a name of the module is read as a value; where it is spread, the spread. */
function usesOf({ ts, source }: Reading, declared: typescript.Identifier): readonly typescript.Node[] {
  const uses: typescript.Node[] = [];
  const look = (node: typescript.Node): void => {
    if (!ts.isIdentifier(node) || node === declared || node.text !== declared.text) {
      ts.forEachChild(node, look);
      return;
    }
    let value: typescript.Expression = node;
    while (ts.isExpression(value.parent) && bare(ts, value.parent) === node) value = value.parent;
    uses.push(ts.isSpreadAssignment(value.parent) ? value.parent : node);
  };
  look(source);
  return uses;
}

/** The innermost node with the offset in it, its last character's end included. */
function nodeAt({ ts, source }: Reading, offset: number): typescript.Node {
  let found: typescript.Node = source;
  for (;;) {
    const inner: typescript.Node | undefined = ts.forEachChild(found, (child) =>
      child.getStart(source) <= offset && offset <= child.end ? child : undefined,
    );
    if (inner === undefined) return found;
    found = inner;
  }
}

function makesCall(reading: Reading, node: typescript.Expression): boolean {
  const { ts } = reading;
  const value = bare(ts, node);
  if (ts.isConditionalExpression(value))
    return makesCall(reading, value.whenTrue) || makesCall(reading, value.whenFalse);
  return ts.isCallExpression(value) && CALL_MAKERS.has(assayName(reading, value.expression) ?? "");
}

/** What an argument of a call is; `around` if the call says nothing by itself. */
function inCall(
  reading: Reading,
  node: typescript.CallExpression | typescript.NewExpression,
  from: typescript.Node,
  way: Way,
  offset: number,
): SourcePlace | null | "around" {
  const { ts } = reading;
  const index = (node.arguments ?? []).findIndex((argument) => argument === from);
  if (index < 0) return null;
  const [section, call] = way.names;
  if (ts.isNewExpression(node)) return "around";
  const name = assayName(reading, node.expression);
  if (
    name === "flow" &&
    section === "calls" &&
    call !== undefined &&
    way.names.length === 2 &&
    isInside(reading, way.key, offset)
  ) {
    return { kind: "call", name: call, span: spanOf(reading, way.key as typescript.Node) };
  }
  const target = targetOf(reading, node, name, index);
  if (target === null) return "around";
  if (way.key === null) return null;
  return { kind: "setting", targets: [target], path: way.names.join("."), ...shown(reading, way, offset) };
}

/** Whose settings an argument is. */
function targetOf(
  reading: Reading,
  node: typescript.CallExpression,
  name: string | null,
  index: number,
): PresetTarget | null {
  const { ts } = reading;
  if (name === "preset" && index === 2) {
    const experiment = literalText(ts, node.arguments[1]);
    return experiment === null ? null : { kind: "experiment", name: experiment };
  }
  const { parent } = node;
  if (index !== 1 || !ts.isDecorator(parent) || assayDecorator(reading, parent)?.name !== "Preset") return null;
  const preset = literalText(ts, node.arguments[0]);
  if (preset === null || !ts.isClassLike(parent.parent)) return null;
  return { kind: "class", className: classNameOf(ts, parent.parent), preset };
}

/** A path through the arguments of `model(path, { ... })`; other calls make a value in their own way. */
function valuePath(
  reading: Reading,
  node: typescript.CallExpression | typescript.NewExpression,
  from: typescript.Node,
  way: Way,
): Way {
  if (assayName(reading, node.expression) !== "model") return NOWHERE;
  const [path, settings] = node.arguments ?? [];
  if (path === from && way.key === null) return { names: ["path"], key: path, value: path };
  return settings === from ? way : NOWHERE;
}

function inField(
  reading: Reading,
  node: typescript.PropertyDeclaration,
  from: typescript.Node,
  way: Way,
  offset: number,
): SourcePlace | null {
  const { ts } = reading;
  const name = propertyName(ts, node.name);
  if (name === null || ts.isDecorator(from) || !ts.isClassLike(node.parent)) return null;
  const inside: Way = {
    names: [name, ...way.names],
    key: way.key ?? node.name,
    value: way.value ?? node.initializer ?? null,
  };
  const className = classNameOf(ts, node.parent as ClassNode);
  return { kind: "option", className, path: inside.names.join("."), ...shown(reading, inside, offset) };
}

/** What of a property is under the cursor: characters of its text, its value, or its name. */
function shown(reading: Reading, { key, value }: Way, offset: number): Shown {
  const { ts } = reading;
  const node = value !== null && isInside(reading, value, offset) ? value : (key ?? value);
  const span = spanOf(reading, node as typescript.Node);
  if (node === key || value === null) return { span, text: null };
  const text = literalText(ts, value);
  const writing = text === null ? null : writingOf(ts, value);
  if (text === null || writing === null) return { span, text: null };
  const starts = writing.units.map(({ start }) => start);
  const index = writing.units.findIndex(({ start, end }) => start <= offset && offset < end);
  return { span, text: { value: text, index: index < 0 ? text.length : index, starts: [...starts, writing.end] } };
}

function isInside({ source }: Reading, node: typescript.Node | null, offset: number): boolean {
  return node !== null && node.getStart(source) <= offset && offset <= node.end;
}
