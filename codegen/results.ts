import { createHash } from "node:crypto";
import { relative, sep } from "node:path";
import type { JsonValue } from "type-fest";
import type { AcknowledgedDiagnostic, Diagnostic, Finding } from "../src/diagnostics/finding.ts";
import { hasErrors } from "../src/diagnostics/finding.ts";
import { raise } from "../src/diagnostics/raise.ts";
import { composeManifest, declaredText } from "../src/manifest/compose.ts";
import type { SpansFile } from "../src/origin/spans-file.ts";
import { UNUSED } from "../src/resolve/acknowledge.ts";
import { removalOf } from "./read/property-removal.ts";
import type { ExperimentKey, FileHash } from "./cache.ts";
import { declaredPart, type ProjectExperiment } from "./declare.ts";
import type { BuildOutcome, EvaluateOutcome, OverrideArgument } from "./evaluate/protocol.ts";
import { locateFindings, type LocateContext } from "./locate.ts";
import { outputName, type PresetReport } from "./report.ts";
import { withNames } from "./plugins/name-in-config.ts";
import { raisedInBuilds } from "./raised.ts";
import type { BuildSession, OpenedProject } from "./session.ts";

/** One build of an experiment: what is known of it, and how its files are got. */
export interface BuiltResult extends Omit<PresetReport, "status"> {
  readonly status: "proved" | "failed" | "needs";
  /** SHA-256 (hex) of the two files; `null` if there are none. */
  readonly hashesOfFiles: { readonly manifest: string; readonly spans: string } | null;
}

/** The two files of a build. */
export interface BuiltFiles {
  readonly manifest: string;
  readonly spans: string;
}

/** What to evaluate of an experiment. */
export interface Wanted {
  readonly experiment: ProjectExperiment;
  readonly presets: readonly (string | null)[];
  readonly overrides: readonly OverrideArgument[];
  /** Name of the point that the overrides make; `null` outside of sweeps. */
  readonly point: string | null;
}

/** An experiment, evaluated now or by an earlier build of the same sources. */
export interface ExperimentResult extends Wanted {
  readonly builds: readonly BuiltResult[];
  readonly diagnostics: readonly Diagnostic[];
  /** Warnings that the author accepts. */
  readonly acknowledged: readonly AcknowledgedDiagnostic[];
  readonly output: string;
  /** All that the result depends on. */
  readonly modules: readonly FileHash[];
  /** Files of a build, by its place in `builds`. @throws {CacheDamaged} */
  readonly files: (index: number) => BuiltFiles | null;
}

/** Thrown where a stored text turns out to be damaged: the build is run again without the cache. */
export class CacheDamaged extends Error {}

interface Head {
  readonly builds: readonly BuiltResult[];
  readonly diagnostics: readonly Diagnostic[];
  readonly acknowledged: readonly AcknowledgedDiagnostic[];
  readonly output: string;
}

/** Evaluates one experiment in the wanted presets, or takes what the cache has. */
export async function resultOf(
  session: BuildSession,
  project: OpenedProject,
  wanted: Wanted,
): Promise<ExperimentResult> {
  const { experiment, presets, overrides, point } = wanted;
  const { declared, schema, bases } = experiment;
  const key: ExperimentKey = {
    // What is kept of an experiment is little: points have a share of their own each.
    name: point === null ? declared.name : outputName(declared.name, presets[0] ?? null, point),
    file: declared.file,
    builds: [presets, overrides, ...bases] as unknown as JsonValue,
    context: project.context,
  };
  const stored = session.cache.experiment(key);
  if (stored !== null) {
    const head = stored.head as unknown as Head;
    const { modules, text } = stored;
    return { ...wanted, ...head, modules, files: (index) => parsedFiles(text(), index) };
  }
  const outcome = await session.pool.evaluate({
    name: declared.name,
    file: declared.file,
    bases,
    schema,
    builds: presets.map((preset) => ({
      preset,
      optional: preset === null && experiment.presets.length > 0,
      overrides,
    })),
  });
  return freshResult(session, project, wanted, key, outcome);
}

