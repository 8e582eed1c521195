import type { Diagnostic, Span } from "../finding.ts";
import { clusterMarks, type ExcerptOptions, type Mark, renderExcerpt } from "./excerpt.ts";
import { type DiagnosticGroup, groupDiagnostics } from "./group.ts";
import { COMMAND_LINE } from "./region.ts";
import { link, paint, type Style } from "./style.ts";
import { printable } from "./text-width.ts";
import { wovenMessage } from "./weave.ts";

/** What text for people depends on. Nothing is read from disk here. */
export interface PrettyOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  /** Text of a file as spans name it; `null` if it can't be had. */
  readonly sourceOf: (file: string) => string | null;
  /** A file as the reader finds it; as spans name it by default. */
  readonly showFile?: (file: string) => string;
  /** Page of a code; `null` if it has none. */
  readonly pageOf: (code: string) => string | null;
}

/** Diagnostics as text for people: one block each, with the source they are about. */
export function renderPretty(diagnostics: readonly Diagnostic[], options: PrettyOptions): string {
  return groupDiagnostics(diagnostics)
    .map((group) => `${renderGroup(group, options).join("\n")}\n`)
    .join("\n");
}

/** Names that are listed before the rest is only counted. */
const MOST_NAMES = 6;

function renderGroup({ diagnostic, experiments }: DiagnosticGroup, options: PrettyOptions): readonly string[] {
  const { style } = options;
  const { severity, code } = diagnostic;
  const title = link(paint(`${severity}[${code}]`, severity, style), options.pageOf(code), style);
  const gutter = gutterOf(diagnostic);
  const detail = (name: string, text: string) =>
    continued(`${" ".repeat(gutter + 1)}${paint(`${name}:`, "help", style)} `, gutter + 3 + name.length, text);
  return [
    ...continued(`${title}${paint(":", "strong", style)} `, 0, messageOf(diagnostic), (line) =>
      paint(line, "strong", style),
    ),
    ...placesOf(diagnostic, { ...options, gutter }),
    ...diagnostic.notes.flatMap((note) => detail("note", note)),
    ...(diagnostic.help === null ? [] : detail("help", diagnostic.help)),
    ...(experiments.length === 0 ? [] : detail("in", namesOf(experiments))),
  ];
}

/** Origins that have a source are shown below, with their lines; the others stand in the message. */
function messageOf(diagnostic: Diagnostic): string {
  return wovenMessage(diagnostic, { tells: ({ span }) => span === null });
}

function continued(head: string, indent: number, text: string, ink = (line: string) => line): readonly string[] {
  const [first = "", ...rest] = printable(text).split("\n");
  return [`${head}${ink(first)}`, ...rest.map((line) => `${" ".repeat(indent)}${ink(line)}`)];
}

function namesOf(experiments: readonly string[]): string {
  const shown = experiments.slice(0, MOST_NAMES).map((name) => `\`${name}\``);
  const more = experiments.length - shown.length;
  const kind = experiments.length === 1 ? "experiment" : "experiments";
  return `${kind} ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function gutterOf({ primary, related }: Diagnostic): number {
  const lines = [primary?.line ?? 0, ...related.map(({ span }) => span.line)];
  return Math.max(2, ...lines.map((line) => String(line).length));
}

type PlaceOptions = PrettyOptions & ExcerptOptions;

function placesOf(diagnostic: Diagnostic, options: PlaceOptions): readonly string[] {
  const { primary } = diagnostic;
  const nowhere = primary === null && diagnostic.nowhere !== undefined;
  const marks: readonly Mark[] = [
    ...(primary === null ? [] : [{ span: primary, label: printable(primaryLabel(diagnostic)), primary: true }]),
    ...diagnostic.related.map(({ span, message }) => ({ span, label: printable(message), primary: false })),
  ];
  const files = [...new Set(marks.map(({ span }) => span.file))];
  const blocks = files.flatMap((file) => clusterMarks(marks.filter(({ span }) => span.file === file)));
  // The cause comes first, wherever it stands.
  const ordered = [...blocks].sort((a, b) => Number(hasPrimary(b)) - Number(hasPrimary(a)));
  return [
    ...(nowhere ? [arrow("-->", `no source: ${printable(diagnostic.nowhere ?? "")}`, options)] : []),
    ...ordered.flatMap((block) => blockOf(block, options)),
  ];
}

/** Who set what the cause says; an argument says it itself. */
function primaryLabel({ primary, factors = [] }: Diagnostic): string {
  if (primary === null || primary.file === COMMAND_LINE) return "";
  return factors.find(({ span, setBy }) => setBy !== null && span !== null && isSame(span, primary))?.setBy ?? "";
}

function isSame(a: Span, b: Span): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column && a.length === b.length;
}

function hasPrimary(marks: readonly Mark[]): boolean {
  return marks.some(({ primary }) => primary);
}

function blockOf(marks: readonly Mark[], options: PlaceOptions): readonly string[] {
  const lead = marks.find(({ primary }) => primary) ?? marks[0];
  if (lead === undefined) return [];
  const source = options.sourceOf(lead.span.file);
  const excerpt = source === null ? [] : renderExcerpt(source, marks, options);
  if (excerpt.length > 0) {
    return [arrow(lead.primary ? "-->" : ":::", placeText(lead.span, options), options), ...excerpt];
  }
  return marks.map(({ span, label, primary }) =>
    arrow(primary ? "-->" : ":::", `${placeText(span, options)}${label === "" ? "" : ` ${label}`}`, options),
  );
}

function arrow(sign: string, text: string, { gutter, style }: PlaceOptions): string {
  return `${" ".repeat(gutter)}${paint(sign, "mark", style)} ${text}`;
}

/** A place as editors and terminals make it clickable. */
export function placeText(
  { file, line, column }: Span,
  { showFile = (name) => name }: Pick<PrettyOptions, "showFile">,
): string {
  return file === COMMAND_LINE ? "command line" : printable(`${showFile(file)}:${line}:${column}`);
}
