import type { Finding } from "../../src/diagnostics/finding.ts";
import { parseRange } from "../../src/dsl/option-range.ts";
import { codegenDiagnostics } from "../diagnostics.ts";
import type { DeclaredOption, TypeUse } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { danglingDocs, type Doc, docOf, type LostComment, lostComments } from "./doc.ts";
import { assayDecorator, importedAs } from "./names.ts";
import { bare, decoratorsOf, hasModifier, propertyName, type Reading, spanAt, spanOf } from "./syntax.ts";
import { shownType } from "./types.ts";

/** What a class body says of options. */
export interface ClassOptions {
  readonly options: readonly DeclaredOption[];
  readonly fields: readonly DeclaredOption[];
  readonly findings: readonly Finding[];
}

/** Properties that have a name, a doc comment, a type or a value. */
type Property = typescript.PropertyDeclaration | typescript.PropertySignature | typescript.PropertyAssignment;

const DEFAULT_TEXT_LENGTH = 200;

/** Reads the option properties of a class; plain fields are kept apart, for classes of groups. */
export function classOptions(reading: Reading, node: typescript.ClassLikeDeclaration): ClassOptions {
  const { ts } = reading;
  const options: DeclaredOption[] = [];
  const fields: DeclaredOption[] = [];
  const findings: Finding[] = [];
  for (const member of node.members) {
    if (!ts.isPropertyDeclaration(member) || hasModifier(ts, member, ts.SyntaxKind.StaticKeyword)) continue;
    const name = propertyName(ts, member.name);
    if (name === null) continue;
    const decorated = decoratorsOf(ts, member).some(
      (decorator) => assayDecorator(reading, decorator)?.name === "Option",
    );
    if (!decorated && isHidden(reading, member)) continue;
    const found = readProperty(reading, member, name);
    findings.push(...found.findings);
    (decorated ? options : fields).push(...found.options);
    if (!decorated) continue;
    for (const lost of lostComments(ts, reading.source, member))
      findings.push(misplaced(reading, `option \`${name}\``, lost));
  }
  if (options.length > 0) {
    for (const lost of danglingDocs(ts, reading.source, node)) findings.push(misplaced(reading, "a class's end", lost));
  }
  return { options, fields, findings };
}

/** Reads the members of an interface or an object type as fields. */
export function memberFields(
  reading: Reading,
  members: readonly typescript.TypeElement[],
): Omit<ClassOptions, "options"> {
  const { ts } = reading;
  const found = members.flatMap((member) => {
    const name = ts.isPropertySignature(member) ? propertyName(ts, member.name) : null;
    return name === null || !ts.isPropertySignature(member) ? [] : [readProperty(reading, member, name)];
  });
  return { fields: found.flatMap(({ options }) => options), findings: found.flatMap(({ findings }) => findings) };
}

/** Finding for a comment that nothing reads. */
export function misplaced(reading: Reading, what: string, { pos, end, problem }: LostComment): Finding {
  return codegenDiagnostics["misplaced-doc"](
    { what, problem },
    { at: { kind: "span", span: spanAt(reading, pos, end) } },
  );
}

/** A property, and the documented ones that it holds, if it is a literal or has a type written on the spot. */
function readProperty(
  reading: Reading,
  node: Property,
  path: string,
): { readonly options: readonly DeclaredOption[]; readonly findings: readonly Finding[] } {
  const { ts, source } = reading;
  const doc = docOf(ts, source, node);
  const written = ts.isPropertySignature(node) ? undefined : node.initializer;
  const initializer = written === undefined ? undefined : bare(ts, written);
  const annotation = ts.isPropertyAssignment(node) ? undefined : node.type;
  const type = shownType(reading, annotation, written);
  const own: DeclaredOption = {
    path,
    help: doc.text,
    range: doc.ranges[0]?.text ?? null,
    choices: type.choices,
    type: type.text,
    nullable: type.nullable,
    required: doc.required || isRequired(reading, node),
    launch: doc.launch,
    defaultText: initializer === undefined ? null : shortened(initializer.getText(source)),
    span: spanOf(reading, node.name),
    defaultSpan: initializer === undefined ? null : spanOf(reading, initializer),
    nested: makerOf(reading, initializer) ?? (type.named === null ? null : { kind: "class", ...type.named }),
  };
  const inner = [
    ...type.members.flatMap((member) => memberOf(reading, member, path)),
    ...(initializer !== undefined && ts.isObjectLiteralExpression(initializer)
      ? initializer.properties.flatMap((property) => memberOf(reading, property, path))
      : []),
  ];
  return {
    options: [own, ...merged(inner.flatMap(({ options }) => options))],
    findings: [...rangeFindings(reading, doc), ...inner.flatMap(({ findings }) => findings)],
  };
}

