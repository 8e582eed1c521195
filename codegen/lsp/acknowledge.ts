import { join } from "node:path";
import { type CodeAction, CodeActionKind, type Diagnostic as ShownDiagnostic } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { outputName, type BuildReport } from "../report.ts";
import type { SourceReader } from "../source-reader.ts";
import type { PlacedDiagnostic } from "./diagnostics.ts";
import { type OpenDocuments, textOnDisk } from "./documents.ts";

/** What was found while sources were read or a thread ran is no fact of an experiment: nothing of it can be acknowledged. */
const NOT_OF_EXPERIMENTS: ReadonlySet<string> = new Set(["build", "codegen", "evaluate", "cli"]);
/** Findings about acknowledgements themselves. */
const ABOUT_ACKNOWLEDGEMENTS: ReadonlySet<string> = new Set(["config/unused-acknowledgement"]);

/** True for a warning that an author may accept in the class. */
export function canAcknowledge({ diagnostic: { code, severity }, experiments }: PlacedDiagnostic): boolean {
  const [area = ""] = code.split("/");
  if (severity !== "warning" || experiments.length === 0) return false;
  return !NOT_OF_EXPERIMENTS.has(area) && !ABOUT_ACKNOWLEDGEMENTS.has(code);
}

/**
 * Actions that accept a warning in the classes of the experiments that have it. The reason is left for the author: without one,
 * the acknowledgement is an error.
 */
export function acknowledgements(
  reader: SourceReader,
  { placed, shown }: { readonly placed: PlacedDiagnostic; readonly shown: ShownDiagnostic },
  { root, report }: { readonly root: string; readonly report: BuildReport },
  documents: OpenDocuments,
): readonly CodeAction[] {
  const { code } = placed.diagnostic;
  const owners = new Map(
    report.experiments
      .filter(({ name, builds }) =>
        [null, ...builds.map(({ preset }) => preset)].some((preset) =>
          placed.experiments.includes(outputName(name, preset)),
        ),
      )
      .flatMap(({ file, className }) => (className === null ? [] : [[`${file} ${className}`, { file, className }]])),
  );
  return [...owners.values()].flatMap(({ file, className }): CodeAction[] => {
    const path = join(root, file);
    const uri = documents.uriOf(path);
    const text = documents.get(path)?.getText() ?? textOnDisk(path);
    const entry = text === null ? null : reader.acknowledgement(file, text, { className, code });
    if (text === null || entry === null) return [];
    const at = TextDocument.create(uri, "typescript", 0, text).positionAt(entry.offset);
    return [
      {
        title: `Acknowledge \`${code}\` in class \`${className}\`, with a reason that you give`,
        kind: CodeActionKind.QuickFix,
        diagnostics: [shown],
        edit: { changes: { [uri]: [{ range: { start: at, end: at }, newText: entry.text }] } },
      },
    ];
  });
}
