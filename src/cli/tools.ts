import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BuildIndex, BuildOptions, BuildReport, ListedExperiment } from "../../codegen/report.ts";
import type { PluginPage } from "../../codegen/hooks/pages.ts";
import type { ProjectWatcher, WatchOptions } from "../../codegen/watch.ts";
import type { Diagnostic } from "../diagnostics/finding.ts";
import type { LauncherChoice } from "../launch/record.ts";
import type { Manifest, PluginFacts } from "../manifest/format.ts";
import type { SpansFile } from "../origin/spans-file.ts";
import type { OptionPlaces } from "../resolve/derivation.ts";
import type { RuntimeConfig } from "../spec/runtime.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { nowhere, toDiagnostic } from "./places.ts";

/** Where to look for a project. */
export type ProjectOptions = Pick<BuildOptions, "cwd" | "config">;

/** The experiments of a project as syntax shows them. */
export interface ExperimentList {
  readonly root: string | null;
  readonly experiments: readonly ListedExperiment[];
  readonly diagnostics: readonly Diagnostic[];
}

/** One manifest, built in memory. */
export interface BuiltOne {
  readonly root: string | null;
  readonly manifest: Manifest | null;
  readonly spans: SpansFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the last builds have left. */
export interface Outputs {
  readonly root: string | null;
  readonly outDir: string | null;
  /** `null` if there is no whole set of outputs. */
  readonly index: BuildIndex | null;
  /** Texts of the files that were asked for, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What plugins say of their types. */
export interface KnownFacts {
  readonly root: string | null;
  readonly facts: PluginFacts;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where a project and its outputs are; both absolute, `null` without a project. */
export interface ProjectFolders {
  readonly root: string | null;
  readonly outDir: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a project says of running its experiments. What is wrong with its config is told by a check. */
export interface ProjectLaunch extends ProjectFolders {
  readonly launchers: Readonly<Record<string, LauncherChoice>>;
  readonly runtimes: Readonly<Record<string, RuntimeConfig>>;
}

/** All that commands need of the build. Loaded when it is called, so that a run pays for what it does only. */
export interface Tools {
  readonly build: (options: BuildOptions) => Promise<BuildReport>;
  /** Builds again whenever something changes, until it is closed. */
  readonly watch: (options: WatchOptions) => Promise<ProjectWatcher>;
  readonly buildOne: (options: BuildOptions, name: string) => Promise<BuiltOne>;
  readonly list: (options: ProjectOptions) => Promise<ExperimentList>;
  readonly outputs: (options: ProjectOptions, wanted: (name: string) => boolean) => Promise<Outputs>;
  readonly facts: (options: ProjectOptions) => Promise<KnownFacts>;
  /** Pages of the codes that plugins of the project bring; none outside of projects. */
  readonly pluginPages: (options: ProjectOptions) => Promise<readonly PluginPage[]>;
  readonly launch: (options: ProjectOptions) => Promise<ProjectLaunch>;
  readonly folders: (options: ProjectOptions) => Promise<ProjectFolders>;
  /** Runs a plugin package of a project in this process: its launchers are known afterwards. */
  readonly loadPlugin: (root: string, named: string) => Promise<void>;
  /** Where the values of options are written that a manifest was built with. */
  readonly places: (options: ProjectOptions, spans: SpansFile) => Promise<OptionPlaces>;
}

/** The real ones. */
export const TOOLS: Tools = {
  build: async (options) => (await import("../../codegen/build.ts")).build(options),
  watch: async (options) => (await import("../../codegen/watch.ts")).watchProject(options),
  buildOne: async (options, name) => {
    const [{ buildOne }, { findProject }] = await Promise.all([
      import("../../codegen/build.ts"),
      import("../../codegen/config.ts"),
    ]);
    const root = findProject(options.cwd, options.config).project?.root ?? null;
    return { root, ...(await buildOne(options, name)) };
  },
  list: async (options) => (await import("../../codegen/build.ts")).listExperiments(options),
  outputs: readOutputs,
  facts: async (options) => (await import("./project.ts")).projectFacts(options),
  pluginPages: async (options) => (await import("./project.ts")).projectPages(options),
  launch: async (options) => (await import("./project.ts")).projectLaunch(options),
  folders: async (options) => (await import("./project.ts")).projectFolders(options),
  loadPlugin: async (root, named) => (await import("../../codegen/plugins/load.ts")).loadPlugin(root, named),
  places: async (options, spans) => (await import("./project.ts")).optionPlaces(options, spans),
};

async function readOutputs({ cwd, config }: ProjectOptions, wanted: (name: string) => boolean): Promise<Outputs> {
  const [{ findProject, guessOutFolder }, { readSet, repair }, { INDEX_NAME, INDEX_VERSION }] = await Promise.all([
    import("../../codegen/config.ts"),
    import("../../codegen/write.ts"),
    import("../../codegen/report.ts"),
  ]);
  const { project, findings } = findProject(cwd, config);
  const diagnostics = findings.map((finding) => toDiagnostic(finding));
  const nothing: Outputs = { root: null, outDir: null, index: null, files: new Map(), diagnostics };
  if (project === null) return nothing;
  const { root, configFile } = project;
  const outDir = resolve(root, guessOutFolder(readFileSync(resolve(root, configFile), "utf8")));
  diagnostics.push(...repair(outDir, { root }).map((finding) => toDiagnostic(finding)));
  const set = readSet(outDir, (name) => name === INDEX_NAME || wanted(name));
  const text = set?.files.get(INDEX_NAME)?.toString("utf8");
  if (set === null || text === undefined) return { ...nothing, root, outDir };
  const index = parseJson(text) as BuildIndex | undefined;
  if (index?.assayIndex !== INDEX_VERSION) {
    const problem = index === undefined ? "it is no JSON" : `it has not version ${INDEX_VERSION}`;
    const at = nowhere("Assay wrote it");
    diagnostics.push(toDiagnostic(cliDiagnostics["outputs-damaged"]({ file: INDEX_NAME, problem }, { at })));
    return { ...nothing, root, outDir };
  }
  const files = new Map([...set.files].map(([name, bytes]) => [name, bytes.toString("utf8")]));
  return { root, outDir, index, files, diagnostics };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
