import { at, type Finding, type Severity } from "../diagnostics/finding.ts";
import type { Acknowledgement } from "../manifest/format.ts";
import { declaredCodes } from "../diagnostics/define.ts";
import { didYouMean, nearest } from "../diagnostics/nearest.ts";
import { acknowledgementDiagnostics } from "./diagnostics.ts";

/**
 * Takes acknowledged warnings out; errors stay. What is wrong with an acknowledgement is a finding at its own place: a code that
 * is none or that of an error, a reason that says nothing, a warning that nothing gives. A misspelt code stands for the warning
 * that was meant, too: one mistake.
 */
export function acknowledge(findings: readonly Finding[], accepted: readonly Acknowledgement[]): readonly Finding[] {
  const given = new Map(findings.map(({ code, severity }) => [code, severity]));
  const known = declaredCodes();
  const warned = new Set(findings.flatMap(({ code, severity }) => (severity === "warning" ? [code] : [])));
  const meant = (code: string) => (known.has(code) || warned.has(code) ? code : (nearest(code, warned)[0] ?? code));
  const codes = new Set(accepted.map(({ code }) => meant(code)));
  const left = findings.filter(({ code, severity }) => severity === "error" || !codes.has(code));
  const problems = accepted.flatMap((acknowledgement, index) =>
    problemOf(acknowledgement, index, warned, given.get(acknowledgement.code)),
  );
  return [...left, ...problems];
}

function problemOf(
  { code, reason }: Acknowledgement,
  index: number,
  warned: ReadonlySet<string>,
  found: Severity | undefined,
): readonly Finding[] {
  const known = declaredCodes();
  const place = { at: at(`/acknowledgements/${index}`) };
  // Codes of a plugin's own are declared where its rules run: one that was found is known, whoever declared it.
  const severity = warned.has(code) ? "warning" : (found ?? known.get(code));
  if (severity === "error") return [acknowledgementDiagnostics["acknowledged-error"]({ acknowledged: code }, place)];
  if (severity === undefined && isOwnArea(code, known)) {
    const help = didYouMean(
      code,
      [...known].flatMap(([name, given]) => (given === "warning" ? [name] : [])),
    );
    const details = { ...place, ...(help === undefined ? {} : { help }) };
    return [acknowledgementDiagnostics["acknowledged-unknown"]({ acknowledged: code }, details)];
  }
  if (reason.trim() === "") {
    return [acknowledgementDiagnostics["acknowledgement-reason"]({ acknowledged: code }, place)];
  }
  return warned.has(code) ? [] : [acknowledgementDiagnostics["unused-acknowledgement"]({ acknowledged: code }, place)];
}

/** True if Assay itself declares codes of the area. Others may be a plugin's, and then nobody knows whether they exist. */
function isOwnArea(code: string, known: ReadonlyMap<string, Severity>): boolean {
  const area = `${code.split("/")[0] ?? ""}/`;
  return !code.includes("/") || [...known.keys()].some((name) => name.startsWith(area));
}
