import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import type { WatchOptions } from "../../codegen/watch.ts";
import { compiledBuild, CONFIG, temporaryProject, type TemporaryProject, TSCONFIG } from "../compiled-build.ts";
import { experiment, FILES } from "./project.ts";
import { codesOf, isClean, pause, type Watching, watching } from "./watching.ts";

let project: TemporaryProject;
let watch: Watching;
afterEach(async () => {
  await watch.watcher.close();
  project.remove();
});

async function open(
  files: Readonly<Record<string, string>> = FILES,
  options: Partial<WatchOptions> = {},
): Promise<void> {
  project = temporaryProject(files);
  watch = await watching(project.root, options);
}

const path = (file: string): string => join(project.root, file);
const has = (code: string) => (report: BuildReport) => codesOf(report).includes(code);
const hasMistakes = (report: BuildReport) => !isClean(report);
/** A number of sequences that eight replicas can't share. */
const BROKEN = { "lib/second.ts": "export const sequences = 7;\n" };
const MENDED = { "lib/second.ts": FILES["lib/second.ts"] };
const LOOP = experiment("other", "64", "while (true);\n");

describe("a watch reports again", () => {
  it("after a save, also of what is imported through another module", async () => {
    await open();
    expect(watch.reports.map(codesOf)).toEqual([[]]);
    const broken = await watch.after(() => project.write(BROKEN), hasMistakes);
    expect(new Set(broken.diagnostics.map((one) => one.experiment))).toEqual(new Set(["tune.small"]));
    await watch.after(() => project.write(MENDED), isClean);
  });

  it("at the right lines, though those above have moved", async () => {
    await open();
    const first = await watch.after(
      () => project.write({ "experiments/other.ts": experiment("other", "7") }),
      hasMistakes,
    );
    const second = await watch.after(
      () => project.write({ "experiments/other.ts": experiment("other", "7", "// One.\n// Two.\n// Three.\n") }),
      hasMistakes,
    );
    const lines = ({ diagnostics }: BuildReport) => diagnostics.map(({ primary }) => primary?.line);
    expect(lines(second)).toEqual(lines(first).map((line) => (line ?? 0) + 3));
  });

  it("after a file was deleted, and when it is there again", async () => {
    await open();
    const gone = await watch.after(() => rmSync(path("lib/second.ts")), hasMistakes);
    expect(codesOf(gone)).toEqual(["evaluate/missing-module"]);
    await watch.after(() => project.write(MENDED), isClean);
  });

  it("after a file was renamed, and its importer followed", async () => {
    await open();
    await watch.after(() => renameSync(path("lib/second.ts"), path("lib/third.ts")), has("evaluate/missing-module"));
    await watch.after(() => project.write({ "lib/first.ts": `export { sequences } from "./third.ts";\n` }), isClean);
    await watch.after(() => project.write({ "lib/third.ts": BROKEN["lib/second.ts"] }), hasMistakes);
  });

  it("after half a file was written, and when the rest is there", async () => {
    await open();
    const half = experiment("other").slice(0, 300);
    const broken = await watch.after(() => project.write({ "experiments/other.ts": half }), hasMistakes);
    expect(broken.diagnostics.every(({ primary }) => primary?.file === "experiments/other.ts")).toBe(true);
    await watch.after(() => project.write({ "experiments/other.ts": experiment("other") }), isClean);
  });

  it.each([
    ["a comment", "/** Tunes"],
    ["a text", 'text = "half'],
    ["a call", "made = make("],
  ])("once, of a file that ends in the middle of %s", async (_what, end) => {
    await open();
    const whole = experiment("other");
    const cut = `${whole.slice(0, whole.indexOf("  override"))}  ${end}`;
    const broken = await watch.after(() => project.write({ "experiments/other.ts": cut }), hasMistakes);
    expect(codesOf(broken)).toEqual(["codegen/syntax"]);
  });

  it("after every save of an editor that renames a new file over the old one", async () => {
    await open();
    const save = (text: string) => {
      writeFileSync(path("lib/.second.ts.swap"), text);
      renameSync(path("lib/.second.ts.swap"), path("lib/second.ts"));
    };
    for (let round = 0; round < 3; round += 1) {
      await watch.after(() => save(BROKEN["lib/second.ts"]), hasMistakes);
      await watch.after(() => save(MENDED["lib/second.ts"]), isClean);
    }
  });

  it("after two saves that follow each other at once", async () => {
    await open();
    const other = { "lib/second.ts": "export const sequences = 16;\n" };
    for (let gapMs = 0; gapMs < 60; gapMs += 20) {
      project.write(other);
      await pause(gapMs);
      await watch.after(() => project.write(BROKEN), hasMistakes);
      project.write(other);
      await pause(gapMs);
      await watch.after(() => project.write(MENDED), isClean);
    }
  });

  it("with experiments of new files and folders, and without those that are gone", async () => {
    await open();
    await watch.after(
      () => project.write({ "experiments/deep/down/more.ts": experiment("more") }),
      (report) => report.experiments.length === 3,
    );
    await watch.after(() => project.write({ "experiments/deep/down/more.ts": experiment("more", "7") }), hasMistakes);
    await watch.after(
      () => rmSync(path("experiments/deep"), { recursive: true }),
      (report) => isClean(report) && report.experiments.length === 2,
    );
  });

  it("by what the config says now: of patterns, clusters and the output folder", async () => {
    await open(FILES, { write: true });
    const config = (more: string, nodes = 1) =>
      CONFIG.replace("  clusters:", `${more}\n  clusters:`).replace("nodes: 1,", `nodes: ${nodes},`);
    project.write({ "studies/late.ts": experiment("late") });
    await watch.after(
      () => project.write({ "assay.config.ts": config(`  experiments: ["studies/*.ts"],`) }),
      ({ experiments }) => experiments.map(({ name }) => name).join() === "late",
    );
    // The new pattern's folder is watched, too.
    await watch.after(
      () => project.write({ "studies/later.ts": experiment("later") }),
      (report) => report.experiments.length === 2,
    );
    await watch.after(() => project.write({ "assay.config.ts": config("", 0) }), hasMistakes);
    const moved = await watch.after(() => project.write({ "assay.config.ts": config(`  out: "made",`) }), isClean);
    expect(moved.outDir).toBe(path("made"));
    expect(readdirSync(path("made"))).toContain("tune.small.manifest.json");
    await watch.after(() => project.write({ "assay.config.ts": "export default {" }), hasMistakes);
    await watch.after(() => project.write({ "assay.config.ts": CONFIG }), isClean);
  });

  it("after what a config imports, a declared input and a plugin's descriptor have changed", async () => {
    const descriptor = (version: string) => JSON.stringify({ assayPlugin: 1, package: "mine", version, types: [] });
    await open({
      ...FILES,
      "shared/cluster.ts": `import { clusterSpec } from "assay";\nexport const one = clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 });\n`,
      "assay.config.ts": `import { defineConfig } from "assay";\nimport { one } from "./shared/cluster.ts";\n
export default defineConfig({ clusters: [one], inputs: ["data/*.json"], plugins: ["./plugin/assay-plugin.json"] });\n`,
      "data/notes.json": "{}",
      "plugin/package.json": JSON.stringify({ name: "mine", version: "1.0.0" }),
      "plugin/assay-plugin.json": descriptor("1.0.0"),
    });
    expect(watch.reports.map(codesOf)).toEqual([[]]);
    const text = readFileSync(path("shared/cluster.ts"), "utf8");
    await watch.after(
      () => project.write({ "shared/cluster.ts": text.replace("gpusPerNode: 8", "gpusPerNode: 4") }),
      hasMistakes,
    );
    await watch.after(() => project.write({ "shared/cluster.ts": text }), isClean);
    await watch.after(
      () => project.write({ "plugin/assay-plugin.json": descriptor("1.0.1") }),
      has("plugin/version-differs"),
    );
    await watch.after(() => project.write({ "plugin/assay-plugin.json": "{" }), has("plugin/descriptor-shape"));
    await watch.after(() => project.write({ "plugin/assay-plugin.json": descriptor("1.0.0") }), isClean);
    await watch.after(() => project.write({ "data/more.json": "{}" }), isClean);
  });

  it("after mistakes in the compiler's settings, and in what they extend", async () => {
    await open({
      ...FILES,
      "tsconfig.json": JSON.stringify({ extends: "./base.json" }),
      "base.json": JSON.stringify(TSCONFIG),
    });
    const off = { compilerOptions: { ...TSCONFIG.compilerOptions, experimentalDecorators: false } };
    await watch.after(() => project.write({ "base.json": JSON.stringify(off) }), has("codegen/decorators-off"));
    await watch.after(() => project.write({ "base.json": `{ "compilerOptions": {` }), hasMistakes);
    await watch.after(() => rmSync(path("base.json")), hasMistakes);
    await watch.after(() => project.write({ "base.json": JSON.stringify(TSCONFIG) }), isClean);
  });

  it("once all files are there again that were gone for a while", async () => {
    await open();
    await watch.after(() => {
      for (const name of readdirSync(project.root))
        if (name !== "node_modules") rmSync(path(name), { recursive: true });
    }, hasMistakes);
    const files = { ...FILES, "package.json": `{ "type": "module" }`, "tsconfig.json": JSON.stringify(TSCONFIG) };
    await watch.after(() => project.write(files), isClean);
    await watch.after(() => project.write(BROKEN), hasMistakes);
  });

  it("once, or little more, after a branch with hundreds of other files was checked out", async () => {
    const branch = (sequences: string) =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => [
          [
            `experiments/run-${index}.ts`,
            experiment(`run-${index}`, "sequences", `import { sequences } from "../lib/part-${index}.ts";`),
          ],
          [`lib/part-${index}.ts`, `export const sequences = ${sequences};\n`],
          [`lib/unused-${index}.ts`, `export const unused = ${sequences};\n`],
        ]).flat(),
      );
    await open({ ...FILES, ...branch("64") });
    const before = watch.reports.length;
    const other = await watch.after(
      () => {
        project.write(branch("7"));
        for (let index = 40; index < 60; index += 1) rmSync(path(`experiments/run-${index}.ts`));
      },
      (report) => report.experiments.length === 42 && report.diagnostics.length > 0,
    );
    expect(new Set(other.diagnostics.map((one) => one.experiment)).size).toBe(40);
    expect(watch.reports.length - before).toBeLessThan(5);
    await watch.after(
      () => project.write(branch("64")),
      (report) => isClean(report) && report.experiments.length === 62,
    );
  });
});

