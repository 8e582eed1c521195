import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BuildIndex } from "../../codegen/report.ts";
import type { Bill } from "../../src/cli/sweep/bill.ts";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import type { ArgumentSpan, SpansFile } from "../../src/origin/spans-file.ts";
import type { Manifest } from "../../src/manifest/format.ts";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

/** Two presets; one prints, so that what ran is seen. */
const EXPERIMENT = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

console.log("loaded");

@Experiment("tune")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
@Preset("other", { cluster: "one", allocationMode: "d4p1m2" })
export class Tune extends CommonExperiment {
  /** Sequences of a step. @range integer >= 1 */
  @Option() batch = 64;
  @Option() model = model("qwen2.5-1.5b");
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: this.batch }) },
    });
  }
}
`;

let project: TemporaryProject;

function assay(...line: string[]) {
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line], {
    cwd: project.root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function json(...line: string[]) {
  const { status, stdout } = assay(...line, "--json");
  const { sweep, diagnostics, cached, written, output } = JSON.parse(stdout) as {
    sweep: Bill;
    diagnostics: Diagnostic[];
    cached: boolean;
    written: boolean;
    output: Record<string, string>;
  };
  return { status, sweep, diagnostics, cached, written, output };
}

const out = (name: string) => join(project.root, ".assay", name);
const manifests = () =>
  readdirSync(join(project.root, ".assay"))
    .filter((name) => name.endsWith(".manifest.json") && existsSync(out(name)))
    .map((name) => name.replace(".manifest.json", ""))
    .sort();
const manifestOf = (name: string) => JSON.parse(readFileSync(out(`${name}.manifest.json`), "utf8")) as Manifest;
const indexed = () =>
  (JSON.parse(readFileSync(out("index.json"), "utf8")) as BuildIndex).experiments.flatMap(({ points = [] }) => points);

describe("a sweep", () => {
  beforeEach(() => {
    project = temporaryProject({ "experiments/tune.ts": EXPERIMENT });
    return () => project.remove();
  });

  it("writes a manifest for every combination, beside what is there", () => {
    expect(assay("build", "--quiet").status).toBe(0);
    const declared = manifests();
    const built = json("build", "tune.small", "-m", "batch=8,16", "model.optimizer.lr=1e-5,2e-5", "seed=7");
    expect(built).toMatchObject({ status: 0, written: true, diagnostics: [] });
    const names = built.sweep.points.map(({ name }) => name);
    expect(names).toEqual([
      "tune.small@batch=8,model.optimizer.lr=1e-5,seed=7",
      "tune.small@batch=8,model.optimizer.lr=2e-5,seed=7",
      "tune.small@batch=16,model.optimizer.lr=1e-5,seed=7",
      "tune.small@batch=16,model.optimizer.lr=2e-5,seed=7",
    ]);
    expect(manifests()).toEqual([...declared, ...names].sort());
    for (const { name, overrides, hashes } of built.sweep.points) {
      const { authored, name: experiment, preset, hashes: own } = manifestOf(name);
      const [setup] = authored.setups;
      expect([experiment, preset, own]).toEqual(["tune", "small", hashes]);
      expect(setup?.modelRpcs[0]?.nSeqs).toBe(overrides["batch"]);
      expect(setup?.modelWorker?.shared["baseSeed"]).toBe(7);
      const text = JSON.stringify(setup?.modelWorker);
      expect(text).toContain(`"lr":${JSON.stringify(overrides["model.optimizer.lr"])}`);
    }
    expect(indexed().map(({ point, status }) => [`tune.small@${point}`, status])).toEqual(
      names.map((name) => [name, "fresh"]),
    );
    expect(assay("show").stdout).toContain(names[3]);
    expect(assay("show", names[3] ?? "").stdout).toContain("\n  model.optimizer.lr=2e-5\n");
    expect(assay("why", names[3] ?? "", "model.optimizer.lr")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^option `model\.optimizer\.lr` is 0\.00002\n.*on the command line\n/),
      stderr: "",
    });
    // What a point has not, is built on top of it.
    expect(assay("why", names[3] ?? "", "/setups/0/modelRpcs/0/nSeqs", "batch=32").stdout).toContain("is 32\n");
    expect(assay("why", names[3] ?? "", "seed", "batch=32").stdout).toContain("`seed` is 7\n");
    // Points are whatever else a manifest is.
    const file = out(`${names[0]}.manifest.json`);
    expect(assay("resolve", file, "--json").stdout).toBe(readFileSync(file, "utf8"));
  });

  it("gives the same manifests whatever the order of arguments and the other points are", () => {
    const name = "tune.small@batch=16,model.optimizer.lr=2e-5,seed=7";
    const texts = [
      ["batch=8,16", "model.optimizer.lr=1e-5,2e-5", "seed=7"],
      ["seed=7", "model.optimizer.lr=0.00002", "batch=16"],
      ["model.optimizer.lr=2e-5,3e-5", "seed=7,8", "batch=16,32,64"],
    ].map((line) => {
      expect(assay("build", "tune.small", "--quiet", "-m", ...line).status).toBe(0);
      return readFileSync(out(`${name}.manifest.json`), "utf8");
    });
    // What is built without a sweep is the same, too.
    assay("build", "tune.small", "--quiet", "batch=16", "model.optimizer.lr=2e-5", "seed=7");
    expect(new Set([...texts, readFileSync(out("tune.small.manifest.json"), "utf8")]).size).toBe(1);
  });

  it("replaces the points of what it is about, and a plain build drops them", () => {
    const points = () => manifests().filter((name) => name.includes("@"));
    assay("build", "tune.small", "-m", "seed=1,2", "--quiet");
    assay("build", "tune.other", "-m", "seed=3", "--quiet");
    expect(points()).toEqual(["tune.other@seed=3", "tune.small@seed=1", "tune.small@seed=2"]);
    assay("build", "tune.small", "-m", "seed=2,4", "--quiet");
    expect(points()).toEqual(["tune.other@seed=3", "tune.small@seed=2", "tune.small@seed=4"]);
    assay("build", "tune.small", "--quiet");
    expect(points()).toEqual(["tune.other@seed=3"]);
    expect(indexed().map(({ preset, point }) => [preset, point])).toEqual([["other", "seed=3"]]);
    // Proving changes nothing.
    assay("check", "--quiet");
    assay("check", "tune.other", "-m", "seed=9", "--quiet");
    expect(points()).toEqual(["tune.other@seed=3"]);
    assay("build", "--quiet");
    expect(manifests()).toEqual(["tune.other", "tune.small"]);
    expect(readFileSync(out("index.json"), "utf8")).not.toContain('"points"');
  });

  it("with an error writes nothing; with --keep-going the sound points", () => {
    assay("build", "tune.small", "-m", "allocationMode=d4p1m2,d2p2m2", "--quiet");
    const before = manifests();
    const line = ["tune.small", "-m", "allocationMode=d4p1m2,d16p1m1", "batch=64", "--duration", "2h"];
    const failed = json("build", ...line);
    expect(failed).toMatchObject({ status: 1, written: false });
    expect(manifests()).toEqual(before);
    expect(failed.sweep).toMatchObject({ runnable: 1, gpus: 8, gpuHours: 16 });
    expect(failed.sweep.points.map(({ status, errors }) => [status, errors.map(({ code }) => code)])).toEqual([
      ["proved", []],
      ["failed", ["allocation/gpu-product"]],
    ]);
    expect(json("build", ...line, "--keep-going")).toMatchObject({ status: 1, written: true });
    expect(manifests()).toEqual(["tune.small@allocationMode=d4p1m2,batch=64"]);
    expect(indexed().map(({ status }) => status)).toEqual(["fresh", "failed"]);
    expect(assay("show", "tune.small@allocationMode=d16p1m1,batch=64").stderr).toContain("it has errors");
    // A point that was sound keeps its last good manifest.
    project.write({ "experiments/tune.ts": EXPERIMENT.replace("nSeqs: this.batch", "nSeqs: this.batch - 64") });
    assay("build", "tune.small", "-m", "allocationMode=d4p1m2", "batch=64,128", "--keep-going", "--quiet");
    expect(indexed().map(({ point, status }) => [point, status])).toEqual([
      ["allocationMode=d4p1m2,batch=64", "stale"],
      ["allocationMode=d4p1m2,batch=128", "fresh"],
    ]);
    expect(manifests()).toHaveLength(2);
  });

  it("tells one mistake once, at the characters of its value", () => {
    const line = [
      "tune.small",
      "-m",
      "model.optimizer.lr=1e-5,fast",
      "batch=0,8",
      "sead=1",
      "allocationMode=d8p1m1,d4p1m3",
    ];
    const { stdout, status } = assay("check", ...line, "--format", "json");
    expect(status).toBe(1);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    const text = `assay check ${line.join(" ")}`;
    const places = diagnostics.map(({ code, primary }) => {
      expect(primary?.file).toBe("<command line>");
      const { column, length } = primary ?? { column: 0, length: 0 };
      return `${code} ${text.slice(column - 1, column - 1 + length)}`;
    });
    expect([...new Set(places)].sort()).toEqual([
      "allocation/gpu-product d4p1m3",
      "option/range 0",
      "option/type fast",
      "option/unknown sead=1",
    ]);
    expect(assay("check", ...line).stdout.match(/^error\[/gm)).toHaveLength(4);
  });

  it("keeps the place of each value beside the manifest", () => {
    const line = ["build", "tune.small", "-m", "batch=8,16", "seed=7"];
    expect(assay(...line, "--quiet").status).toBe(0);
    const text = `assay ${line.join(" ")}`;
    const { options } = JSON.parse(readFileSync(out("tune.small@batch=16,seed=7.spans.json"), "utf8")) as SpansFile;
    const origins = options.flatMap(({ path, origin }) => (origin.kind === "override" ? [{ path, ...origin }] : []));
    const typed = (span: ArgumentSpan | undefined) =>
      span === undefined ? null : text.slice(span.column - 1, span.column - 1 + span.length);
    expect(origins.map(({ path, span, valueSpan }) => [path, typed(span), typed(valueSpan)]).sort()).toEqual([
      ["batch", "batch=8,16", "16"],
      ["seed", "seed=7", null],
    ]);
  });

  it("says so where commas separate what is one value", () => {
    const help = (...line: string[]) =>
      json("check", "tune.small", "-m", ...line).diagnostics.map(({ code, help: text }) => [code, text ?? ""] as const);
    const split = help("allocationMode=train:d8p1m1,other:d4p1m2", "seed=1,2").filter(([code]) =>
      code.endsWith("no-layout-for-call"),
    );
    expect(split.length).toBeGreaterThan(0);
    for (const [, text] of split) expect(text).toContain(`allocationMode='"train:d8p1m1,other:d4p1m2"'`);
    const whole = help(`allocationMode="train:d8p1m1,other:d4p1m2",d4p1m2`);
    expect(whole.map(([code]) => code)).toEqual(["allocation/unused-name"]);
    // As one value it would be wrong, too.
    for (const [, text] of help("model.optimizer.lr=1e-5,fast")) expect(text).not.toContain("quote");
  });

  it("places what is wrong inside of a quoted value", () => {
    const line = ["check", "tune.small", "-m", `allocationMode="other:d4p1m2,train:d4p1m3",d8p1m1`];
    const found = json(...line).diagnostics.find(({ code }) => code === "allocation/gpu-product")?.primary;
    const text = `assay ${line.join(" ")}`;
    expect(text.slice((found?.column ?? 0) - 1).slice(0, found?.length)).toBe("d4p1m3");
  });

  it("takes points from the cache one by one, and the whole if nothing has changed", () => {
    // What is evaluated prints; what the cache has, has it printed once more.
    const first = json("check", "tune.small", "-m", "seed=1,2");
    expect(first.output).toEqual({ "tune.small@seed=1": "loaded\n", "tune.small@seed=2": "loaded\n" });
    expect(json("check", "tune.small", "-m", "seed=1,2")).toEqual({ ...first, cached: true });
    const cache = () => readFileSync(out(".cache/entries.json"), "utf8").match(/tune\.small@seed=\d/g);
    expect(new Set(cache())).toEqual(new Set(["tune.small@seed=1", "tune.small@seed=2"]));
    const second = json("check", "tune.small", "-m", "seed=1,2,3");
    expect(second.cached).toBe(false);
    expect(second.sweep.points.slice(0, 2)).toEqual(first.sweep.points);
    project.write({ "experiments/tune.ts": EXPERIMENT.replace("batch = 64", "batch = 32") });
    const third = json("check", "tune.small", "-m", "seed=1,2");
    expect(third.sweep.points[0]?.hashes).not.toEqual(first.sweep.points[0]?.hashes);
  });

  it("is bounded over all experiments and presets together", () => {
    const ran = assay("check", "-m", "seed=1,2", "--max-points", "5");
    expect(ran).toMatchObject({ status: 2, stdout: "" });
    expect(ran.stderr).toContain("the sweep has 6 points, more than 5");
    expect(
      json("check", "-m", "seed=1,2", "--max-points", "6").sweep.points.map(({ name, status }) => [name, status]),
    ).toEqual([
      // The bare experiment lacks values: it is built in its presets only.
      ["tune.small@seed=1", "proved"],
      ["tune.small@seed=2", "proved"],
      ["tune.other@seed=1", "proved"],
      ["tune.other@seed=2", "proved"],
    ]);
  });

  it("is refused where a point has the name of something else", () => {
    const named = EXPERIMENT.replace('@Preset("other"', '@Preset("small@seed=1"');
    project.write({ "experiments/tune.ts": named });
    assay("build", "--quiet");
    const before = manifests();
    const { diagnostics, written } = json("build", "tune.small", "-m", "seed=1,2");
    expect(written).toBe(false);
    expect([...new Set(diagnostics.map(({ code, message }) => `${code}: ${message}`))]).toEqual([
      expect.stringContaining('build/output-name: an output can\'t be named "tune.small@seed=1.manifest.json"'),
      expect.stringContaining("the name is that of two builds"),
    ]);
    expect(manifests()).toEqual(before);
  });

  it("is offered where a value looks like several", () => {
    const help = (...line: string[]) =>
      json("check", "tune.small", ...line).diagnostics.map(({ code, help: text }) => [code, text]);
    const offer = "add `-m` if these are several values: each makes a manifest then";
    expect(help("batch=1,2", "model.optimizer.lr=fast")).toEqual([
      ["option/type", offer],
      ["option/type", "write a number"],
    ]);
  });

  it("has an answer for those who ask to build a point by its name", () => {
    const ran = assay("check", "tune.small@seed=1");
    expect(ran.stdout).toContain("help: build a point by its overrides, behind `tune.small -m`");
    expect(assay("why", "tune.small@seed=1").stderr).toContain("behind `tune.small -m`");
  });
});

/** Counts, for each file, how often the main thread reads it. */
const COUNT_READS = `import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { readFileSync } = fs;
const counts = {};
fs.readFileSync = (path, ...rest) => {
  counts[path] = (counts[path] ?? 0) + 1;
  return readFileSync(path, ...rest);
};
syncBuiltinESMExports();
process.once("exit", () => process.stderr.write(JSON.stringify(counts)));
`;

describe("a sweep of many points", () => {
  beforeAll(() => {
    project = temporaryProject({ "experiments/tune.ts": EXPERIMENT });
  });
  afterAll(() => project.remove());

  it("reads its sources as often as one point does", () => {
    const counter = `data:text/javascript,${encodeURIComponent(COUNT_READS)}`;
    const bin = join(compiledFolder(), "src/cli/bin.js");
    const reads = (seeds: string) => {
      const line = ["--import", counter, bin, "check", "tune.small", "-m", seeds, "--no-cache", "--quiet"];
      const { stderr } = spawnSync(process.execPath, line, { cwd: project.root, encoding: "utf8" });
      const counts = Object.entries(JSON.parse(stderr) as Record<string, number>);
      return Object.fromEntries(counts.filter(([file]) => file.startsWith(project.root) && !file.includes("/.assay/")));
    };
    const once = reads("seed=1");
    expect(Object.keys(once).some((file) => file.endsWith("/tune.ts"))).toBe(true);
    expect(reads("seed=1,2,3,4,5,6,7,8")).toEqual(once);
  });

  it("is built in one go, and again from the cache", () => {
    const seeds = `seed=${Array.from({ length: 300 }, (_, seed) => seed).join(",")}`;
    const built = json("build", "tune.small", "-m", seeds);
    expect(built).toMatchObject({ status: 0, written: true, sweep: { runnable: 300, gpus: 2400 } });
    expect(manifests()).toHaveLength(300);
    expect(new Set(built.sweep.points.map(({ hashes }) => hashes?.authored)).size).toBe(300);
    const again = json("build", "tune.small", "-m", seeds);
    expect(again.sweep).toEqual(built.sweep);
    expect(manifests()).toHaveLength(300);
  });
});
