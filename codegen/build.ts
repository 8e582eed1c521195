import { join } from "node:path";
import type { JsonValue } from "type-fest";
import type { Diagnostic, Finding } from "../src/diagnostics/finding.ts";
import { hasErrors } from "../src/diagnostics/finding.ts";
import { raise } from "../src/diagnostics/raise.ts";
import type { Manifest } from "../src/manifest/format.ts";
import type { SpansFile } from "../src/origin/spans-file.ts";
import { withoutSecrets } from "../src/spec/secrets.ts";
import type { BuildParts, FileHash, Glob, StoredBuild } from "./cache.ts";
import { judgeAcknowledgements } from "./acknowledgements.ts";
import { findProject, guessOutFolder, type Project } from "./config.ts";
import type { ProjectExperiment } from "./declare.ts";
import { generatedText } from "./generated-text.ts";
import { pluginPages } from "./hooks/pages.ts";
import { locateFindings } from "./locate.ts";
import { inTurn } from "./in-turn.ts";
import { described, outputsOf, pointReport } from "./outputs.ts";
import { projectFiles } from "./project-files.ts";
import {
  type BuildOptions,
  type BuildReport,
  type ExperimentReport,
  type ListedExperiment,
  outputName,
  type PresetReport,
} from "./report.ts";
import { raisedCodes } from "./raised.ts";
import { CacheDamaged, NOT_KEPT, type ExperimentResult, resultOf, type Wanted } from "./results.ts";
import { type Selection, select } from "./select.ts";
import { BuildSession, type ReadProject, textOrNull } from "./session.ts";
import { withUnsplitHelp, wantedPoints, withoutBare } from "./sweep.ts";
import { Workbench } from "./workbench.ts";
import { withNames } from "./plugins/name-in-config.ts";
import { nameFindings } from "./write/names.ts";
import { repair, visibleOutputs, writeSet } from "./write.ts";

/**
 * Builds a project, from top to bottom: config, discovery, evaluation, resolution, places of findings, outputs. `write: false`
 * proves only. Never rejects for what an author wrote; rejects for bugs of Assay itself.
 */
export async function build(options: BuildOptions): Promise<BuildReport> {
  return onBench(options, async (bench) => (await buildOn(bench, options)).report);
}

/** A report, and what it depends on. */
export interface ObservedBuild {
  readonly report: BuildReport;
  /** Absolute folder that files start from; `null` if there is no project. */
  readonly root: string | null;
  /** All files that were read or looked for (project-relative or absolute), as this build saw them. */
  readonly files: readonly FileHash[];
  /** Patterns that files were looked for with. */
  readonly globs: readonly Glob[];
  /** Absolute paths that a build left for readers; none if it wrote nothing. */
  readonly outputs: readonly string[];
}

/** Builds a project with what lies on a workbench. Rejects with {@link Abandoned} if its workers are ended meanwhile. */
export async function buildOn(bench: Workbench, options: BuildOptions): Promise<ObservedBuild> {
  try {
    return await attempt(bench, options);
  } catch (error) {
    if (!(error instanceof CacheDamaged)) throw error;
    bench.distrustCache();
    return attempt(bench, options);
  }
}

async function attempt(bench: Workbench, options: BuildOptions): Promise<ObservedBuild> {
  const opened = open(options, bench);
  if ("findings" in opened) {
    return {
      report: { ...NOTHING, diagnostics: unlocated(opened.findings) },
      root: null,
      files: [],
      globs: [],
      outputs: [],
    };
  }
  const { session, out } = opened;
  const { root } = session.project;
  const outputs = ({ outDir, written }: BuildReport) =>
    options.write && written && outDir !== null ? visibleOutputs(outDir, root) : [];
  const selection = selectionKey(options, session.project);
  const unchanged = session.cache.wholeBuild(selection, (query) => projectFiles(root, query));
  if (unchanged === null) {
    const built = await run(session, options, selection, out);
    return { root, ...built, outputs: outputs(built.report) };
  }
  if (options.write) repair(join(root, out), { root });
  const { files, globs } = unchanged;
  const report = fromStored(unchanged, root, join(root, out));
  return { report, root, files, globs, outputs: outputs(report) };
}

/**
 * Makes what a build that found nothing changed did without, so that the next one has it at hand: the reader, what it reads, and
 * a worker. Rejects with {@link Abandoned} if its workers are ended meanwhile.
 */