describe("a watch goes on", () => {
  it("after an endless loop that its limit ended", async () => {
    const limits = CONFIG.replace("  clusters:", "  limits: { timeoutMs: 1500 },\n  clusters:");
    await open({ ...FILES, "assay.config.ts": limits });
    const stuck = await watch.after(() => project.write({ "experiments/other.ts": LOOP }), hasMistakes);
    expect(codesOf(stuck)).toEqual(["evaluate/time-limit"]);
    await watch.after(() => project.write({ "experiments/other.ts": experiment("other") }), isClean);
    // It does not tell what it imports, and is watched for it all the same.
    const loops = "while (true);\nexport const sequences = 64;\n";
    await watch.after(() => project.write({ "lib/second.ts": loops }), has("evaluate/time-limit"));
    await watch.after(() => project.write(MENDED), isClean);
  });

  it("without waiting for a loop that is mended meanwhile", async () => {
    const limits = CONFIG.replace("  clusters:", "  limits: { timeoutMs: 600_000 },\n  clusters:");
    let starts = 0;
    await open({ ...FILES, "assay.config.ts": limits }, { onStart: () => (starts += 1) });
    const before = starts;
    project.write({ "experiments/other.ts": LOOP });
    while (starts === before) await pause(20);
    await watch.after(() => project.write({ "experiments/other.ts": experiment("other") }), isClean);
    expect(watch.reports.every(isClean)).toBe(true);
  });

  it("after a worker was ended that took too much memory", async () => {
    const limits = CONFIG.replace("  clusters:", "  limits: { heapMiB: 64 },\n  clusters:");
    await open({ ...FILES, "assay.config.ts": limits });
    const greedy = experiment(
      "other",
      "64",
      "const all: object[] = [];\nwhile (true) all.push({ index: all.length });\n",
    );
    const died = await watch.after(() => project.write({ "experiments/other.ts": greedy }), hasMistakes);
    expect(codesOf(died)).toEqual(["evaluate/heap-limit"]);
    await watch.after(() => project.write({ "experiments/other.ts": experiment("other") }), isClean);
  });
});