async function freshResult(
  session: BuildSession,
  project: OpenedProject,
  wanted: Wanted,
  key: ExperimentKey,
  evaluated: EvaluateOutcome,
): Promise<ExperimentResult> {
  const raised = raisedInBuilds(project.config);
  const experiment = { ...wanted.experiment, findings: raise(wanted.experiment.findings, raised) };
  const outcome = {
    ...evaluated,
    findings: raise(evaluated.findings, raised),
    builds: evaluated.builds.map((build) => ({ ...build, findings: raise(build.findings, raised) })),
  };
  const files: (BuiltFiles | null)[] = [];
  const declared = declaredText(declaredPart(experiment), experiment.options);
  const whole = hasErrors(outcome.findings) || hasErrors(experiment.findings);
  const builds = outcome.builds.map((build): BuiltResult => {
    const made = filesOf(experiment, build, declared);
    files.push(made);
    const failed = whole || hasErrors(build.findings) || (made === null && build.needs.length === 0);
    return {
      preset: build.preset,
      status: failed ? "failed" : made === null ? "needs" : "proved",
      needs: build.needs,
      summary: build.summary,
      // What is said of a result that has errors is not to be relied on.
      reach: failed ? null : build.reach,
      hashes: build.parts?.hashes ?? null,
      manifestBytes: made === null ? 0 : Buffer.byteLength(made.manifest),
      hashesOfFiles: made === null ? null : { manifest: sha256(made.manifest), spans: sha256(made.spans) },
    };
  });
  const { diagnostics, acknowledged } = await locateAll(session, project, { ...wanted, experiment }, outcome);
  const head: Head = { builds, diagnostics, acknowledged, output: outcome.output };
  const modules = withPlaces(session, mergedModules(session, project, outcome, experiment), diagnostics, outcome);
  if (isRepeatable(outcome)) {
    session.cache.putExperiment(key, { modules, head: head as unknown as JsonValue, text: JSON.stringify(files) });
  }
  return { ...wanted, ...head, modules, files: (index) => files[index] ?? null };
}

function filesOf(experiment: ProjectExperiment, build: BuildOutcome, declared: string): BuiltFiles | null {
  if (build.parts === null) return null;
  const { name } = experiment.declared;
  return { manifest: composeManifest({ name, preset: build.preset, declared, ...build.parts }), spans: build.spans };
}

/** Findings of syntax, of the run as a whole and of each build, at their places. */
async function locateAll(
  session: BuildSession,
  project: OpenedProject,
  { experiment, presets, point }: Wanted,
  outcome: EvaluateOutcome,
): Promise<Pick<Head, "diagnostics" | "acknowledged">> {
  const { sources } = project;
  const { name, span } = experiment.declared;
  const untold = (findings: readonly Finding[]) => withoutToldParameters(findings, experiment, sources);
  const isSilent = [experiment, outcome, ...outcome.builds].every(({ findings }) => findings.length === 0);
  if (isSilent && outcome.builds.every(({ acknowledged }) => acknowledged.length === 0)) {
    return { diagnostics: [], acknowledged: [] };
  }
  const reader = await session.reader();
  const shared: Omit<LocateContext, "experiment" | "spans" | "declaration"> = {
    reader,
    text: sources.text,
    options: experiment.options,
    acknowledgements: experiment.acknowledgements,
  };
  const of = (findings: readonly Finding[], preset: string | null, spans: SpansFile | null) =>
    findings.flatMap((finding) => {
      // What a hook does wrong is none of the experiment's: all that have it tell it once.
      const declaration = OF_HOOKS.has(finding.code) ? null : span;
      return locateFindings([finding], { ...shared, declaration, experiment: outputName(name, preset, point), spans });
    });
  const diagnostics = [
    ...of(
      [...experiment.findings, ...withNames(outcome.findings, project, reader)],
      point === null ? null : (presets[0] ?? null),
      null,
    ),
  ];
  const acknowledged: AcknowledgedDiagnostic[] = [];
  for (const { findings, preset, spans, acknowledged: accepted } of outcome.builds) {
    if (findings.length + accepted.length === 0) continue;
    const parsed = spans === "" ? null : (JSON.parse(spans) as SpansFile);
    diagnostics.push(...of(untold(findings), preset, parsed).map((one) => withRemoval(one, sources.text)));
    const located = of(
      accepted.map(({ finding }) => finding),
      preset,
      parsed,
    );
    for (const [index, { acknowledgement }] of accepted.entries()) {
      const diagnostic = located[index];
      const place = experiment.acknowledgements.find(({ code }) => code === acknowledgement.code);
      if (diagnostic === undefined) continue;
      acknowledged.push({ diagnostic, reason: acknowledgement.reason, acknowledgedAt: place?.span ?? null });
    }
  }
  return { diagnostics, acknowledged };
}

/** An unused acknowledgement, with the fix that takes it away. */
function withRemoval(diagnostic: Diagnostic, text: (file: string) => string | null): Diagnostic {
  const { code, primary, data } = diagnostic;
  const source = code === UNUSED && primary !== null ? text(primary.file) : null;
  if (source === null || primary === null) return diagnostic;
  return { ...diagnostic, fix: removalOf(source, primary, String(data["acknowledged"])) };
}

