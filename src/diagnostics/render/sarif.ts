import type { Location, Log, PhysicalLocation, ReportingDescriptor, Result } from "sarif";
import type { AcknowledgedDiagnostic, Diagnostic, Severity, Span } from "../finding.ts";
import { type DiagnosticGroup, groupDiagnostics } from "./group.ts";
import type { RenderOptions } from "./options.ts";
import { meaningOf, sentenceOf } from "./page.ts";
import { jsonText } from "./json-text.ts";
import { COMMAND_LINE, lineOf, regionOf, textOf } from "./region.ts";
import { wovenMessage } from "./weave.ts";

/** Where the schema of the form stands. */
const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** The folder that files are named from: that of the repository. */
const ROOT = "%SRCROOT%";

/** Name and version of our fingerprints; another way to make them takes another version. */
const FINGERPRINT = "assayDiagnostic/v1";

/**
 * Diagnostics as a SARIF 2.1.0 log of one run. One mistake in several experiments is one result. Acknowledged warnings are
 * suppressed results.
 */
export function renderSarif(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  const groups = [...groupDiagnostics(diagnostics), ...suppressedGroups(options.acknowledged ?? [])];
  return `${jsonText(logOf(groups, options), options.form === "line" ? 0 : 2)}\n`;
}

/** A mistake, and how it is suppressed, if it is. */
interface SarifGroup extends DiagnosticGroup {
  readonly suppression?: Pick<AcknowledgedDiagnostic, "reason" | "acknowledgedAt">;
}

function suppressedGroups(acknowledged: readonly AcknowledgedDiagnostic[]): readonly SarifGroup[] {
  const bySuppression = new Map<string, AcknowledgedDiagnostic[]>();
  for (const one of acknowledged) {
    const key = JSON.stringify([one.reason, one.acknowledgedAt]);
    bySuppression.set(key, [...(bySuppression.get(key) ?? []), one]);
  }
  return [...bySuppression.values()].flatMap((list) =>
    groupDiagnostics(list.map(({ diagnostic }) => diagnostic)).map((group) => ({
      ...group,
      ...(list[0] === undefined ? {} : { suppression: list[0] }),
    })),
  );
}

function logOf(groups: readonly SarifGroup[], options: RenderOptions): Log {
  const codes = [...new Set(groups.map(({ diagnostic }) => diagnostic.code))];
  const { version, homepage } = options.tool;
  const fingerprintOf = fingerprints(options);
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Assay",
            version,
            ...(homepage === null ? {} : { informationUri: homepage }),
            rules: codes.map((code) => ruleOf(code, groups, options)),
          },
        },
        columnKind: "utf16CodeUnits",
        newlineSequences: ["\r\n", "\n", "\r", "\u2028", "\u2029"],
        results: groups.map((group) => ({
          ...resultOf(group, codes.indexOf(group.diagnostic.code), options),
          partialFingerprints: { [FINGERPRINT]: fingerprintOf(group.diagnostic) },
        })),
      },
    ],
  };
}

function ruleOf(code: string, groups: readonly DiagnosticGroup[], options: RenderOptions): ReportingDescriptor {
  const own = groups.filter(({ diagnostic }) => diagnostic.code === code);
  const level: Severity = own.some(({ diagnostic }) => diagnostic.severity === "error") ? "error" : "warning";
  const page = options.pageTextOf(code);
  const meaning = (page === null ? null : meaningOf(page)) ?? code;
  const helpUri = options.webPageOf(code);
  return {
    id: code,
    shortDescription: { text: plain(sentenceOf(meaning)) },
    fullDescription: { text: plain(meaning) },
    ...(page === null ? {} : { help: { text: page, markdown: page } }),
    ...(helpUri === null ? {} : { helpUri }),
    defaultConfiguration: { level },
  };
}

function resultOf(
  { diagnostic, experiments, suppression }: SarifGroup,
  ruleIndex: number,
  options: RenderOptions,
): Result {
  const { code, severity, primary, nowhere, related, data } = diagnostic;
  const further = related.map(({ span, message }, index) => ({
    id: index + 1,
    ...locationOf(span, options),
    message: { text: plain(message) },
  }));
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: plain(messageOf(diagnostic, options)) },
    ...locationsOf(primary, options),
    ...(further.length === 0 ? {} : { relatedLocations: further }),
    ...fixesOf(diagnostic, options),
    ...suppressionsOf(suppression, options),
    properties: { experiments, data, ...(nowhere === undefined ? {} : { nowhere }) },
  };
}

