import { at, type Finding, type Severity } from "../diagnostics/finding.ts";
import type { Acknowledgement, PluginFacts } from "../manifest/format.ts";
import { own } from "../spec/own.ts";
import { declaredCodes } from "../diagnostics/define.ts";
import { didYouMean, nearest } from "../diagnostics/nearest.ts";
import { acknowledgementDiagnostics } from "./diagnostics.ts";
import { strings } from "./facts.ts";

/** Findings with the acknowledged ones among them apart. */
export interface Judged {
  /** What is left to be told, and what is wrong with acknowledgements. */
  readonly findings: readonly Finding[];
  readonly acknowledged: readonly AcknowledgedFinding[];
}

/** A warning that its author knows of and accepts. */
export interface AcknowledgedFinding {
  readonly finding: Finding;
  /** As the author wrote it; the code may be misspelt. */
  readonly acknowledgement: Acknowledgement;
}

/**
 * Takes acknowledged warnings out; errors stay. What is wrong with an acknowledgement is a finding at its own place: a code that
 * is none or that of an error, a reason that says nothing, a warning that nothing gives. A misspelt code stands for the warning
 * that was meant, too: one mistake.
 */
export function acknowledge(
  findings: readonly Finding[],
  accepted: readonly Acknowledgement[],
  ruleCodes: readonly string[] = [],
): Judged {
  const given = new Map(findings.map(({ code, severity }) => [code, severity]));
  const known = declaredCodes();
  const warned = new Set(findings.flatMap(({ code, severity }) => (severity === "warning" ? [code] : [])));
  const meant = (code: string) => (known.has(code) || warned.has(code) ? code : (nearest(code, warned)[0] ?? code));
  const { findings: left, acknowledged } = partition(findings, accepted, meant);
  const problems = accepted.flatMap((acknowledgement, index) =>
    ruleCodes.includes(acknowledgement.code)
      ? []
      : problemOf(acknowledgement, index, warned, { found: given.get(acknowledgement.code), ruleCodes }),
  );
  return { findings: [...left, ...problems], acknowledged };
}

/** Findings and the acknowledged ones among them; `meant` tells the code that the one of an acknowledgement stands for. */
function partition(
  findings: readonly Finding[],
  accepted: readonly Acknowledgement[],
  meant: (code: string) => string,
): Judged {
  const codes = accepted.map(({ code }) => meant(code));
  const left: Finding[] = [];
  const acknowledged: AcknowledgedFinding[] = [];
  for (const finding of findings) {
    const acknowledgement = finding.severity === "error" ? undefined : accepted[codes.indexOf(finding.code)];
    if (acknowledgement === undefined) left.push(finding);
    else acknowledged.push({ finding, acknowledgement });
  }
  return { findings: left, acknowledged };
}

/**
 * What is found without what only all builds of an experiment together can tell: an acknowledgement stands in a class, and may
 * be meant for another preset than the one that was looked at.
 */
export function withoutUnused(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ code }) => code !== UNUSED);
}

/** Code of an acknowledgement that matches nothing. */
export const UNUSED = "config/unused-acknowledgement";

/** Codes of errors that are warnings where what they are about does no harm: somewhere else they may be acknowledged. */
const SOMETIMES_WARNINGS: ReadonlySet<string> = new Set(["option/range"]);
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
): Judged {
  const known = ruleCodesOf(facts);
  const warned = new Set(findings.flatMap(({ code, severity }) => (severity === "warning" ? [code] : [])));
  const meant = (code: string) => (known.includes(code) ? code : (nearest(code, warned)[0] ?? code));
  const { findings: left, acknowledged } = partition(findings, accepted, meant);
  const problems = accepted.flatMap((acknowledgement, index) => {
    const { code } = acknowledgement;
    const setting = Object.hasOwn(settings, code) ? settings[code] : undefined;
    const isOpen = setting === "off" || (setting !== undefined && !ran.has(code));
    if (!known.includes(code) || isOpen) return [];
    return problemOf(acknowledgement, index, warned, { found: setting, ruleCodes: known });
  });
  return { findings: [...left, ...problems], acknowledged };
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
  const isWarning = warned.has(code) || SOMETIMES_WARNINGS.has(code);
  const severity = isWarning ? "warning" : (found ?? known.get(code));
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