describe("a watch that writes", () => {
  it("is not started by its own outputs", async () => {
    let starts = 0;
    await open(FILES, { write: true, onStart: () => (starts += 1) });
    await pause(1500);
    expect(starts).toBe(1);
    await watch.after(() => project.write({ "lib/second.ts": "export const sequences = 32;\n" }), isClean);
    await pause(1500);
    expect([starts, watch.reports.length]).toEqual([2, 2]);
    expect(readFileSync(path("assay.gen.ts"), "utf8")).toContain("tune");
  });

  it("leaves what a build of its own leaves, byte for byte", async () => {
    await open(FILES, { write: true });
    await watch.after(() => project.write(BROKEN), hasMistakes);
    await watch.after(() => project.write({ "lib/second.ts": "export const sequences = 32;\n" }), isClean);
    await watch.after(() => project.write({ "experiments/more.ts": experiment("more") }), isClean);
    await watch.watcher.close();
    const outputs = (root: string) =>
      Object.fromEntries(
        [
          "assay.gen.ts",
          ...readdirSync(join(root, ".assay"))
            .filter((name) => name.endsWith(".json"))
            .map((name) => `.assay/${name}`),
        ].map((name) => [name, readFileSync(join(root, name), "utf8")]),
      );
    const watched = outputs(project.root);
    expect(Object.keys(watched)).toContain(".assay/more.small.manifest.json");
    // What it left in the cache answers the next build.
    const again = await compiledBuild(project.root, { write: true, cache: true });
    expect([again.cached, again.written]).toEqual([true, true]);
    rmSync(path(".assay"), { recursive: true });
    rmSync(path("assay.gen.ts"));
    expect(codesOf(await compiledBuild(project.root, { write: true }))).toEqual([]);
    expect(outputs(project.root)).toEqual(watched);
  });

  it("bears with another build at the same time, and with a cache that is damaged", async () => {
    await open(FILES, { write: true });
    await watch.after(() => project.write({ "lib/second.ts": "export const sequences = 32;\n" }), isClean);
    await compiledBuild(project.root, { write: true, cache: true });
    await watch.after(() => project.write(MENDED), isClean);
    await pause(1500);
    for (const name of readdirSync(path(".assay/.cache"))) {
      if (name.endsWith(".pack")) rmSync(path(`.assay/.cache/${name}`));
    }
    rmSync(path(".assay/.sets"), { recursive: true });
    mkdirSync(path(".assay/.sets"));
    const healed = await watch.after(
      () => project.write({ "lib/second.ts": "export const sequences = 16;\n" }),
      isClean,
    );
    expect(healed.written).toBe(true);
    expect(readFileSync(path(".assay/other.small.manifest.json"), "utf8")).toContain('"nSeqs":64');
  });
});

