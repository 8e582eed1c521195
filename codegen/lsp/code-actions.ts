import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic as ShownDiagnostic,
  type Range,
  type TextEdit,
} from "vscode-languageserver/node";
import type { BuildReport } from "../report.ts";
import type { SourceReader } from "../source-reader.ts";
import { acknowledgements, canAcknowledge } from "./acknowledge.ts";
import { fixOf, showDiagnostic } from "./diagnostics.ts";
import { type OpenDocuments, pathOf } from "./documents.ts";
import type { Publisher } from "./publisher.ts";

/** Kind of the action that applies all fixes of a file. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.assay`;

/** What actions know beside the diagnostics of a file. */
export interface ActionContext {
  readonly publisher: Publisher;
  readonly documents: OpenDocuments;
  /** The project of a file, once it was proved. */
  readonly projectOf: (path: string) => { readonly root: string; readonly report: BuildReport } | null;
  /** Loaded on first use. */
  readonly reader: () => Promise<SourceReader>;
}

/** One fix that can be applied now. */
interface Applicable {
  readonly shown: ShownDiagnostic;
  readonly edit: TextEdit;
}

/** Fixes for what stands in a range, acknowledgements of warnings there, and one action for all fixes of the file. */
export async function codeActions(
  { textDocument: { uri }, range, context }: CodeActionParams,
  { publisher, documents, projectOf, reader }: ActionContext,
): Promise<readonly CodeAction[]> {
  const path = pathOf(uri);
  if (path === null) return [];
  const found = publisher.of(path).flatMap(({ placed, texts }) => {
    const shown = showDiagnostic(placed, texts, documents);
    return shown === null ? [] : [{ placed, texts, shown }];
  });
  const all = found.flatMap(({ placed, texts, shown }): Applicable[] => {
    const edit = fixOf(placed, texts, documents);
    return edit === null ? [] : [{ shown, edit }];
  });
  const wanted = (kind: string) =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  const quick = wanted(CodeActionKind.QuickFix) ? all.filter(({ shown }) => touches(shown.range, range)) : [];
  const accepted = wanted(CodeActionKind.QuickFix)
    ? found.filter(({ placed, shown }) => canAcknowledge(placed) && touches(shown.range, range))
    : [];
  const project = accepted.length === 0 ? null : projectOf(path);
  const sources = project === null ? null : await reader();
  const edits = distinct(all.map(({ edit }) => edit));
  return [
    ...quick.map(({ shown, edit }): CodeAction => ({
      title: titleOf(edit),
      kind: CodeActionKind.QuickFix,
      diagnostics: [shown],
      isPreferred: true,
      edit: { changes: { [uri]: [edit] } },
    })),
    ...(project === null || sources === null
      ? []
      : accepted.flatMap((one) => acknowledgements(sources, one, project, documents))),
    ...(wanted(FIX_ALL) && edits.length > 0
      ? [{ title: "Apply all fixes of Assay", kind: FIX_ALL, edit: { changes: { [uri]: edits } } }]
      : []),
  ];
}

const LONGEST_TITLE_TEXT = 60;

function titleOf({ newText }: TextEdit): string {
  if (newText === "") return "Remove it";
  const line = newText.replaceAll(/\s+/g, " ");
  const shown = line.length > LONGEST_TITLE_TEXT ? `${line.slice(0, LONGEST_TITLE_TEXT - 1)}…` : line;
  return `Replace with \`${shown}\``;
}

/** Edits that can be applied together: of two that overlap, the first. */
function distinct(edits: readonly TextEdit[]): TextEdit[] {
  const kept: TextEdit[] = [];
  for (const edit of edits) if (!kept.some((other) => touches(other.range, edit.range))) kept.push(edit);
  return kept;
}

function touches(a: Range, b: Range): boolean {
  return isBefore(a.start, b.end) && isBefore(b.start, a.end);
}

/** True if a position is not behind another one. */
function isBefore(a: Range["start"], b: Range["start"]): boolean {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}
