import type { Diagnostic, Span } from "../finding.ts";
import { type DiagnosticGroup, groupDiagnostics } from "./group.ts";
import type { RenderOptions } from "./options.ts";
import { placeText } from "./pretty.ts";
import { COMMAND_LINE, regionOf } from "./region.ts";
import { printable } from "./text-width.ts";
import { wovenMessage } from "./weave.ts";

/**
 * Diagnostics as workflow commands of GitHub Actions: one line each, which becomes an annotation. Acknowledged warnings are left
 * out: GitHub shows a few annotations of a step, and those are for what is left to do.
 */
export function renderGitHub(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return groupDiagnostics(diagnostics)
    .map((group) => `${commandOf(group, options)}\n`)
    .join("");
}

function commandOf(group: DiagnosticGroup, options: RenderOptions): string {
  const { severity, code, primary } = group.diagnostic;
  const properties = { ...placeOf(primary, options), title: code };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${list.join(",")}::${escapeMessage(printable(messageOf(group, options)))}`;
}

/** Where an annotation stands. Columns count in a single line only. */
function placeOf(span: Span | null, options: RenderOptions): Readonly<Record<string, string | number>> {
  if (span === null || span.file === COMMAND_LINE) return {};
  const { showFile = (name) => name, sourceOf } = options;
  const { startLine, startColumn, endLine, endColumn } = regionOf(span, sourceOf(span.file));
  const place = { file: showFile(span.file), line: startLine, endLine };
  return startLine === endLine ? { ...place, col: startColumn, endColumn } : place;
}

function messageOf({ diagnostic, experiments }: DiagnosticGroup, options: RenderOptions): string {
  const { related, notes, help, primary, nowhere } = diagnostic;
  const isArgument = primary?.file === COMMAND_LINE;
  return [
    wovenMessage(diagnostic, options),
    ...(isArgument ? [`at: ${placeText(primary, options)}`] : []),
    ...(nowhere === undefined ? [] : [`no source: ${nowhere}`]),
    ...related.map(({ span, message: text }) => `${placeText(span, options)}: ${text}`),
    ...notes.map((note) => `note: ${note}`),
    ...(help === null ? [] : [`help: ${help}`]),
    ...(experiments.length === 0 ? [] : [`in: ${experiments.join(", ")}`]),
  ].join("\n");
}

/** What may stand behind the second `::` of a command: no line end, so that nothing in it starts another one. */
export function escapeMessage(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** What may stand as the value of a property: neither a line end nor what separates properties. */
export function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
