import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PluginDefinition } from "../../src/plugin/definition.ts";
import { describePlugins, type PluginDescriptor, type TypeDetails } from "../../src/plugin/descriptor.ts";
import { groupSchema, type LibraryClasses } from "../option-schema.ts";
import { optionsClassFile } from "../plugins/options-class.ts";
import type { SourceReader } from "../source-reader.ts";
import { classSources } from "./classes.ts";
import { type LibrarySources, sourceName } from "./sources.ts";

/** Describes the plugins that the library ships: imports what was compiled, and reads the rest from the sources. */
export async function describeShipped(
  root: string,
  sources: LibrarySources,
  library: LibraryClasses,
  reader: SourceReader,
): Promise<PluginDescriptor> {
  const owners = new Map<string, string>();
  const exported: Exported[] = [];
  const details = new Map<PluginDefinition, TypeDetails>();
  for (const folder of pluginFolders(root)) {
    const file = join(root, "plugins", folder, "plugin.ts");
    const text = readFileSync(file, "utf8");
    for (const { name, definition } of await definitionsOf(join(root, "dist", "plugins", folder, "plugin.js"))) {
      const type = `${definition.kind} ${definition.type}`;
      const other = owners.get(type);
      if (other !== undefined) throw new Error(`plugins/${other} and plugins/${folder} both bring the ${type}`);
      owners.set(type, folder);
      exported.push({ name, definition });
      const description = reader.factoryDoc(file, text, { name });
      const options = optionsOf(sources, library, folder, definition);
      details.set(definition, {
        ...(description === "" ? {} : { description }),
        ...(options === null ? {} : { options }),
      });
    }
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  const definitions = exported.map(({ definition }) => definition);
  return describePlugins(definitions, { package: "assay", version }, (definition) => details.get(definition) ?? {});
}

/** Folders whose plugin was compiled: all that the list of shipped plugins names. */
function pluginFolders(root: string): readonly string[] {
  const compiled = join(root, "dist", "plugins");
  return readdirSync(compiled)
    .filter((name) => !name.startsWith("_") && existsSync(join(compiled, name, "plugin.js")))
    .sort();
}

interface Exported {
  readonly name: string;
  readonly definition: PluginDefinition;
}

async function definitionsOf(file: string): Promise<readonly Exported[]> {
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const found = new Map<PluginDefinition, Exported>();
  for (const [name, value] of Object.entries(module)) {
    for (const definition of definitionOf(value))
      if (!found.has(definition)) found.set(definition, { name, definition });
  }
  return [...found.values()];
}

function definitionOf(exported: unknown): readonly PluginDefinition[] {
  if ((typeof exported !== "object" && typeof exported !== "function") || exported === null) return [];
  const { definition } = exported as { readonly definition?: Partial<PluginDefinition> };
  return typeof definition?.kind === "string" && typeof definition.type === "string"
    ? [definition as PluginDefinition]
    : [];
}

/** Options of a backend are the fields of a class, which stands in the plugin's own folder. */
function optionsOf(
  sources: LibrarySources,
  library: LibraryClasses,
  folder: string,
  definition: PluginDefinition,
): NonNullable<TypeDetails["options"]> | null {
  if (definition.kind !== "backend" || definition.group === null) return null;
  const { type, group, options } = definition;
  const name = options?.().constructor.name ?? "";
  const within = sourceName(`plugins/${folder}/`);
  const found = optionsClassFile(
    [...sources.files.values()].filter(({ file }) => file.startsWith(within)),
    name,
  );
  if ("problem" in found) {
    throw new Error(`plugins/${folder}: ${found.problem} the options \`${name}\` of the backend \`${type}\``);
  }
  return { group, schema: groupSchema({ ...classSources(sources), library }, found.file, name) };
}