/** Where syntax shows the parameter that can't be injected, what the run says of it is the same mistake. */
function withoutToldParameters(
  findings: readonly Finding[],
  { declared, files }: ProjectExperiment,
  sources: OpenedProject["sources"],
): readonly Finding[] {
  const read = new Set([declared.file, ...files]);
  const isTold = sources.findings.some(
    ({ code, at }) => code === "dsl/injected-type-import" && at.kind === "span" && read.has(at.span.file),
  );
  return isTold ? findings.filter(({ code }) => code !== "dsl/parameter-types-missing") : findings;
}

/** Modules that ran, and files that syntax was read from. Of what had to be ended, the modules that syntax shows. */
function mergedModules(
  session: BuildSession,
  { sources, hooks }: OpenedProject,
  { modules }: EvaluateOutcome,
  { files, declared, bases }: ProjectExperiment,
): readonly FileHash[] {
  const known = new Set(modules.map(({ file }) => file));
  const imported = modules.length > 0 ? [] : importedFiles(sources, [declared.file, ...bases]);
  const hookFiles = modules.length > 0 ? [] : importedFiles(sources, filesOfHooks(session.project.root, hooks));
  const read = [declared.file, ...files, ...imported, ...hookFiles].filter((file) => !known.has(file));
  return [...modules, ...[...new Set(read)].map((file) => ({ file, sha256: session.cache.hash(file) }))];
}

/** Files of the project with rules and mutators. */
function filesOfHooks(root: string, hooks: OpenedProject["hooks"]): readonly string[] {
  return hooks.flatMap(({ module }) =>
    module.kind === "file" ? [relative(root, module.path).split(sep).join("/")] : [],
  );
}

/**
 * Further files whose text a result shows the places of: entries of the config that rules and mutators stand in, and what
 * findings are placed in. With another text the places are others.
 */
function withPlaces(
  { cache }: BuildSession,
  modules: readonly FileHash[],
  diagnostics: readonly Diagnostic[],
  { builds }: EvaluateOutcome,
): readonly FileHash[] {
  const known = new Set(modules.map(({ file }) => file));
  const shown = diagnostics.flatMap(({ primary, related }) => [primary, ...related.map(({ span }) => span)]);
  const mutated = builds.flatMap(({ spans }) => {
    if (!spans.includes('"mutations":')) return [];
    return ((JSON.parse(spans) as SpansFile).mutations ?? []).flatMap(({ frames }) => frames);
  });
  const files = [...shown, ...mutated].flatMap((place) =>
    place === null || place.file.startsWith("<") ? [] : place.file,
  );
  const further = [...new Set(files)].filter((file) => !known.has(file) && !file.includes(":"));
  return [...modules, ...further.map((file) => ({ file, sha256: cache.hash(file) }))];
}

/** All files of the project that these import by name, through others, too. */
function importedFiles(sources: OpenedProject["sources"], files: readonly string[]): readonly string[] {
  const found = new Set(files);
  for (const file of found) {
    const declared = sources.file(file);
    for (const { module } of [...(declared?.imports ?? []), ...(declared?.reexports ?? [])]) {
      const target = sources.resolve(file, module);
      if (target !== null) found.add(target);
    }
  }
  return [...found].filter((file) => sources.text(file) !== null);
}

/** Findings about rules and mutators themselves; what rules find has codes of their own. */
const OF_HOOKS: ReadonlySet<string> = new Set([
  "plugin/hook-not-loaded",
  "plugin/hook-limit",
  "plugin/rule-threw",
  "plugin/rule-answer",
  "plugin/mutator-threw",
  "plugin/mutator-change",
  "plugin/mutators-clash",
]);

/** Findings that another run need not have, and one whose causes are not written down, not even as a key. */
export const NOT_KEPT: ReadonlySet<string> = new Set([
  "evaluate/time-limit",
  "evaluate/heap-limit",
  "evaluate/exited",
  "plugin/hook-limit",
  "config/secret",
]);

function isRepeatable({ findings, builds }: EvaluateOutcome): boolean {
  return ![findings, ...builds.map((build) => build.findings)].flat().some(({ code }) => NOT_KEPT.has(code));
}

function parsedFiles(text: string | null, index: number): BuiltFiles | null {
  if (text === null) throw new CacheDamaged();
  return (JSON.parse(text) as readonly (BuiltFiles | null)[])[index] ?? null;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
