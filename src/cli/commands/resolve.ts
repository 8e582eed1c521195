import { readFileSync } from "node:fs";
import type { BuildReport } from "../../../codegen/report.ts";
import { resolve as resolvePath } from "node:path";
import { AssayError } from "../../diagnostics/assay-error.ts";
import {
  type AcknowledgedDiagnostic,
  type Diagnostic,
  type Finding,
  hasErrors,
  type Place,
  type Span,
} from "../../diagnostics/finding.ts";
import { checkManifest } from "../../manifest/check.ts";
import type { AuthoredManifest, Manifest, Resolved } from "../../manifest/format.ts";
import { readManifest } from "../../manifest/read.ts";
import { seal } from "../../manifest/seal.ts";
import { type AcknowledgedFinding, withoutUnused } from "../../resolve/acknowledge.ts";
import { resolve as resolveManifest } from "../../resolve/resolve.ts";
import { buildName } from "../build-name.ts";
import { type Command, type Context, reportAside, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { faultInJson, lineAndColumn, placeInJson } from "../../origin/json-places.ts";
import { spanAt, toDiagnostic } from "../places.ts";
import { reachLines, renderClosing, tallyOf } from "../render/closing.ts";

/** Resolves any manifest. */
export const resolve: Command = async (context, [file = ""]) => {
  const { host, tools, settings } = context;
  const text = readOrReport(context, file);
  if (text === null) return EXIT.errors;
  const read = await readShape(file, text);
  if (read.manifest === null) return report(context, file, text, read.findings, null);
  const { facts, diagnostics, root } = await tools.facts({ cwd: host.cwd, config: settings.config });
  reportAside(context, diagnostics, root);
  if (hasErrors(diagnostics)) return EXIT.errors;
  const { value, findings, acknowledged } = resolveManifest(read.manifest, facts);
  const told = isOneOfSeveral(read.manifest) ? withoutUnused(findings) : findings;
  return report(context, file, text, told, { manifest: read.manifest, resolved: value, acknowledged });
};

/** True if other manifests are made of the same class: what it acknowledges may be theirs. */
function isOneOfSeveral({ preset = null, declared = null }: GivenManifest): boolean {
  return preset !== null || (declared?.presets.length ?? 0) > 0;
}

/** A manifest with as much as has to be there. */
type GivenManifest = AuthoredManifest & Pick<Manifest, "name">;

function readOrReport(context: Context, file: string): string | null {
  try {
    return readFileSync(resolvePath(context.host.cwd, file), "utf8");
  } catch (error) {
    const problem = (error as Error).message.replace(/, \w+ '.*$/s, "");
    const at = context.commandLine.placeOf(file);
    reportFindings(context, [cliDiagnostics["file-not-readable"]({ file, problem }, { at })]);
    return null;
  }
}

/** Parts that another tool need not write. They are made anew, so any that fit will do while the shape is looked at. */
const UNRESOLVED = {
  preset: null,
  declared: null,
  resolved: { setups: [], reach: { proved: [], assumed: [], notChecked: [] } },
  hashes: { authored: "0".repeat(64), resolved: "0".repeat(64) },
} as const;

async function readShape(
  file: string,
  text: string,
): Promise<{ readonly manifest: GivenManifest | null; readonly findings: readonly Finding[] }> {
  try {
    const given = readManifest(text);
    const { resolved: _resolved, hashes: _hashes, ...kept } = given;
    const shape = await checkManifest({ ...UNRESOLVED, ...kept });
    const findings = shape.map((finding) => ({ ...finding, at: placeOfPointer(finding, file, text) }));
    return { manifest: hasErrors(findings) ? null : given, findings };
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    const findings = error.findings.map((finding) => ({ ...finding, at: readingPlace(finding, file, text) }));
    return { manifest: null, findings };
  }
}

/** The shape is looked at as a whole: its pointers start at the document. */
function placeOfPointer({ data, at }: Finding, file: string, text: string): Place {
  return placeInDocument(String(data["pointer"]), file, text) ?? at;
}

/** Where a text stops being a manifest: where the parser stopped, at its version, or where it begins. */
function readingPlace({ code }: Finding, file: string, text: string): Place {
  const version = code === "manifest/version" ? placeInDocument("/assayManifest", file, text) : null;
  if (version !== null) return version;
  const offset = faultInJson(text) ?? 0;
  return spanAt({ file, ...lineAndColumn(text, offset), length: 0 });
}

function placeInDocument(pointer: string, file: string, text: string): Place | null {
  const stretch = placeInJson(text, pointer);
  if (stretch === null) return null;
  return spanAt({ file, ...lineAndColumn(text, stretch.offset), length: Math.min(stretch.length, MOST_MARKED) });
}

interface ResolvedManifest {
  readonly manifest: GivenManifest;
  readonly resolved: Resolved;
  readonly acknowledged: readonly AcknowledgedFinding[];
}

function report(
  context: Context,
  file: string,
  text: string,
  findings: readonly Finding[],
  made: ResolvedManifest | null,
): ExitCode {
  const { output, settings } = context;
  const spanOf = (place: Place) => spanInManifest(place, file, text);
  const placed = (finding: Finding): Diagnostic => {
    const notesOf = ({ at }: Finding) =>
      at.kind === "pointer" ? [`at ${file}: ${at.pointer === "" ? "/" : at.pointer}`] : [];
    return toDiagnostic(finding, { spanOf, notesOf });
  };
  const diagnostics = findings.map(placed);
  const accepted = made?.manifest.authored.acknowledgements ?? [];
  const acknowledged = (made?.acknowledged ?? []).map(({ finding, acknowledgement }): AcknowledgedDiagnostic => {
    const pointer = `/acknowledgements/${accepted.indexOf(acknowledgement)}`;
    const acknowledgedAt = spanOf({ kind: "pointer", pointer });
    return { diagnostic: placed(finding), reason: acknowledgement.reason, acknowledgedAt };
  });
  const failed = hasErrors(diagnostics);
  const sources = new Map([[file, text]]);
  output.diagnostics(diagnostics, {
    to: settings.json ? "aside" : "data",
    root: null,
    format: settings.format,
    sources,
    acknowledged,
  });
  if (made !== null && settings.json && !failed) output.write("data", sealedText(made));
  if (made !== null && !settings.json && settings.format === "pretty" && !settings.quiet) {
    output.write("data", summaryText(context, made, { diagnostics, acknowledged }));
  }
  return failed || (settings.denyWarnings && diagnostics.length > 0) ? EXIT.errors : EXIT.fine;
}

function sealedText({ manifest, resolved }: ResolvedManifest): string {
  const { name, preset = null, declared = null, authored } = manifest;
  return seal({ name, preset, declared, authored, resolved }).text;
}

function summaryText(
  { output, host }: Context,
  { manifest, resolved }: ResolvedManifest,
  found: Pick<BuildReport, "diagnostics" | "acknowledged">,
): string {
  const { diagnostics } = found;
  const style = output.style("data");
  const gap = diagnostics.length === 0 ? "" : "\n";
  const name = buildName(manifest.name, manifest.preset ?? null);
  const reach = hasErrors(diagnostics)
    ? ""
    : `Reach of ${name}:\n${reachLines(resolved.reach, style, output.width("data"))}\n`;
  const closing = renderClosing(
    tallyOf(found, host.elapsedMs()),
    { cached: false, written: false, outDir: null, write: false },
    style,
  );
  return `${gap}${reach}${closing}`;
}

/** A place of the authored part is one of the manifest's own text. */
function spanInManifest(place: Place, file: string, text: string): Span | null {
  if (place.kind !== "pointer") return null;
  const stretch = placeInJson(text, `/authored${place.pointer}`, place.part);
  if (stretch === null) return null;
  const { range } = place;
  const isString = text[stretch.offset] === '"';
  // The quote takes one character; a range inside of escapes would be off, so it is left out there.
  const inside =
    range !== undefined && isString && !text.slice(stretch.offset, stretch.offset + stretch.length).includes("\\");
  const offset = inside ? stretch.offset + 1 + range.offset : stretch.offset;
  const length = inside ? range.length : Math.min(stretch.length, MOST_MARKED);
  return { file, ...lineAndColumn(text, offset), length };
}

/** A whole object is shown by its beginning. */
const MOST_MARKED = 60;