export async function warmUp(bench: Workbench, options: BuildOptions): Promise<void> {
  const opened = open(options, bench);
  if ("findings" in opened) return;
  const { session, out } = opened;
  await session.reader();
  const configured = await session.config();
  if (configured.config.out !== out) session.reopen(configured.config.out);
  const project = await session.read(configured);
  if (project.sound) session.prepare(project);
}

/** Runs `act` with a workbench that is put away afterwards. */
async function onBench<T>(options: Pick<BuildOptions, "cache">, act: (bench: Workbench) => Promise<T>): Promise<T> {
  const bench = new Workbench(options);
  try {
    return await act(bench);
  } finally {
    await bench.close();
  }
}

/** Lists a project's experiments by syntax: nothing of the author's runs but the config. */
export async function listExperiments(options: Pick<BuildOptions, "cwd" | "config">): Promise<{
  readonly root: string | null;
  readonly outDir: string | null;
  readonly experiments: readonly ListedExperiment[];
  readonly diagnostics: readonly Diagnostic[];
}> {
  return onBench({ cache: true }, async (bench) => {
    const opened = open(options, bench);
    if ("findings" in opened)
      return { root: null, outDir: null, experiments: [], diagnostics: unlocated(opened.findings) };
    const { session } = opened;
    const project = await session.read(await session.config());
    const experiments = project.experiments.experiments.map((experiment) => ({
      ...reportOf(experiment, []),
      options: experiment.schema,
    }));
    const { root } = session.project;
    return {
      root,
      outDir: join(root, project.config.out),
      experiments,
      diagnostics: await locateProject(session, project, project.findings),
    };
  });
}

