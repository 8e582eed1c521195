import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { compiledBuild, CONFIG, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

const EXPERIMENT = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
import { sequences } from "../lib/first.ts";

@Experiment("tune")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Tune extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b");
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: sequences }) },
    });
  }
}
`;

const PLUGIN = {
  "node_modules/my-plugins/package.json": JSON.stringify({ name: "my-plugins", version: "1.0.0", type: "module" }),
  "node_modules/my-plugins/assay-plugin.json": JSON.stringify({
    assayPlugin: 1,
    package: "my-plugins",
    version: "1.0.0",
    types: [],
  }),
};

const FILES = {
  "experiments/tune.ts": EXPERIMENT,
  "lib/first.ts": `export { sequences } from "./second.ts";\n`,
  "lib/second.ts": `export const sequences = 64;\n`,
  "data/notes.json": `{ "a": 1 }\n`,
  "assay.config.ts": CONFIG.replace(
    "  clusters:",
    `  inputs: ["data/*.json"],\n  plugins: ["my-plugins"],\n  clusters:`,
  ),
  ...PLUGIN,
};

let project: TemporaryProject;
afterEach(() => project.remove());

const build = () => compiledBuild(project.root, { write: true, cache: true });

/** A project that was built twice: the second time from the cache. */
async function built(): Promise<void> {
  project = temporaryProject(FILES);
  const first = await build();
  expect(first.diagnostics).toEqual([]);
  expect([first.cached, first.written]).toEqual([false, true]);
  const second = await build();
  expect([second.cached, second.written]).toEqual([true, true]);
  expect(second.experiments).toEqual(first.experiments);
}

/** Each changes one part of what a build depends on, and nothing else. */
const CHANGES: readonly (readonly [part: string, change: () => void])[] = [
  ["the experiment's module", () => project.write({ "experiments/tune.ts": `${EXPERIMENT}// changed\n` })],
  [
    "a module that is imported through another one",
    () => project.write({ "lib/second.ts": "export const sequences = 32;\n" }),
  ],
  [
    "a flag of the compiler",
    () => {
      const config = JSON.parse(readFileSync(join(project.root, "tsconfig.json"), "utf8")) as {
        compilerOptions: Record<string, unknown>;
      };
      config.compilerOptions["useDefineForClassFields"] = true;
      project.write({ "tsconfig.json": JSON.stringify(config) });
    },
  ],
  ["the config", () => project.write({ "assay.config.ts": FILES["assay.config.ts"].replace("nodes: 4", "nodes: 8") })],
  [
    "a plugin's version",
    () => {
      const change = (text: string) => text.replace("1.0.0", "1.0.1");
      project.write(Object.fromEntries(Object.entries(PLUGIN).map(([file, text]) => [file, change(text)])));
    },
  ],
  ["a declared input", () => project.write({ "data/notes.json": `{ "a": 2 }\n` })],
  ["a new declared input", () => project.write({ "data/more.json": `{}\n` })],
  ["a new file that matches", () => project.write({ "experiments/other.ts": "export {};\n" })],
  ["the outputs", () => rmSync(join(project.root, ".assay", ".set"))],
];

describe("a build is taken from the cache", () => {
  it.each(CHANGES)("until %s changes", async (_part, change) => {
    await built();
    change();
    const changed = await build();
    expect(changed.diagnostics).toEqual([]);
    expect([changed.cached, changed.written]).toEqual([false, true]);
    expect((await build()).cached).toBe(true);
  });

  it("though a file was touched, or written anew with the same content", async () => {
    await built();
    utimesSync(join(project.root, "experiments/tune.ts"), new Date(), new Date());
    expect((await build()).cached).toBe(true);
    project.write({ "lib/second.ts": FILES["lib/second.ts"] });
    expect((await build()).cached).toBe(true);
  });

  it("and another tool or none at all gives the same outputs", async () => {
    await built();
    const read = () => readFileSync(join(project.root, ".assay/tune.small.manifest.json"), "utf8");
    const before = read();
    const uncached = await compiledBuild(project.root, { write: true, cache: false });
    expect(uncached.cached).toBe(false);
    expect(read()).toBe(before);
  });

  it("without loading ts-morph or starting a thread", async () => {
    await built();
    const require = join(project.root, "loaded.cjs");
    project.write({
      "loaded.cjs": `const workers = require("node:worker_threads");
const { Worker } = workers;
let threads = 0;
workers.Worker = class extends Worker { constructor(...given) { super(...given); threads += 1; } };
require("node:module").syncBuiltinESMExports();
process.on("exit", () => {
  const files = Object.keys(require.cache);
  process._rawDebug(JSON.stringify({ threads, tsMorph: files.filter((file) => file.includes("ts-morph")).length }));
});
`,
    });
    const run = () =>
      spawnSync(
        process.execPath,
        ["--require", require, join(compiledFolder(), "src/cli/bin.js"), "build", "--quiet"],
        {
          cwd: project.root,
          encoding: "utf8",
        },
      );
    const last = (text: string) => JSON.parse(text.trim().split("\n").at(-1) ?? "") as unknown;
    run();
    const warm = run();
    expect(warm.status).toBe(0);
    expect(last(warm.stderr)).toEqual({ threads: 0, tsMorph: 0 });
    project.write({ "experiments/tune.ts": `${EXPERIMENT}// changed\n` });
    const cold = run();
    const counts = last(cold.stderr) as { readonly threads: number; readonly tsMorph: number };
    expect(counts.threads).toBeGreaterThan(0);
    expect(counts.tsMorph).toBeGreaterThan(0);
  });
});
