import type { AcknowledgedDiagnostic, Diagnostic } from "../finding.ts";
import { jsonText } from "./json-text.ts";
import { wovenMessage } from "./weave.ts";

/** Version of the JSON form; `docs/diagnostics.md` describes it. */
export const DIAGNOSTICS_VERSION = 1;

/** Diagnostics as JSON: all properties are there, in the order of the docs. `line`: without line breaks, for JSON Lines. */
export function renderJson(
  diagnostics: readonly Diagnostic[],
  further: Readonly<Record<string, unknown>> = {},
  form: "pretty" | "line" = "pretty",
): string {
  const document = {
    assayDiagnostics: DIAGNOSTICS_VERSION,
    diagnostics: diagnostics.map((diagnostic) => toJson(diagnostic)),
    ...further,
  };
  return `${jsonText(document, form === "line" ? 0 : 2)}\n`;
}

/** Warnings that are not told, with who accepts them and why. */
export function acknowledgedJson(acknowledged: readonly AcknowledgedDiagnostic[]): readonly object[] {
  return acknowledged.map(({ diagnostic, reason, acknowledgedAt }) => ({
    ...toJson(diagnostic),
    reason,
    acknowledgedAt,
  }));
}

function toJson(diagnostic: Diagnostic): object {
  return {
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: wovenMessage(diagnostic),
    data: diagnostic.data,
    experiment: diagnostic.experiment,
    primary: diagnostic.primary,
    ...(diagnostic.primary === null ? { nowhere: diagnostic.nowhere ?? "" } : {}),
    related: diagnostic.related,
    ...(diagnostic.factors === undefined
      ? {}
      : { factors: diagnostic.factors.map(({ name, setBy, span }) => ({ name, setBy, span })) }),
    notes: diagnostic.notes,
    help: diagnostic.help,
    fix: diagnostic.fix,
  };
}