/** One manifest that was built in memory, whatever the outputs are. */
export interface BuiltManifest {
  /** `null` if it has errors that keep it from being made, or needs options. */
  readonly manifest: Manifest | null;
  readonly spans: SpansFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Builds one experiment or preset in memory. */
export async function buildOne(
  options: Pick<BuildOptions, "cwd" | "config" | "overrides">,
  name: string,
): Promise<BuiltManifest> {
  return onBench({ cache: true }, async (bench) => {
    const opened = open(options, bench);
    if ("findings" in opened) return { manifest: null, spans: null, diagnostics: unlocated(opened.findings) };
    const { session } = opened;
    const project = await session.read(await session.config());
    const own = await locateProject(session, project, project.findings);
    if (!project.sound) return { manifest: null, spans: null, diagnostics: own };
    const { experiments } = project.experiments;
    const selection = select(experiments, [name]);
    if (selection.findings.length > 0) {
      return { manifest: null, spans: null, diagnostics: [...own, ...unlocated(selection.findings)] };
    }
    session.prepare(project);
    const [result] = await evaluateAll(session, project, wantedOf(project, selection, options), {});
    const index = result?.builds.findIndex(({ hashesOfFiles }) => hashesOfFiles !== null) ?? -1;
    const files = result === undefined || index < 0 ? null : result.files(index);
    return {
      manifest: files === null ? null : (JSON.parse(files.manifest) as Manifest),
      spans: files === null ? null : (JSON.parse(files.spans) as SpansFile),
      diagnostics: inOrder([...own, ...judged(result === undefined ? [] : [result], project)]),
    };
  });
}

/** Diagnostics of experiments, as what all of them together tell of acknowledgements. */
function judged(results: readonly ExperimentResult[], { config, experiments }: ReadProject): readonly Diagnostic[] {
  return raise(judgeAcknowledgements(results, experiments.experiments), raisedCodes(config));
}

interface Opened {
  readonly session: BuildSession;
  /** Output folder that the cache was looked for in, project-relative. */
  readonly out: string;
}

function open(
  { cwd, config }: Pick<BuildOptions, "cwd" | "config">,
  bench: Workbench,
): Opened | { readonly findings: readonly Finding[] } {
  const { project, findings } = findProject(cwd, config);
  if (project === null) return { findings };
  const out = guessOutFolder(textOrNull(join(project.root, project.configFile)) ?? "");
  return { session: new BuildSession(project, bench, out), out };
}

async function run(
  session: BuildSession,
  options: BuildOptions,
  selection: JsonValue,
  guessedOut: string,
): Promise<Omit<ObservedBuild, "root" | "outputs">> {
  const { root } = session.project;
  options.onProgress?.({ stage: "config", done: 0, total: 1 });
  const configured = await session.config();
  const { config } = configured;
  if (config.out !== guessedOut) session.reopen(config.out);
  const outDir = join(root, config.out);
  options.onProgress?.({ stage: "read", done: 0, total: 0 });
  const early = new Map<ProjectExperiment, Promise<ExperimentResult>>();
  const project = await session.read(configured, (opened, experiment) => {
    // Without names to look for, experiments are evaluated while others are still read.
    if (!opened.sound || options.only.length > 0 || options.sweep !== undefined) return;
    if (early.size === 0) session.prepare(opened);
    const presets = [null, ...experiment.presets];
    const result = resultOf(session, opened, { experiment, presets, overrides: options.overrides, point: null });
    // It is awaited below; until then a failure must not end the process.
    result.catch(() => undefined);
    early.set(experiment, result);
  });
  const { experiments, twice } = project.experiments;
  const chosen = select(experiments, options.only);
  const own = [...(await locateProject(session, project, project.findings)), ...unlocated(chosen.findings)];
  let results: readonly ExperimentResult[] = [];
  const wanted = wantedOf(project, chosen, options);
  const { sweep } = options;
  if (sweep !== undefined && wanted.length > sweep.mostPoints) {
    const refused = { ...NOTHING, root, outDir, diagnostics: inOrder(own), refusedPoints: wanted.length };
    return { report: refused, files: [], globs: [] };
  }
  if (project.sound) {
    if (early.size === 0) session.prepare(project);
    results = withoutBare(await evaluateAll(session, project, wanted, options, early));
  }
  let diagnostics = inOrder([...own, ...judged(results, project)]);
  if (sweep !== undefined) {
    const probe = (other: Wanted) => resultOf(session, project, other);
    diagnostics = await withUnsplitHelp(diagnostics, results, sweep, probe);
  }
  const reports = experiments.map((experiment) =>
    reportOf(
      experiment,
      results.filter((result) => result.experiment === experiment),
      twice.has(experiment.declared.name),
    ),
  );
  const output = Object.fromEntries(
    results.flatMap(({ output: text, ...result }) => (text === "" ? [] : [[printerName(result), text]])),
  );
  const sourceHashes = hashesOfFixed(session, diagnostics);
  const acknowledged = results.flatMap((result) => result.acknowledged);
  const pages = pagesOf(project, diagnostics);
  const found = { experiments: reports, diagnostics, acknowledged, sourceHashes, output, ...pages };
  const { configFile } = session.project;
  let report: BuildReport = { root, configFile, outDir, ...found, cached: false, written: false };
  options.onProved?.(report);
  let set: string | null = null;
  if (options.write && (!hasErrors(diagnostics) || (options.keepGoing && project.sound))) {
    options.onProgress?.({ stage: "write", done: 0, total: 1 });
    const written = writeOutputs(session, project, results, outDir);
    set = written.set;
    const failed = unlocated(written.findings);
    report = { ...report, diagnostics: [...diagnostics, ...failed], written: set !== null && failed.length === 0 };
  }
  const parts = partsOf(session, project, configured.modules, results, selection);
  const isRepeatable = results.every(({ diagnostics: found }) => !found.some(({ code }) => NOT_KEPT.has(code)));
  const isStored =
    isRepeatable && holdsNoSecret(diagnostics) && (sweep === undefined || results.length <= MOST_STORED_POINTS);
  if (isStored && (!options.write || report.written || hasErrors(diagnostics))) {
    // A checkout may be moved, and what is kept names no folder of the machine.
    const kept = { ...report, root: null, outDir: null };
    session.cache.putWholeBuild(parts, { set, result: kept as unknown as JsonValue });
  }
  return { report, files: filesOf(parts), globs: parts.globs };
}

/** Names on the command line are told as they were typed: who shows them takes secrets out, and no cache keeps them. */
function holdsNoSecret(diagnostics: readonly Diagnostic[]): boolean {
  return JSON.stringify(withoutSecrets(diagnostics, [])) === JSON.stringify(diagnostics);
}

function filesOf({ sources, tsconfig, config, plugins, inputs }: BuildParts): readonly FileHash[] {
  return [sources, tsconfig, config, plugins, inputs].flat();
}

/** Pages of what rules found. */
function pagesOf({ plugins, config }: ReadProject, diagnostics: readonly Diagnostic[]): Pick<BuildReport, "pages"> {
  const codes = new Set(diagnostics.map(({ code }) => code));
  const pages = pluginPages(plugins.descriptors, config.severities).filter(({ code }) => codes.has(code));
  return pages.length === 0 ? {} : { pages: Object.fromEntries(pages.map(({ code, page }) => [code, page])) };
}

/** Hashes of the files that fixes go into: who applies them must meet what was read. */
function hashesOfFixed({ cache }: BuildSession, diagnostics: readonly Diagnostic[]): Readonly<Record<string, string>> {
  const files = new Set(diagnostics.flatMap(({ fix }) => fix?.span.file ?? []));
  return Object.fromEntries(
    [...files].flatMap((file) => {
      const hash = cache.hash(file);
      return hash === null ? [] : [[file, hash] as const];
    }),
  );
}

/** What to evaluate of what was chosen, in the order of the experiments: each with its presets, or point by point. */
function wantedOf(
  { experiments: { experiments, twice } }: ReadProject,
  { presetsOf }: Selection,
  { overrides, sweep }: Pick<BuildOptions, "overrides" | "sweep">,
): readonly Wanted[] {
  const builds = experiments.flatMap((experiment) => {
    const presets = twice.has(experiment.declared.name) ? [] : presetsOf(experiment);
    return presets.length === 0 ? [] : [{ experiment, presets }];
  });
  return sweep === undefined
    ? builds.map((build) => ({ ...build, overrides, point: null }))
    : wantedPoints(builds, sweep);
}

/** Results that are under way at a time. The pool is busy with fewer, and each takes memory while it waits. */
const MOST_UNDER_WAY = 256;

/** Evaluates all that is wanted, many at a time; results stand in the order of what is wanted. */
async function evaluateAll(
  session: BuildSession,
  project: ReadProject,
  wanted: readonly Wanted[],
  { onProgress }: Pick<BuildOptions, "onProgress">,
  early: ReadonlyMap<ProjectExperiment, Promise<ExperimentResult>> = new Map(),
): Promise<readonly ExperimentResult[]> {
  let done = 0;
  return inTurn(wanted, MOST_UNDER_WAY, async (one) => {
    const result = await (early.get(one.experiment) ?? resultOf(session, project, one));
    done += 1;
    onProgress?.({ stage: "evaluate", done, total: wanted.length });
    return result;
  });
}

function writeOutputs(
  session: BuildSession,
  project: ReadProject,
  results: readonly ExperimentResult[],
  outDir: string,
): { readonly set: string | null; readonly findings: readonly Finding[] } {
  const { root } = session.project;
  const {
    config,
    experiments: { experiments, twice },
  } = project;
  const known = experiments.filter(({ declared }) => !twice.has(declared.name));
  const { files, twice: taken } = outputsOf(outDir, known, results);
  if (taken.length > 0) return { set: null, findings: nameFindings(taken.flatMap((name) => [name, name])) };
  const text = generatedText(session, project);
  return writeSet(outDir, files, { root, gen: { file: config.gen, text } });
}

/**
 * Points of a sweep whose whole report is kept to answer the same request. Every run reads what is kept, and points that are
 * in the cache one by one are soon put together.
 */
const MOST_STORED_POINTS = 100;

/** Whose output a text is. */
function printerName({ experiment, presets, point }: Wanted): string {
  const { name } = experiment.declared;
  return point === null ? name : outputName(name, presets[0] ?? null, point);
}

function reportOf(
  experiment: ProjectExperiment,
  results: readonly ExperimentResult[],
  isTwice = false,
): ExperimentReport {
  const result = results.find(({ point }) => point === null);
  const points = results.flatMap((one) => pointReport(one) ?? []);
  const builds = [null, ...experiment.presets].map((preset): PresetReport => {
    const built = result?.builds.find((one) => one.preset === preset);
    if (built !== undefined) {
      const { hashesOfFiles: _files, ...report } = built;
      return report;
    }
    const status = isTwice || result?.builds.length === 0 ? "failed" : "skipped";
    return { preset, status, needs: [], summary: null, reach: null, hashes: null, manifestBytes: 0 };
  });
  return { ...described(experiment), builds, ...(points.length === 0 ? {} : { points }) };
}

/** Findings about the project as a whole: its config, its files, its names. */
async function locateProject(
  session: BuildSession,
  project: ReadProject,
  findings: readonly Finding[],
): Promise<readonly Diagnostic[]> {
  if (findings.length === 0) return [];
  const { sources } = project;
  // What belongs to no experiment stands in the config, if nowhere else.
  const declaration = { file: session.project.configFile, line: 1, column: 1, length: 0 };
  const context = { text: sources.text, experiment: null, declaration, options: [], spans: null };
  const reader = await session.reader();
  return locateFindings(withNames(findings, project, reader), { ...context, reader });
}

/** Diagnostics of findings that no source of the project has. */
function unlocated(findings: readonly Finding[]): readonly Diagnostic[] {
  return findings.map(({ code, severity, message, data, at, notes = [], help = null }) => ({
    code,
    severity,
    message,
    data,
    experiment: null,
    primary: at.kind === "span" ? at.span : null,
    ...(at.kind === "span" ? {} : { nowhere: at.kind === "nowhere" ? at.reason : "no source has it" }),
    related: [],
    notes,
    help,
    fix: null,
  }));
}

/**
 * A class that is imported as a type only is told by its import; that its experiment can't be made follows from it. A file that
 * can't be read can't be run either, for whatever reason at whichever place.
 */
function withoutConsequences(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const unread = new Set(
    diagnostics.flatMap(({ code, experiment, primary }) =>
      code === "codegen/syntax" && experiment === null && primary !== null ? [primary.file] : [],
    ),
  );
  const left = diagnostics.filter(
    ({ code, experiment, primary }) =>
      code !== "codegen/syntax" || experiment === null || primary === null || !unread.has(primary.file),
  );
  const owners = new Set(
    left.flatMap(({ code, data }) => (code === "dsl/injected-type-import" ? [data["owner"]] : [])),
  );
  return owners.size === 0
    ? left
    : left.filter(({ code, data }) => code !== "dsl/parameter-types-missing" || !owners.has(data["owner"]));
}

/** In the order of files and places; the same finding at the same place (of syntax and of the run) is one. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  const distinct = withoutConsequences(diagnostics).filter(({ code, primary, experiment, message }) => {
    if (primary === null) return true;
    // What syntax and the run both find is told once, for no experiment or for its first one.
    const about = code.startsWith("codegen/") ? "" : `${experiment} ${message}`;
    const key = `${code} ${primary.file}:${primary.line}:${primary.column} ${about}`;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
  const order = (a: Diagnostic, b: Diagnostic): number => {
    const [left, right] = [a.primary, b.primary];
    if (left === null || right === null) return Number(left !== null) - Number(right !== null);
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.line - right.line || left.column - right.column;
  };
  return distinct.sort(order);
}

const NOTHING: BuildReport = {
  root: null,
  outDir: null,
  experiments: [],
  diagnostics: [],
  acknowledged: [],
  output: {},
  cached: false,
  written: false,
};

function selectionKey(
  { write, keepGoing, only, overrides, sweep }: BuildOptions,
  { configFile, namedBy }: Project,
): JsonValue {
  const { points, mostPoints } = sweep ?? { points: null, mostPoints: null };
  return { write, keepGoing, only: [...only], overrides, points, mostPoints, configFile, namedBy } as never;
}

/** All that a build depended on. */
function partsOf(
  session: BuildSession,
  project: ReadProject,
  configModules: BuildParts["config"],
  results: readonly ExperimentResult[],
  selection: JsonValue,
): BuildParts {
  const { cache, tsconfig } = session;
  const { config, plugins, inputs, files, sources } = project;
  const { out } = config;
  const hashed = (list: Iterable<string>) => [...new Set(list)].map((file) => ({ file, sha256: cache.hash(file) }));
  return {
    selection,
    globs: [
      { query: { patterns: config.experiments, out, kind: "sources" }, files },
      { query: { patterns: config.inputs, out, kind: "data" }, files: inputs.map(({ file }) => file) },
    ],
    sources: [...hashed([...files, ...sources.asked]), ...results.flatMap(({ modules }) => modules)],
    tsconfig: hashed([...tsconfig.files, ...tsconfig.absent]),
    config: [...configModules, ...hashed(session.namingFiles())],
    plugins: hashed([...plugins.files, ...plugins.absent]),
    inputs,
  };
}

function fromStored({ result, set }: StoredBuild, root: string, outDir: string): BuildReport {
  return { ...(result as unknown as BuildReport), root, outDir, cached: true, written: set !== null };
}
