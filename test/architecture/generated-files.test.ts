import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../../codegen/doctor/checks.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { cliReference } from "../../src/cli/reference.ts";
import { CHECKOUT } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

const HEAD = "// Generated from the folders beside this file by `npm run gen`.\n";
const textOf = (file: string) => readFileSync(join(CHECKOUT, file), "utf8");

/** Folders that hold a module of the given name. */
function foldersWith(folder: string, module: string): readonly string[] {
  return readdirSync(join(CHECKOUT, folder))
    .filter((name) => existsSync(join(CHECKOUT, folder, name, module)))
    .sort();
}

const exported = (modules: readonly string[]) => HEAD + modules.map((path) => `export * from "${path}";\n`).join("");

/** A module of the compiled library, with the types of its source: only compiled code starts workers. */
const compiled = async <M>(module: string) =>
  (await import(pathToFileURL(join(compiledFolder(), "codegen", module)).href)) as M;

/** The generated file of the library's own experiments, as its sources now give it. */
async function generated(): Promise<string> {
  const { findProject } = await compiled<typeof import("../../codegen/config.ts")>("config.js");
  const { BuildSession } = await compiled<typeof import("../../codegen/session.ts")>("session.js");
  const { Workbench } = await compiled<typeof import("../../codegen/workbench.ts")>("workbench.js");
  const { generateProject } = await compiled<typeof import("../../codegen/generate.ts")>("generate.js");
  const { project } = findProject(CHECKOUT, null);
  if (project === null) throw new Error("the checkout is no project");
  const bench = new Workbench({ cache: false });
  const session = new BuildSession(project, bench, ".assay");
  try {
    const { config, experiments } = await session.read(await session.config());
    const { importEnding } = session.tsconfig;
    return generateProject({
      config,
      experiments: experiments.experiments,
      importEnding,
      modelIds: [],
      mutatorModules: [],
      shipped: session.shipped,
    });
  } finally {
    await bench.close();
  }
}

describe("generated files are fresh", () => {
  it("plugins/index.ts", () => {
    const plugins = foldersWith("plugins", "plugin.ts");
    expect(plugins.length).toBeGreaterThan(5);
    expect(textOf("plugins/index.ts")).toBe(exported(plugins.map((name) => `./${name}/plugin.ts`)));
  });

  it("experiments/index.ts", () => {
    const experiments = foldersWith("experiments", "experiment.ts").map((name) => `./${name}/experiment.ts`);
    expect(textOf("experiments/index.ts")).toBe(exported(["./clusters.ts", "./assay.gen.ts", ...experiments]));
  });

  it("docs/cli.md", () => {
    const page = cliReference(CHECKS);
    for (const { name, examples } of COMMANDS) {
      expect(page).toContain(`\n## assay ${name}\n`);
      for (const example of examples) expect(page).toContain(`\n${example}\n`);
    }
    expect(textOf("docs/cli.md")).toBe(page);
  });

  it("experiments/assay.gen.ts", async () => {
    expect(textOf("experiments/assay.gen.ts")).toBe(await generated());
  });
});
