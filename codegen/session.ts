import { existsSync, readFileSync } from "node:fs";
import type { JsonValue } from "type-fest";
import { type Finding, hasErrors, type Place } from "../src/diagnostics/finding.ts";
import { raise } from "../src/diagnostics/raise.ts";
import { type BuildCache, contextKey, type FileHash } from "./cache.ts";
import { buildDiagnostics, startOf } from "./config-diagnostics.ts";
import { launcherFindings } from "./config-uses.ts";
import { CONFIG_DEFAULTS, type Project, type ProjectConfig } from "./config.ts";
import { declaredExperiments, type ProjectExperiment, type ProjectExperiments } from "./declare.ts";
import { openSources, type ProjectSources } from "./discover.ts";
import type { ConfigOutcome, EvaluationPool, HookModule } from "./evaluate/protocol.ts";
import { findHooks } from "./hooks/find.ts";
import { readLibraryClasses } from "./library-classes.ts";
import { LIBRARY_ROOT } from "./library-root.ts";
import { cardsOfInputs, incompleteInputs } from "./model-inputs.ts";
import { type LocalPlugin, type PluginsFound, readPlugins } from "./plugins.ts";
import { deriveDescriptor } from "./plugins/derive.ts";
import { raisedCodes, raisedInBuilds } from "./raised.ts";
import { usedFindings } from "./plugins/differences.ts";
import { localModule } from "./plugins/find.ts";
import { experimentFiles, projectFiles } from "./project-files.ts";
import type { SourceReader } from "./source-reader.ts";
import { readTsconfig, type Tsconfig } from "./tsconfig.ts";
import type { Workbench } from "./workbench.ts";

/** A project before its experiments are read. */
export interface OpenedProject {
  readonly config: ProjectConfig;
  /** The call of `defineConfig`; empty if the config exports a mere object. */
  readonly configFrames: ConfigOutcome["frames"];
  readonly plugins: PluginsFound;
  /** Mutators and rules of the config. */
  readonly hooks: readonly HookModule[];
  readonly inputs: readonly FileHash[];
  readonly files: readonly string[];
  readonly sources: ProjectSources;
  /** Key of all that every experiment stands on, besides its modules. */
  readonly context: string;
  /** False if the config, the compiler's settings or the plugins have errors: then nothing is evaluated. */
  readonly sound: boolean;
}

/** A project whose sources are read. */
export interface ReadProject extends OpenedProject {
  readonly experiments: ProjectExperiments;
  readonly findings: readonly Finding[];
}

/** One build of a project, with what lies on the workbench. */
export class BuildSession {
  readonly project: Project;
  readonly tsconfig: Tsconfig;
  cache: BuildCache;
  readonly #bench: Workbench;
  #pool: EvaluationPool | null = null;
  #unprepared: OpenedProject | null = null;

  /** @param out output folder that the cache is looked for in, project-relative. */
  constructor(project: Project, bench: Workbench, out: string) {
    this.project = project;
    this.#bench = bench;
    this.cache = bench.cache(project.root, out);
    this.tsconfig = readTsconfig(project.root);
  }

