import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Diagnostic as ShownDiagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  type Range,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Diagnostic, Span } from "../../src/diagnostics/finding.ts";
import { groupDiagnostics } from "../../src/diagnostics/render/group.ts";
import { wovenMessage } from "../../src/diagnostics/render/weave.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import { type OpenDocuments, textOnDisk } from "./documents.ts";
import { type Edit, moveStretch, type Stretch } from "./edits.ts";

/** A stretch of a file, in the text that was saved when a run found it. */
export interface FilePlace {
  readonly path: string;
  readonly stretch: Stretch;
}

/** A diagnostic at its place in a saved file. */
export interface PlacedDiagnostic {
  readonly diagnostic: Diagnostic;
  /** Experiments that have it. */
  readonly experiments: readonly string[];
  readonly place: FilePlace;
  readonly related: readonly { readonly place: FilePlace; readonly message: string }[];
  readonly fix: { readonly place: FilePlace; readonly text: string } | null;
}

/** What a run said, by path, with the texts that its places count in. */
export interface PlacedReport {
  readonly files: ReadonlyMap<string, readonly PlacedDiagnostic[]>;
  readonly texts: ReadonlyMap<string, string>;
}

/** Nothing found. */
export const NO_REPORT: PlacedReport = { files: new Map(), texts: new Map() };

/** Kind of the data that a published diagnostic carries, for clients that make their own use of it. */
export interface DiagnosticData {
  readonly experiments: readonly string[];
  readonly fix: { readonly range: Range; readonly newText: string } | null;
}

/**
 * Sorts a run's diagnostics by file. What no source has stands at the start of the config.
 * @param root absolute folder that the paths of spans start from.
 */
export function placeDiagnostics(root: string, configFile: string, diagnostics: readonly Diagnostic[]): PlacedReport {
  const files = new Map<string, PlacedDiagnostic[]>();
  const texts = new Map<string, string>();
  const documents = new Map<string, TextDocument>();
  const placeOf = ({ file, line, column, length }: Span): FilePlace => {
    const path = join(root, file);
    let document = documents.get(path);
    if (document === undefined) {
      const text = textOnDisk(path) ?? "";
      document = TextDocument.create(pathToFileURL(path).href, "typescript", 0, text);
      documents.set(path, document);
      texts.set(path, text);
    }
    const start = document.offsetAt({ line: line - 1, character: column - 1 });
    return { path, stretch: { start, end: Math.min(start + length, document.getText().length) } };
  };
  const inProject = ({ file }: Span) => !file.startsWith("<") && !file.includes(":");
  for (const { diagnostic, experiments } of groupDiagnostics(diagnostics)) {
    const { primary, fix } = diagnostic;
    const span = primary !== null && inProject(primary) ? primary : { file: configFile, line: 1, column: 1, length: 0 };
    const place = placeOf(span);
    const placed: PlacedDiagnostic = {
      diagnostic,
      experiments,
      place,
      related: diagnostic.related.flatMap((one) =>
        inProject(one.span) ? [{ place: placeOf(one.span), message: one.message }] : [],
      ),
      fix: fix === null || !inProject(fix.span) ? null : { place: placeOf(fix.span), text: fix.text },
    };
    files.set(place.path, [...(files.get(place.path) ?? []), placed]);
  }
  return { files, texts };
}

/** A report after a file was saved: until the next run says more, its places are where the edits moved them. */
export function rebase(report: PlacedReport, path: string, edits: readonly Edit[], saved: string): PlacedReport {
  if (edits.length === 0 || !report.texts.has(path)) return report;
  const move = (place: FilePlace): FilePlace | null => {
    if (place.path !== path) return place;
    const stretch = moveStretch(edits, place.stretch);
    return stretch === null ? null : { path, stretch: { start: stretch.start, end: stretch.end } };
  };
  const touched = ({ path: own, stretch }: FilePlace) => own === path && (moveStretch(edits, stretch)?.touched ?? true);
  const moved = (placed: PlacedDiagnostic): readonly PlacedDiagnostic[] => {
    const place = move(placed.place);
    if (place === null) return [];
    const related = placed.related.flatMap(({ place: other, message }) => {
      const found = move(other);
      return found === null ? [] : [{ place: found, message }];
    });
    const fixed = placed.fix === null || touched(placed.fix.place) ? null : move(placed.fix.place);
    return [{ ...placed, place, related, fix: fixed === null ? null : { place: fixed, text: placed.fix?.text ?? "" } }];
  };
  return {
    files: new Map([...report.files].map(([file, all]) => [file, all.flatMap(moved)])),
    texts: new Map(report.texts).set(path, saved),
  };
}

/** A diagnostic as editors take it; `null` if unsaved edits deleted what it was about. */
export function showDiagnostic(
  placed: PlacedDiagnostic,
  texts: PlacedReport["texts"],
  documents: OpenDocuments,
): ShownDiagnostic | null {
  const show = ({ path, stretch }: FilePlace) => documents.show(path, texts.get(path) ?? "", stretch);
  const { diagnostic, experiments } = placed;
  const at = show(placed.place);
  if (at === null) return null;
  const related = placed.related.flatMap(({ place, message }): DiagnosticRelatedInformation[] => {
    const shown = show(place);
    return shown === null ? [] : [{ location: { uri: shown.uri, range: shown.range }, message }];
  });
  const page = pageOf(diagnostic.code);
  const fix = fixOf(placed, texts, documents);
  const data: DiagnosticData = { experiments, fix };
  return {
    range: at.range,
    severity: diagnostic.severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: diagnostic.code,
    ...(page === null ? {} : { codeDescription: { href: page } }),
    source: "assay",
    message: messageOf(diagnostic, experiments),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
    data,
  };
}

/** The edit of a fix, as long as nothing of what it replaces was edited. */
export function fixOf(
  { fix }: PlacedDiagnostic,
  texts: PlacedReport["texts"],
  documents: OpenDocuments,
): DiagnosticData["fix"] {
  if (fix === null) return null;
  const { path, stretch } = fix.place;
  const shown = documents.show(path, texts.get(path) ?? "", stretch);
  return shown === null || shown.touched ? null : { range: shown.range, newText: fix.text };
}

/** Names that are listed before the rest is only counted. */
const MOST_NAMES = 6;

function messageOf(diagnostic: Diagnostic, experiments: readonly string[]): string {
  const { notes, help, nowhere, primary } = diagnostic;
  const more = experiments.length - MOST_NAMES;
  const names = experiments.slice(0, MOST_NAMES).join(", ");
  return [
    wovenMessage(diagnostic),
    ...(primary === null && nowhere !== undefined ? [`no source: ${nowhere}`] : []),
    ...notes.map((note) => `note: ${note}`),
    ...(help === null ? [] : [`help: ${help}`]),
    ...(experiments.length === 0 ? [] : [`in: ${names}${more > 0 ? ` and ${more} more` : ""}`]),
  ].join("\n");
}

/** Page of a code in this package. */
function pageOf(code: string): string | null {
  const file = join(LIBRARY_ROOT, "docs", "codes", `${code}.md`);
  return existsSync(file) ? pathToFileURL(file).href : null;
}