/**
 * Where a result is. Services refuse a log whose results have no file, so that what is in none stands at the beginning of the
 * config.
 */
function locationsOf(primary: Span | null, options: RenderOptions): Pick<Result, "locations"> {
  if (primary !== null && primary.file !== COMMAND_LINE) return { locations: [locationOf(primary, options)] };
  const { projectFile } = options;
  const start = { line: 1, column: 1, length: 0 };
  const file = projectFile === undefined ? {} : locationOf({ ...start, file: projectFile }, options);
  const argument = primary === null ? {} : locationOf(primary, options);
  return primary === null && projectFile === undefined ? {} : { locations: [{ ...file, ...argument }] };
}

/** An acknowledgement as SARIF says it. Without suppressions a result counts as not suppressed. */
function suppressionsOf(suppression: SarifGroup["suppression"], options: RenderOptions): Pick<Result, "suppressions"> {
  if (suppression === undefined) return {};
  const { reason, acknowledgedAt } = suppression;
  const location = acknowledgedAt === null ? {} : { location: locationOf(acknowledgedAt, options) };
  return { suppressions: [{ kind: "inSource", status: "accepted", justification: reason, ...location }] };
}

/** Viewers show the message alone: notes and help stand below it. */
function messageOf(diagnostic: Diagnostic, options: RenderOptions): string {
  const { notes, help } = diagnostic;
  const further = notes.map((note) => `note: ${note}`);
  return [wovenMessage(diagnostic, options), ...further, ...(help === null ? [] : [`help: ${help}`])].join("\n");
}

/** Text in brackets that parentheses follow would be read as a link. */
function plain(text: string): string {
  return text.replaceAll(/\[([^[\]]*)\](?=\()/g, String.raw`\[$1\]`);
}

function locationOf(span: Span, options: RenderOptions): Location {
  if (span.file !== COMMAND_LINE) return { physicalLocation: physicalOf(span, options) };
  // An argument is no file, so that it has no region either.
  const argument = textOf(options.sourceOf(COMMAND_LINE) ?? "", span) ?? "";
  const name = argument === "" ? "command line" : argument;
  const place = `command line, column ${span.column}`;
  return { logicalLocations: [{ name, fullyQualifiedName: place, kind: "parameter" }] };
}

function physicalOf(span: Span, options: RenderOptions): PhysicalLocation {
  return {
    artifactLocation: artifactOf(span.file, options),
    region: { ...regionOf(span, options.sourceOf(span.file)) },
  };
}

/** Half a character, which no URI can hold. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Files below the folder that the command runs in are relative to it. */
function artifactOf(file: string, { showFile = (name) => name }: RenderOptions): PhysicalLocation["artifactLocation"] {
  const shown = showFile(file).replaceAll("\\", "/");
  const uri = shown.replaceAll(LONE_SURROGATE, "\uFFFD").split("/").map(encodeURIComponent).join("/");
  // A drive's letter keeps its colon.
  if (/^[a-z]:\//i.test(shown)) return { uri: `file:///${uri.replace("%3A", ":")}` };
  return shown.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: ROOT };
}

function fixesOf({ fix, help }: Diagnostic, options: RenderOptions): Pick<Result, "fixes"> {
  if (fix === null || fix.span.file === COMMAND_LINE) return {};
  const { artifactLocation = {}, region = {} } = physicalOf(fix.span, options);
  return {
    fixes: [
      {
        description: { text: plain(help ?? `write \`${fix.text}\``) },
        artifactChanges: [
          { artifactLocation, replacements: [{ deletedRegion: region, insertedContent: { text: fix.text } }] },
        ],
      },
    ],
  };
}

/**
 * Makes the fingerprints of one log. They hold the code, the file and the text of the line, but not its number: a mistake
 * is the same one when lines above come or go. Equal mistakes in equal lines are counted.
 */
function fingerprints({ sourceOf, digest }: RenderOptions): (diagnostic: Diagnostic) => string {
  const seen = new Map<string, number>();
  return ({ code, primary, data }) => {
    const source = primary === null ? null : sourceOf(primary.file);
    const line = primary === null || source === null ? null : lineOf(source, primary);
    const file = primary?.file ?? null;
    const key = JSON.stringify(file === COMMAND_LINE ? [code, file, data] : [code, file, line, data]);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return `${digest(key)}:${count + 1}`;
  };
}
