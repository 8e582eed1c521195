import type { PluginFacts } from "../src/manifest/format.ts";
import type { ProjectConfig } from "./config.ts";
import { generateProject } from "./generate.ts";
import { cardsOfInputs } from "./model-inputs.ts";
import { shippedFacts } from "./plugins.ts";
import type { BuildSession, ReadProject } from "./session.ts";

/** The generated file of a project, as its sources are now. */
export function generatedText(
  { project: { root }, tsconfig, shipped }: BuildSession,
  { config, experiments: { experiments, twice }, plugins, inputs }: ReadProject,
): string {
  const files = inputs.map(({ file }) => file);
  return generateProject({
    config,
    experiments: experiments.filter(({ declared }) => !twice.has(declared.name)),
    importEnding: tsconfig.importEnding,
    modelIds: ownModelIds(config, plugins.facts.cards, cardsOfInputs(root, files)),
    shipped,
  });
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