describe("a watch brings back", () => {
  const isThere = () => existsSync(path(".assay/tune.small.manifest.json")) && existsSync(path("assay.gen.ts"));

  it("its output folder and the generated file, once each", async () => {
    await open(FILES, { write: true });
    await watch.after(() => rmSync(path(".assay"), { recursive: true }), isClean);
    expect(isThere()).toBe(true);
    await watch.after(() => rmSync(path("assay.gen.ts")), isClean);
    expect(isThere()).toBe(true);
    await pause(1000);
    expect(watch.reports).toHaveLength(3);
  });

  it("nothing while there are mistakes, and all of it after them", async () => {
    await open(FILES, { write: true });
    await watch.after(() => project.write(BROKEN), hasMistakes);
    rmSync(path(".assay"), { recursive: true });
    await pause(1000);
    expect([watch.reports.length, isThere()]).toEqual([2, false]);
    await watch.after(() => project.write(MENDED), isClean);
    expect(isThere()).toBe(true);
  });
});

describe("a watch that finds nothing changed", () => {
  it("has a worker at hand for the first save", async () => {
    await open();
    await watch.watcher.close();
    const workers = () => (process.report.getReport() as unknown as { readonly workers: readonly object[] }).workers;
    const before = workers().length;
    watch = await watching(project.root);
    expect(watch.reports.map(({ cached }) => cached)).toEqual([true]);
    const until = Date.now() + 20_000;
    while (workers().length === before && Date.now() < until) await pause(20);
    expect(workers().length).toBe(before + 1);
    await watch.after(() => project.write(BROKEN), hasMistakes);
    expect(workers().length).toBe(before + 1);
  });
});

describe("a watch that is asked", () => {
  it("checks again, and gives nothing when it is closed", async () => {
    await open();
    await watch.watcher.check();
    expect(watch.reports).toHaveLength(2);
    await watch.watcher.close();
    project.write(BROKEN);
    await watch.watcher.check();
    await pause(500);
    expect(watch.reports).toHaveLength(2);
  });
});
