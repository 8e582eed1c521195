import { at, type Finding, type Severity } from "../diagnostics/finding.ts";
import type { Acknowledgement, PluginFacts } from "../manifest/format.ts";
import { own } from "../spec/own.ts";
import { declaredCodes } from "../diagnostics/define.ts";
import { didYouMean, nearest } from "../diagnostics/nearest.ts";
import { acknowledgementDiagnostics } from "./diagnostics.ts";
import { strings } from "./facts.ts";

/**
 * Takes acknowledged warnings out; errors stay. What is wrong with an acknowledgement is a finding at its own place: a code that
 * is none or that of an error, a reason that says nothing, a warning that nothing gives. A misspelt code stands for the warning
 * that was meant, too: one mistake.
 */
export function acknowledge(
  findings: readonly Finding[],
  accepted: readonly Acknowledgement[],
  ruleCodes: readonly string[] = [],
): readonly Finding[] {
  const given = new Map(findings.map(({ code, severity }) => [code, severity]));
  const known = declaredCodes();
  const warned = new Set(findings.flatMap(({ code, severity }) => (severity === "warning" ? [code] : [])));
  const meant = (code: string) => (known.has(code) || warned.has(code) ? code : (nearest(code, warned)[0] ?? code));
  const codes = new Set(accepted.map(({ code }) => meant(code)));
  const left = findings.filter(({ code, severity }) => severity === "error" || !codes.has(code));
  const problems = accepted.flatMap((acknowledgement, index) =>
    ruleCodes.includes(acknowledgement.code)
      ? []
      : problemOf(acknowledgement, index, warned, { found: given.get(acknowledgement.code), ruleCodes }),
  );
  return [...left, ...problems];
}

/** What is known of rules where they have run. */
export interface RanRules {
  readonly facts: PluginFacts;
  /** What becomes of the codes of the rules in use. */
  readonly settings: Readonly<Record<string, Severity | "off">>;
  /** Codes of the rules that ran to their end. */
  readonly ran: ReadonlySet<string>;
}

/**
 * Takes acknowledged warnings out of what rules found, and tells what is wrong with acknowledgements of their codes. One of a code
 * that is off in the project, or whose rule failed, is left alone: nobody knows whether it would match.
 */
export function acknowledgeRules(
  findings: readonly Finding[],
  accepted: readonly Acknowledgement[],
  { facts, settings, ran }: RanRules,
): readonly Finding[] {
  const known = ruleCodesOf(facts);
  const warned = new Set(findings.flatMap(({ code, severity }) => (severity === "warning" ? [code] : [])));
  const meant = (code: string) => (known.includes(code) ? code : (nearest(code, warned)[0] ?? code));
  const codes = new Set(accepted.map(({ code }) => meant(code)));
  const left = findings.filter(({ code, severity }) => severity === "error" || !codes.has(code));
  const problems = accepted.flatMap((acknowledgement, index) => {
    const { code } = acknowledgement;
    const setting = Object.hasOwn(settings, code) ? settings[code] : undefined;
    const isOpen = setting === "off" || (setting !== undefined && !ran.has(code));
    if (!known.includes(code) || isOpen) return [];
    return problemOf(acknowledgement, index, warned, { found: setting, ruleCodes: known });
  });
  return [...left, ...problems];
}

/** Codes of all rules that plugins bring. */
export function ruleCodesOf(facts: PluginFacts): readonly string[] {
  return Object.values(own(facts.types, "rule") ?? {}).flatMap(({ facts: rule }) => strings(rule["codes"]));
}

function problemOf(
  { code, reason }: Acknowledgement,
  index: number,
  warned: ReadonlySet<string>,
  { found, ruleCodes }: { readonly found: Severity | undefined; readonly ruleCodes: readonly string[] },
): readonly Finding[] {
  const known = declaredCodes();
  const place = { at: at(`/acknowledgements/${index}`) };
  // Codes of a plugin's own are declared where its rules run: one that was found is known, whoever declared it.
  const severity = warned.has(code) ? "warning" : (found ?? known.get(code));
  if (severity === "error") return [acknowledgementDiagnostics["acknowledged-error"]({ acknowledged: code }, place)];
  const isRules = ruleCodes.some((name) => name.startsWith(`${code.split("/")[0] ?? ""}/`));
  if (severity === undefined && !ruleCodes.includes(code) && (isRules || isOwnArea(code, known))) {
    const help = didYouMean(
      code,
      isRules ? ruleCodes : [...known].flatMap(([name, given]) => (given === "warning" ? [name] : [])),
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
