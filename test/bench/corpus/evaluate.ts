import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Authored, type PluginFacts, registerProject, type Resolved } from "assay";
import { describePlugins, factsOf, loadedPlugins } from "assay/plugin";
import { proveExperiment } from "assay/testing";
import { transformSync } from "oxc-transform";
import { pluginDescriptor } from "./plugin-package.ts";
import { DEFAULT_CLUSTER } from "./shared-modules.ts";

/** One manifest to be. */
export interface Proved {
  readonly name: string;
  readonly preset: string | null;
  readonly authored: Authored;
  readonly resolved: Resolved;
}

/** Compiles one module as a build does: decorators with metadata, no source map. */
export function transpile(path: string, text: string): string {
  const { code, errors } = transformSync(path, text, {
    lang: "ts",
    target: "es2022",
    decorator: { legacy: true, emitDecoratorMetadata: true },
    typescript: { rewriteImportExtensions: "rewrite" },
  });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return code;
}

/** Writes the corpus as JavaScript into a new folder. */
export function transpileCorpus(files: ReadonlyMap<string, string>, folder: string, checkout: string): void {
  for (const [path, text] of files) {
    if (!path.endsWith(".ts") || path === "assay.config.ts") continue;
    const to = join(folder, compiledName(path));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, transpile(path, text));
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  mkdirSync(join(folder, "node_modules", "@oxc-project"), { recursive: true });
  symlinkSync(checkout, join(folder, "node_modules", "assay"), "dir");
  const runtime = join("node_modules", "@oxc-project", "runtime");
  symlinkSync(join(checkout, runtime), join(folder, runtime), "dir");
}

/** Imports all experiments of a transpiled corpus into this process. */
export async function loadCorpus(files: ReadonlyMap<string, string>, folder: string): Promise<void> {
  const load = (path: string) => import(pathToFileURL(join(folder, compiledName(path))).href);
  await load("shared/clusters.ts");
  registerProject({ options: [], experiments: {}, defaultCluster: DEFAULT_CLUSTER });
  for (const path of files.keys()) if (path.startsWith("experiments/")) await load(path);
}

/**
 * Runs every experiment in this process, without isolation: bare and in each preset.
 * @throws for anything found: the corpus is measured as a sound project.
 */
export function proveCorpus(files: ReadonlyMap<string, string>): readonly Proved[] {
  return [...files].flatMap(([path, text]) => {
    const name = /@Experiment\("([^"]+)"/.exec(text)?.[1];
    return name === undefined || !path.startsWith("experiments/")
      ? []
      : [null, "lab", "farm"].map((preset) => prove(name, preset));
  });
}

/** What a build of the corpus knows of plugins: the shipped ones, and those that the package's descriptor names. */
export function corpusFacts(): PluginFacts {
  const shipped = loadedPlugins().filter(({ type }) => !type.startsWith("bench_"));
  return factsOf([describePlugins(shipped, { package: "assay", version: "0" }), pluginDescriptor()]);
}

function prove(name: string, preset: string | null): Proved {
  const { value, findings } = proveExperiment(name, preset === null ? {} : { preset });
  const { authored, resolved } = value;
  if (findings.length > 0 || authored === null || resolved === null) {
    throw new Error(`${name}.${preset}: ${findings.map(({ code, message }) => `${code} ${message}`).join("; ")}`);
  }
  return { name, preset, authored, resolved };
}

function compiledName(path: string): string {
  return path.replace(/\.ts$/, ".js");
}
