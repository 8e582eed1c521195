import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginKind } from "../../src/spec/plugin-kinds.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import type { Dependency } from "./package-json.ts";
import type { PackageManager } from "./package-manager.ts";
import { type PluginNames, pluginNames } from "./plugin-name.ts";
import { inWordsOf, type TemplateFile } from "./template.ts";

/** Folder of what packages begin with: a folder for each kind, and one that all share. */
const TEMPLATE = join(LIBRARY_ROOT, "codegen", "init", "template", "plugins");

/** What a package of a plugin needs to be built and tested. */
export interface PluginNeeds {
  readonly library: Dependency;
  readonly compiler: Dependency;
  /** Types of Node, of which the tests use the runner. */
  readonly nodeTypes: Dependency;
}

/** A package of a plugin, before its descriptor is made. */
export interface PluginPackage {
  readonly names: PluginNames;
  readonly files: readonly TemplateFile[];
}

/** All files of a package but `assay-plugin.json`. */
export function pluginPackage(
  kind: PluginKind,
  name: string,
  needs: PluginNeeds,
  manager: PackageManager,
): PluginPackage {
  const read = (file: string): string => readFileSync(join(TEMPLATE, file), "utf8");
  // The folder of tests has another name here: no test is packed with the library.
  const modules = (["src", "suite"] as const).flatMap((folder) =>
    readdirSync(join(TEMPLATE, kind, folder))
      .sort()
      .map((file) => ({
        file: folder === "src" ? `src/${file}` : `test/${file.replace(/\.ts$/, ".test.ts")}`,
        text: read(`${kind}/${folder}/${file}`),
      })),
  );
  const names = pluginNames(
    kind,
    name,
    modules.map(({ text }) => text),
  );
  const use = inNames(read(`${kind}/use.md`), names);
  const readme = inNames(read("shared/README.md"), names).replace("KIND", kind).replace("MY_TYPE", names.type);
  return {
    names,
    files: [
      { file: "package.json", text: manifestText(kind, names, needs) },
      { file: "tsconfig.json", text: read("shared/tsconfig.json") },
      { file: ".gitignore", text: read("shared/gitignore") },
      { file: "README.md", text: `${inWordsOf(readme, manager)}\n${use}` },
      ...modules.map(({ file, text }) => ({ file, text: inNames(text, names) })),
    ],
  };
}

function inNames(text: string, names: PluginNames): string {
  return text
    .replaceAll("my-package", names.package)
    .replaceAll("my_plugin", names.type)
    .replaceAll("my-plugin", names.kebab)
    .replaceAll("MY_PLUGIN", names.kebab.replaceAll("-", "_").toUpperCase())
    .replaceAll("myPlugin", names.constant)
    .replaceAll("MyPlugin", names.pascal);
}

/** Versions that a package is made for, and those that it is developed with. */
function manifestText(kind: PluginKind, names: PluginNames, { library, compiler, nodeTypes }: PluginNeeds): string {
  const ranges = (...packages: readonly Dependency[]): Readonly<Record<string, string>> =>
    Object.fromEntries(packages.map(({ name, version }) => [name, `^${version.replace(/^[\^~]/, "")}`]));
  const fields = {
    name: names.package,
    version: "0.1.0",
    description: `The ${kind} \`${names.type}\` for Assay.`,
    keywords: ["assay", "assay-plugin"],
    type: "module",
    exports: {
      ".": { types: "./dist/src/index.d.ts", default: "./dist/src/index.js" },
      "./package.json": "./package.json",
    },
    files: ["dist/src", "src", "assay-plugin.json"],
    scripts: {
      build: "assay plugin build && tsc -p .",
      test: "tsc -p . && node --test dist/test/*.test.js",
      prepack: "assay plugin build --check && tsc -p .",
    },
    peerDependencies: ranges(library),
    devDependencies: ranges(nodeTypes, library, compiler),
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}