  /** The pool; its first worker starts when it is first asked for. */
  get pool(): EvaluationPool {
    // A build that lost its pool must not begin another one.
    this.#pool ??= this.#bench.pool({
      root: this.project.root,
      transpile: this.tsconfig.flags,
      limits: CONFIG_DEFAULTS.limits,
    });
    const waiting = this.#unprepared;
    this.#unprepared = null;
    if (waiting !== null) this.prepare(waiting);
    return this.#pool;
  }

  /** The reader of sources, loaded on first use: it takes a third of a second. */
  reader(): Promise<SourceReader> {
    return this.#bench.reader();
  }

  /** Runs what reads sources; if it turns out that a file must be parsed, loads the reader and runs it again. */
  async reading<T>(act: () => T): Promise<T> {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof ReaderNeeded)) throw error;
      await this.reader();
      return act();
    }
  }

  /** True for the library's own checkout. */
  get shipped(): boolean {
    return this.project.root === LIBRARY_ROOT;
  }

  /** Evaluates the config, or takes what an earlier build made of the same files. */
  async config(): Promise<ConfigOutcome> {
    const { configFile, namedBy } = this.project;
    const key = { name: "(config)", file: configFile, builds: namedBy, context: keyOfFlags(this.tsconfig) };
    const stored = this.cache.experiment(key);
    const text = stored?.text() ?? null;
    if (text !== null) return JSON.parse(text) as ConfigOutcome;
    const outcome = await this.pool.config(configFile, namedBy);
    if (outcome.findings.length === 0) {
      this.cache.putExperiment(key, { modules: outcome.modules, head: null, text: JSON.stringify(outcome) });
    }
    return outcome;
  }

  /**
   * Reads config, plugins and sources. Nothing of the author's runs but the config.
   * @param onExperiment is told each experiment as soon as it is read, with all that is known of the project by then.
   */
  async read(
    outcome: ConfigOutcome,
    onExperiment: (project: OpenedProject, experiment: ProjectExperiment) => void = () => undefined,
  ): Promise<ReadProject> {
    const { root, configFile } = this.project;
    const { config, frames, used, findings: configFindings } = outcome;
    const { out } = config;
    const memory = this.#bench.sources;
    const sources = this.#sources();
    const placeOf = (path: readonly (string | number)[]): Place =>
      frames.length === 0 ? startOf(configFile) : { kind: "site", frames, path: [0, ...path] };
    const plugins = await this.plugins({ config, frames, used }, sources);
    const hooks = findHooks(root, configFile, outcome, plugins);
    const inputFiles = projectFiles(root, { patterns: config.inputs, out, kind: "data" });
    const inputs = inputFiles.map((file) => ({ file, sha256: this.cache.hash(file) }));
    const found = experimentFiles(root, { patterns: config.experiments, out, configFile });
    const backendGroups = memory.backendGroups(JSON.stringify(plugins.keyed), plugins.backendGroups);
    const known = { library: readLibraryClasses(), backendGroups };
    const launchers = launcherFindings(config.launchers, plugins.facts, { uses: outcome.uses, placeOf });
    const samples = undeclaredSamples(config, inputFiles, placeOf);
    const own = [...plugins.findings, ...hooks.findings, ...launchers];
    const raised = raisedCodes(config);
    const before = raise([...configFindings, ...samples, ...this.tsconfig.findings, ...own], raised);
    const opened: OpenedProject = {
      config,
      configFrames: frames,
      plugins,
      hooks: hooks.hooks,
      inputs,
      files: found.files,
      sources,
      context: contextKey({
        flags: this.tsconfig.flags,
        // What starts runs has no part in what is proved.
        config: { ...config, launchers: {}, runtimes: {} } as unknown as JsonValue,
        plugins: plugins.keyed,
        inputs,
      }),
      sound: !hasErrors(before),
    };
    const experiments = await declaredExperiments(
      sources,
      found.files,
      { known, memory },
      (act) => this.reading(act),
      (experiment) => onExperiment(opened, experiment),
    );
    return {
      ...opened,
      experiments,
      findings: [...before, ...raise([...found.findings, ...sources.findings, ...experiments.findings], raised)],
    };
  }

  #sources(): ProjectSources {
    const known = { cache: this.cache, memory: this.#bench.sources };
    return openSources(this.project.root, this.tsconfig.flags, known, () => {
      const reader = this.#bench.loadedReader;
      if (reader === null) throw new ReaderNeeded();
      return reader;
    });
  }

  /** What the plugins of the project say of themselves: packages and files by what they ship, modules by what they define. */
  async plugins(
    { config, frames, used }: Pick<ConfigOutcome, "config" | "frames" | "used">,
    sources: ProjectSources = this.#sources(),
  ): Promise<PluginsFound> {
    const { root, configFile } = this.project;
    const places = (index: number): Place =>
      frames.length === 0 ? startOf(configFile) : { kind: "site", frames, path: [0, "plugins", index] };
    const local = new Map<string, LocalPlugin>();
    for (const named of config.plugins) {
      const file = localModule(root, named);
      if (file !== null) local.set(named, await this.#localPlugin(file, sources));
    }
    const found = readPlugins(root, config.plugins, places, local);
    // One mistake in a descriptor is told once.
    if (found.findings.length > 0) return found;
    return { ...found, findings: usedFindings(used, found.facts).findings };
  }

  /** The descriptor of a module of the project, or what an earlier build made of the same files. */
  async #localPlugin(file: string, sources: ProjectSources): Promise<LocalPlugin> {
    const key = { name: `(plugin) ${file}`, file, builds: null, context: keyOfFlags(this.tsconfig) };
    const stored = this.cache.experiment(key);
    const text = stored?.text() ?? null;
    if (text !== null) return JSON.parse(text) as LocalPlugin;
    const subpath = `./${file}`;
    const derived = await deriveDescriptor(
      [{ file, subpath }],
      { package: subpath, version: "local", isFile: true },
      {
        root: this.project.root,
        pool: this.pool,
        sources,
        reading: (act) => this.reading(act),
        reader: () => this.reader(),
        tsconfig: this.tsconfig.files[0] ?? null,
      },
    );
    if (derived.findings.length === 0) {
      const modules = derived.files.map((name) => ({ file: name, sha256: this.cache.hash(name) }));
      this.cache.putExperiment(key, { modules, head: null, text: JSON.stringify(derived) });
    }
    return derived;
  }

  /** Goes on with the cache of another output folder than the one that was guessed. */
  reopen(out: string): void {
    this.cache = this.#bench.cache(this.project.root, out);
  }

  /** Files that decide which config is the project's. */
  namingFiles(): readonly string[] {
    const { configFile, namedBy } = this.project;
    return [configFile, ...(namedBy === null ? ["package.json"] : [namedBy])];
  }

  /** Tells the pool what experiments are evaluated with. */
  prepare({ config, plugins, hooks, inputs }: OpenedProject): void {
    const { root } = this.project;
    const files = inputs.map(({ file }) => file);
    this.pool.use({
      clusters: config.clusters,
      defaultCluster: config.cluster,
      models: config.models,
      samples: config.samples,
      cards: cardsOfInputs(root, files),
      facts: { ...plugins.facts, incompleteCards: incompleteInputs(root, files, config.models) },
      inputs: files,
      limits: config.limits,
      hooks,
      raised: [...raisedInBuilds(config)],
    });
  }

  /** Like `prepare`, but starts no worker: the pool is told if it turns out that something must be evaluated. */
  prepareLater(project: OpenedProject): void {
    this.#unprepared = project;
  }
}

/** Samples that the config names and does not declare. */
function undeclaredSamples(
  { samples }: ProjectConfig,
  inputs: readonly string[],
  placeOf: (path: readonly (string | number)[]) => Place,
): readonly Finding[] {
  return Object.entries(samples).flatMap(([path, { file }]) => {
    if (inputs.includes(file)) return [];
    const problem = "is no file that `inputs` declare";
    const help = `add ${JSON.stringify(file)} to \`inputs\` of the config; patterns are relative to the project's folder`;
    const data = { property: "samples", path: file, problem };
    return [buildDiagnostics["config-path"](data, { at: placeOf(["samples", path]), help })];
  });
}

/** Thrown where a file must be parsed and the reader is not there yet. */
class ReaderNeeded extends Error {}

function keyOfFlags({ flags }: Tsconfig): string {
  return JSON.stringify(flags);
}

/** Text of a file that may be gone. */
export function textOrNull(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
