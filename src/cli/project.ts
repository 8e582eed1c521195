import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildSession } from "../../codegen/session.ts";
import type { Project } from "../../codegen/config.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import type { FactPlace } from "../resolve/derivation.ts";
import { nowhere, toDiagnostic } from "./places.ts";
import type { DefaultPlaces, KnownFacts, ProjectOptions } from "./tools.ts";

/** Facts of the shipped plugins and, in a project, of those that its config names. */
export async function projectFacts({ cwd, config }: ProjectOptions): Promise<KnownFacts> {
  const { findProject } = await import("../../codegen/config.ts");
  const { project, findings } = findProject(cwd, config);
  if (project === null) {
    // A manifest needs no project; a config that was asked for must be there.
    const diagnostics = config === null ? [] : findings.map((finding) => toDiagnostic(finding));
    // @ts-ignore Its part of the build is written beside this one.
    const { shippedFacts } = (await import("../../codegen/plugins.ts")) as Pick<PluginsModule, "shippedFacts">;
    return { root: null, facts: shippedFacts(), diagnostics };
  }
  return inProject(project, async (session) => {
    const outcome = await session.config();
    // @ts-ignore As above.
    const { readPlugins } = (await import("../../codegen/plugins.ts")) as PluginsModule;
    const at = nowhere(`it is one of \`plugins\` in ${project.configFile}`);
    const { facts, findings: own } = readPlugins(project.root, outcome.config.plugins, () => at);
    const diagnostics = [...outcome.findings, ...own].map((finding) => toDiagnostic(finding));
    return { root: project.root, facts, diagnostics };
  });
}

/** Where the classes of an experiment write the defaults of its options. */
export async function defaultPlaces({ cwd, config }: ProjectOptions, name: string): Promise<DefaultPlaces> {
  const { findProject } = await import("../../codegen/config.ts");
  const { project } = findProject(cwd, config);
  if (project === null) return {};
  return inProject(project, async (session) => {
    const { experiments } = await session.read(await session.config());
    const found = experiments.experiments.find(({ declared }) => declared.name === name);
    const places = (found?.options ?? []).map(({ path, span, defaultSpan }): [string, FactPlace] => {
      const { file, line, column } = defaultSpan ?? span;
      return [path, { file, line, column }];
    });
    return Object.fromEntries(places);
  });
}

interface PluginsModule {
  readonly shippedFacts: () => KnownFacts["facts"];
  readonly readPlugins: (
    root: string,
    packages: readonly string[],
    places: (index: number) => Place,
  ) => { readonly facts: KnownFacts["facts"]; readonly findings: readonly Finding[] };
}

async function inProject<T>(project: Project, act: (session: BuildSession) => Promise<T>): Promise<T> {
  const [{ guessOutFolder }, { BuildSession: Session, cacheOf }] = await Promise.all([
    import("../../codegen/config.ts"),
    import("../../codegen/session.ts"),
  ]);
  const { root, configFile } = project;
  const out = guessOutFolder(readFileSync(join(root, configFile), "utf8"));
  const session = new Session(project, cacheOf(root, out), true);
  try {
    return await act(session);
  } finally {
    await session.close();
  }
}
