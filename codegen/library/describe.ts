import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BackendDefinition, PluginDefinition } from "../../src/plugin/definition.ts";
import { describePlugins, type PluginDescriptor } from "../../src/plugin/descriptor.ts";
import type { OptionSchema } from "../../src/realm/option-schema.ts";
import { groupSchema, type LibraryClasses } from "../option-schema.ts";
import { classSources } from "./classes.ts";
import { type LibrarySources, sourceName } from "./sources.ts";

/** Describes the plugins that the library ships: imports what was compiled, and reads backends' options from the sources. */
export async function describeShipped(
  root: string,
  sources: LibrarySources,
  library: LibraryClasses,
): Promise<PluginDescriptor> {
  const owners = new Map<string, string>();
  const definitions: PluginDefinition[] = [];
  const schemas: Record<string, OptionSchema> = {};
  for (const folder of pluginFolders(root)) {
    for (const definition of await definitionsOf(join(root, "dist", "plugins", folder, "plugin.js"))) {
      const type = `${definition.kind} ${definition.type}`;
      const other = owners.get(type);
      if (other !== undefined) throw new Error(`plugins/${other} and plugins/${folder} both bring the ${type}`);
      owners.set(type, folder);
      definitions.push(definition);
      if (definition.kind === "backend" && definition.group !== null) {
        const { file, name } = optionsClass(sources, folder, definition);
        schemas[definition.group] = groupSchema({ ...classSources(sources), library }, file, name);
      }
    }
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  return describePlugins(definitions, { package: "assay", version }, schemas);
}

/** Folders whose plugin was compiled: all that the list of shipped plugins names. */
function pluginFolders(root: string): readonly string[] {
  const compiled = join(root, "dist", "plugins");
  return readdirSync(compiled)
    .filter((name) => !name.startsWith("_") && existsSync(join(compiled, name, "plugin.js")))
    .sort();
}

async function definitionsOf(file: string): Promise<readonly PluginDefinition[]> {
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  return [...new Set(Object.values(module).flatMap(definitionOf))];
}

function definitionOf(exported: unknown): readonly PluginDefinition[] {
  if ((typeof exported !== "object" && typeof exported !== "function") || exported === null) return [];
  const { definition } = exported as { readonly definition?: Partial<PluginDefinition> };
  return typeof definition?.kind === "string" && typeof definition.type === "string"
    ? [definition as PluginDefinition]
    : [];
}

/** Options of a backend are the fields of a class, which stands in the plugin's own folder. */
function optionsClass(
  { files }: LibrarySources,
  folder: string,
  { type, options }: BackendDefinition,
): { readonly file: string; readonly name: string } {
  const name = options?.().constructor.name ?? "";
  const within = sourceName(`plugins/${folder}/`);
  const [first, ...others] = [...files.values()].filter(
    ({ file, classes }) => file.startsWith(within) && classes.some((declared) => declared.name === name),
  );
  if (first === undefined || others.length > 0) {
    const problem = first === undefined ? "no file declares" : "several files declare";
    throw new Error(`plugins/${folder}: ${problem} the options \`${name}\` of the backend \`${type}\``);
  }
  return { file: first.file, name };
}
