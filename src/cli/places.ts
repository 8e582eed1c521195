import type { CommandLine } from "./command-line.ts";
import { fixIn } from "../diagnostics/fix.ts";
import type { Diagnostic, FactorOrigin, Finding, Place, Span } from "../diagnostics/finding.ts";

/** Place that is source text already. */
export function spanAt(span: Span): Place {
  return { kind: "span", span };
}

/** Place of what no source has. */
export function nowhere(reason: string): Place {
  return { kind: "nowhere", reason };
}

/** How the places of findings become spans. */
export interface Placing {
  /** `null`: not one of its places; the finding is then without a source. */
  readonly spanOf?: (place: Place) => Span | null;
  readonly experiment?: string | null;
  /** Further lines for a finding. */
  readonly notesOf?: (finding: Finding) => readonly string[];
}

/** Makes a finding a diagnostic where no build does it: for places that are spans already, or that the caller knows. */
export function toDiagnostic(finding: Finding, placing: Placing = {}): Diagnostic {
  const spanOf = (place: Place) => (place.kind === "span" ? place.span : (placing.spanOf?.(place) ?? null));
  const primary = spanOf(finding.at);
  const factors = factorsOf(finding, spanOf);
  return {
    code: finding.code,
    severity: finding.severity,
    message: finding.message,
    ...(factors.length === 0 ? {} : { factors }),
    data: finding.data,
    experiment: placing.experiment ?? null,
    primary,
    ...(primary === null ? { nowhere: reasonOf(finding.at) } : {}),
    related: (finding.related ?? []).flatMap(({ at, message }) => {
      const span = spanOf(at);
      return span === null ? [] : [{ span, message }];
    }),
    notes: [...(finding.notes ?? []), ...(placing.notesOf?.(finding) ?? [])],
    help: finding.help ?? null,
    fix: fixIn(finding, finding.fixAt === undefined ? primary : spanOf(finding.fixAt), null),
  };
}

function factorsOf(
  { at, gives, factors = {}, related = [] }: Finding,
  spanOf: (place: Place) => Span | null,
): readonly FactorOrigin[] {
  return [...(gives === undefined ? [] : [{ at, gives }]), ...related]
    .flatMap((place) => {
      const span = spanOf(place.at);
      const own = (place.gives ?? []).filter((name) => Object.hasOwn(factors, name));
      return span === null ? [] : own.map((name) => ({ name, end: factors[name] ?? 0, setBy: null, span }));
    })
    .sort((a, b) => a.end - b.end);
}

/** Findings about names that were typed get the place where they were. */
export function placeNames(
  diagnostics: readonly Diagnostic[],
  names: readonly string[],
  commandLine: CommandLine,
): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    const name = diagnostic.primary === null ? typedName(diagnostic) : null;
    if (name === null || !names.includes(name)) return diagnostic;
    const place = commandLine.placeOf(name);
    if (place.kind !== "span") return diagnostic;
    const { nowhere: _nowhere, ...rest } = diagnostic;
    return { ...rest, primary: place.span };
  });
}

function typedName({ code, data }: Diagnostic): string | null {
  switch (code) {
    case "dsl/unknown-experiment":
      return String(data["name"]);
    case "dsl/unknown-preset":
      return `${String(data["experiment"])}.${String(data["preset"])}`;
    default:
      return null;
  }
}

function reasonOf(place: Place): string {
  switch (place.kind) {
    case "nowhere":
      return place.reason;
    case "option":
      return `it is about the option \`${place.path}\``;
    case "pointer":
      return `it is about \`${place.pointer === "" ? "/" : place.pointer}\` of the manifest`;
    case "class":
      return "it is about the experiment as a whole";
    case "site": {
      const [frame] = place.frames;
      return frame === undefined
        ? "its source is not known"
        : `it is about ${frame.file}:${frame.line}:${frame.column}`;
    }
    case "span":
      return "its source is not known";
  }
}
