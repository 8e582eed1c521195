import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildSession } from "../../codegen/session.ts";
import type { Project } from "../../codegen/config.ts";
import type { PluginPage } from "../../codegen/hooks/pages.ts";
import type { Finding, Place, Span } from "../diagnostics/finding.ts";
import type { SpansFile } from "../origin/spans-file.ts";
import type { FactPlace, OptionPlaces } from "../resolve/derivation.ts";
import { toDiagnostic } from "./places.ts";
import type { KnownFacts, ProjectFolders, ProjectLaunch, ProjectOptions } from "./tools.ts";

/** Facts of the shipped plugins and, in a project, of those that its config names. */
export async function projectFacts({ cwd, config }: ProjectOptions): Promise<KnownFacts> {
  const { findProject } = await import("../../codegen/config.ts");
  const { project, findings } = findProject(cwd, config);
  if (project === null) {
    // A manifest needs no project; a config that was asked for must be there.
    const diagnostics = config === null ? [] : findings.map((finding) => toDiagnostic(finding));
    const { shippedFacts } = await import("../../codegen/plugins.ts");
    return { root: null, facts: shippedFacts(), diagnostics };
  }
  return inProject(project, async (session) => {
    const outcome = await session.config();
    const { facts, findings: own } = await session.plugins(outcome);
    const diagnostics = [...outcome.findings, ...own].map((finding) => toDiagnostic(finding));
    return { root: project.root, facts, diagnostics };
  });
}

/** What a project says of running its experiments. */
export async function projectLaunch({ cwd, config }: ProjectOptions): Promise<ProjectLaunch> {
  const { findProject } = await import("../../codegen/config.ts");
  const { project, findings } = findProject(cwd, config);
  const nothing: ProjectLaunch = { root: null, outDir: null, launchers: {}, runtimes: {}, diagnostics: [] };
  if (project === null) return { ...nothing, diagnostics: findings.map((finding) => toDiagnostic(finding)) };
  return inProject(project, async (session) => {
    const outcome = await session.config();
    const { launchers, runtimes, out } = outcome.config;
    const { descriptors, named } = await session.plugins(outcome);
    const packageOf = (type: string): string => {
      const isOwner = ({ types }: (typeof descriptors)[number]) =>
        types.some((entry) => entry.kind === "launcher" && entry.type === type);
      return named[descriptors.findIndex(isOwner)] ?? "assay";
    };
    const choices = Object.entries(launchers).map(
      ([name, { type, args }]) => [name, { name, type, args, package: packageOf(type) }] as const,
    );
    const outDir = join(project.root, out);
    return { root: project.root, outDir, launchers: Object.fromEntries(choices), runtimes, diagnostics: [] };
  });
}

/** Folders of a project, by the text of its config alone: nothing of it is run. */
export async function projectFolders({ cwd, config }: ProjectOptions): Promise<ProjectFolders> {
  const { findProject, guessOutFolder } = await import("../../codegen/config.ts");
  const { project, findings } = findProject(cwd, config);
  if (project === null)
    return { root: null, outDir: null, diagnostics: findings.map((finding) => toDiagnostic(finding)) };
  const { root, configFile } = project;
  return { root, outDir: join(root, guessOutFolder(readFileSync(join(root, configFile), "utf8"))), diagnostics: [] };
}

/** Pages of the codes that plugins of the project bring. What is wrong with the config is told by a check. */
export async function projectPages({ cwd, config }: ProjectOptions): Promise<readonly PluginPage[]> {
  const { findProject } = await import("../../codegen/config.ts");
  const { project } = findProject(cwd, config);
  if (project === null) return [];
  return inProject(project, async (session) => {
    const outcome = await session.config();
    const { pluginPages } = await import("../../codegen/hooks/pages.ts");
    const { descriptors } = await session.plugins(outcome);
    return pluginPages(descriptors, outcome.config.severities);
  });
}

/** Where the values of options are written: defaults in the classes, and settings in the preset that the spans are of. */
export async function optionPlaces({ cwd, config }: ProjectOptions, spans: SpansFile): Promise<OptionPlaces> {
  const { findProject } = await import("../../codegen/config.ts");
  const { project } = findProject(cwd, config);
  if (project === null) return { defaults: {}, presets: {} };
  return inProject(project, async (session) => {
    const { experiments, sources } = await session.read(await session.config());
    const experiment = experiments.experiments.find(({ declared }) => declared.name === spans.experiment);
    const options = experiment?.options ?? [];
    const [{ defaultInCall, locateFindings }, reader] = await Promise.all([
      import("../../codegen/locate.ts"),
      session.reader(),
    ]);
    const context = { reader, text: sources.text, experiment: null, declaration: null, options, spans };
    const defaults = options.flatMap(({ path, span, defaultSpan, owner }) => {
      const written = defaultInCall(path, context) ?? defaultSpan ?? span;
      // Options of a backend's package have no line of their own: that of the model around them says more.
      return written === owner.span ? [] : [[path, pointOf(written)] as const];
    });
    const set = spans.options.filter(({ origin }) => origin.kind === "preset");
    const { mutations = [] } = spans;
    const placesOf = (asked: readonly { readonly key: string; readonly at: Place }[]) => {
      const located = locateFindings(
        asked.map(({ at }) => findingAt(at)),
        context,
      );
      const found = located.flatMap(({ primary }, index) => {
        const key = asked[index]?.key;
        return primary === null || key === undefined ? [] : [[key, pointOf(primary)] as const];
      });
      return Object.fromEntries(found);
    };
    return {
      defaults: Object.fromEntries(defaults),
      presets: placesOf(set.map(({ path }) => ({ key: path, at: { kind: "option", path } }))),
      mutations: placesOf(mutations.map(({ at }) => ({ key: at, at: { kind: "pointer", pointer: at } }))),
    };
  });
}

/** Places are looked up for findings only: this one is about nothing but a place. */
function findingAt(at: Place): Finding {
  return { code: "", severity: "error", message: "", data: {}, at };
}

function pointOf({ file, line, column }: Span): FactPlace {
  return { file, line, column };
}

async function inProject<T>(project: Project, act: (session: BuildSession) => Promise<T>): Promise<T> {
  const [{ guessOutFolder }, { BuildSession: Session }, { Workbench }] = await Promise.all([
    import("../../codegen/config.ts"),
    import("../../codegen/session.ts"),
    import("../../codegen/workbench.ts"),
  ]);
  const { root, configFile } = project;
  const out = guessOutFolder(readFileSync(join(root, configFile), "utf8"));
  const bench = new Workbench({ cache: true });
  try {
    return await act(new Session(project, bench, out));
  } finally {
    await bench.close();
  }
}
