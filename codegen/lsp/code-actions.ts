import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic as ShownDiagnostic,
  type Range,
  type TextEdit,
} from "vscode-languageserver/node";
import { fixOf, showDiagnostic } from "./diagnostics.ts";
import { type OpenDocuments, pathOf } from "./documents.ts";
import type { Publisher } from "./publisher.ts";

/** Kind of the action that applies all fixes of a file. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.assay`;

/** One fix that can be applied now. */
interface Applicable {
  readonly shown: ShownDiagnostic;
  readonly edit: TextEdit;
}

/** Fixes for what stands in a range, and one action for all fixes of the file. */
export function codeActions(
  { textDocument: { uri }, range, context }: CodeActionParams,
  publisher: Publisher,
  documents: OpenDocuments,
): readonly CodeAction[] {
  const path = pathOf(uri);
  if (path === null) return [];
  const all = publisher.of(path).flatMap(({ placed, texts }): Applicable[] => {
    const shown = showDiagnostic(placed, texts, documents);
    const edit = fixOf(placed, texts, documents);
    return shown === null || edit === null ? [] : [{ shown, edit }];
  });
  const wanted = (kind: string) =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  const quick = wanted(CodeActionKind.QuickFix) ? all.filter(({ shown }) => touches(shown.range, range)) : [];
  const edits = distinct(all.map(({ edit }) => edit));
  return [
    ...quick.map(({ shown, edit }): CodeAction => ({
      title: titleOf(edit),
      kind: CodeActionKind.QuickFix,
      diagnostics: [shown],
      isPreferred: true,
      edit: { changes: { [uri]: [edit] } },
    })),
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