/** A member of a literal or of its type: an option, if it is documented or holds some that are. */
function memberOf(
  reading: Reading,
  node: typescript.Node,
  path: string,
): readonly { readonly options: readonly DeclaredOption[]; readonly findings: readonly Finding[] }[] {
  const { ts } = reading;
  if (!ts.isPropertyAssignment(node) && !ts.isPropertySignature(node)) return [];
  const name = propertyName(ts, node.name);
  if (name === null) return [];
  const found = readProperty(reading, node, `${path}.${name}`);
  return [found];
}

/** One entry a path: what the type says, with the literal's default. Undocumented ones without inner ones are left out. */
function merged(options: readonly DeclaredOption[]): readonly DeclaredOption[] {
  const byPath = new Map<string, DeclaredOption>();
  for (const option of options) {
    const known = byPath.get(option.path);
    byPath.set(
      option.path,
      known === undefined
        ? option
        : {
            ...known,
            help: known.help || option.help,
            range: known.range ?? option.range,
            defaultText: option.defaultText,
            defaultSpan: option.defaultSpan,
            required: false,
          },
    );
  }
  const all = [...byPath.values()];
  return all.filter(
    ({ path, help, range }) =>
      help !== "" || range !== null || all.some((other) => other.path.startsWith(`${path}.`) && other.help !== ""),
  );
}

function rangeFindings(reading: Reading, { ranges }: Doc): readonly Finding[] {
  return ranges.flatMap(({ raw, text, pos, end }, index) => {
    const finding = (problem: string, start: number, stop: number) => [
      codegenDiagnostics["bad-range"]({ text, problem }, { at: { kind: "span", span: spanAt(reading, start, stop) } }),
    ];
    if (index > 0) return finding("is a second range: join them by `and`", pos, end);
    if (raw === "") return finding("has no condition", pos, end);
    const parsed = parseRange(raw);
    if (!("problem" in parsed)) return [];
    const start = pos + parsed.offset;
    return finding(parsed.problem.replaceAll(/\s+/g, " "), start, start + parsed.length);
  });
}

/** What makes a group: `new SomeOptions()` or a function. */
function makerOf(
  reading: Reading,
  initializer: typescript.Expression | undefined,
): (TypeUse & { readonly kind: "class" | "call" }) | null {
  const { ts } = reading;
  if (initializer === undefined) return null;
  if (!ts.isNewExpression(initializer) && !ts.isCallExpression(initializer)) return null;
  const { expression } = initializer;
  const imported = importedAs(reading, expression);
  const name = imported?.name ?? (ts.isIdentifier(expression) ? expression.text : null);
  if (name === null) return null;
  return { kind: ts.isNewExpression(initializer) ? "class" : "call", name, module: imported?.module ?? null };
}

function isRequired({ ts }: Reading, node: Property): boolean {
  if (ts.isPropertyAssignment(node)) return false;
  if (node.questionToken !== undefined) return false;
  return ts.isPropertySignature(node) || node.initializer === undefined;
}

/** Fields that nothing outside of the class may set. */
function isHidden({ ts }: Reading, node: typescript.PropertyDeclaration): boolean {
  const { PrivateKeyword, ProtectedKeyword, DeclareKeyword } = ts.SyntaxKind;
  return [PrivateKeyword, ProtectedKeyword, DeclareKeyword].some((kind) => hasModifier(ts, node, kind));
}

function shortened(text: string): string {
  return text.length > DEFAULT_TEXT_LENGTH ? `${text.slice(0, DEFAULT_TEXT_LENGTH - 3)}...` : text;
}
