import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { PluginFacts } from "../src/manifest/format.ts";
import type { ProjectConfig } from "./config.ts";
import type { HookAddress } from "./evaluate/protocol.ts";
import { generateProject } from "./generate.ts";
import { cardsOfInputs } from "./model-inputs.ts";
import { shippedFacts } from "./plugins.ts";
import type { BuildSession, ReadProject } from "./session.ts";

/** The generated file of a project, as its sources are now. */
export function generatedText(
  { project: { root }, tsconfig, shipped }: BuildSession,
  { config, experiments: { experiments, twice }, plugins, hooks, inputs }: ReadProject,
): string {
  const files = inputs.map(({ file }) => file);
  return generateProject({
    config,
    experiments: experiments.filter(({ declared }) => !twice.has(declared.name)),
    importEnding: tsconfig.importEnding,
    modelIds: ownModelIds(config, plugins.facts.cards, cardsOfInputs(root, files)),
    mutatorModules: mutatorModules(root, hooks),
    shipped,
  });
}

/** What defines the mutators of a project, as its own modules import it. */
function mutatorModules(root: string, hooks: ReadProject["hooks"]): readonly string[] {
  const modules = hooks.flatMap(({ hook, module }) => {
    if (hook.kind !== "mutator") return [];
    if (module.kind === "package") return [module.specifier];
    return [`./${relative(root, fileOf(module)).split(sep).join("/")}`];
  });
  return [...new Set(modules)];
}

/** The file that a folder's subpath leads to, or the file itself. */
function fileOf(module: Exclude<HookAddress, { readonly kind: "package" }>): string {
  if (module.kind === "file") return module.path;
  const stem = join(module.folder, module.subpath === "." ? "index" : module.subpath);
  return [`${stem}.ts`, `${stem}.js`].find((file) => existsSync(file)) ?? stem;
}

/** Names by which a project knows models beside the library's own; paths need no declaring. */
function ownModelIds(
  { models, clusters }: ProjectConfig,
  cards: PluginFacts["cards"],
  inputCards: PluginFacts["cards"],
): readonly string[] {
  const library = shippedFacts().cards;
  const own = Object.keys(cards).filter((id) => !Object.hasOwn(library, id));
  const tables = [models, ...clusters.map((cluster) => cluster.models ?? {})].flatMap((table) => Object.keys(table));
  const names = [...tables, ...Object.keys(inputCards)].filter((name) => !name.includes("/"));
  return [...new Set([...own, ...names])].filter((id) => !Object.hasOwn(library, id)).sort();
}
