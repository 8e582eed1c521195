import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BuildIndex } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

/** An experiment whose number of sequences tells which generation of sources it is from. */
function tune(name: string, sequences: number | string, allocation = "d8p1m1"): string {
  return `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

@Experiment("${name}")
@Preset("small", { cluster: "one", allocationMode: "${allocation}" })
export class Tune extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b");
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: ${sequences} }) },
    });
  }
}
`;
}

let project: TemporaryProject;
afterEach(() => project.remove());

const bin = () => join(compiledFolder(), "src/cli/bin.js");
const out = (name: string) => join(project.root, ".assay", name);
const index = () => JSON.parse(readFileSync(out("index.json"), "utf8")) as BuildIndex;
const statuses = () =>
  Object.fromEntries(
    index().experiments.flatMap(({ name, builds }) =>
      builds.map(({ preset, status }) => [preset === null ? name : `${name}.${preset}`, status]),
    ),
  );

/** Sequences of the manifests that are there now, by experiment. */
function generations(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    readdirSync(join(project.root, ".assay"))
      .filter((name) => name.endsWith(".manifest.json") && existsSync(out(name)))
      .map((name) => {
        const manifest = JSON.parse(readFileSync(out(name), "utf8")) as {
          authored: { setups: readonly { modelRpcs: readonly { nSeqs: number }[] }[] };
        };
        return [name.split(".")[0] ?? "", manifest.authored.setups[0]?.modelRpcs[0]?.nSeqs ?? -1];
      }),
  );
}

const files = (generation: number, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`experiments/${name}.ts`, tune(name, generation)]));

describe("outputs", () => {
  it("of a build with an error are the last good ones, all of them", async () => {
    project = temporaryProject(files(8, ["a", "b"]));
    expect((await compiledBuild(project.root, { write: true })).written).toBe(true);
    const before = readdirSync(join(project.root, ".assay")).sort();
    const manifest = readFileSync(out("a.small.manifest.json"), "utf8");
    const generated = readFileSync(join(project.root, "assay.gen.ts"), "utf8");
    project.write({ ...files(16, ["a"]), "experiments/b.ts": tune("b", 0) });
    const failed = await compiledBuild(project.root, { write: true });
    expect(failed.written).toBe(false);
    expect(failed.diagnostics.map(({ code }) => code)).toEqual(["call/n-seqs"]);
    expect(readdirSync(join(project.root, ".assay")).sort()).toEqual(before);
    expect(readFileSync(out("a.small.manifest.json"), "utf8")).toBe(manifest);
    expect(readFileSync(join(project.root, "assay.gen.ts"), "utf8")).toBe(generated);
  });

  it("of the sound experiments are written with --keep-going, and the index names the stale ones", async () => {
    project = temporaryProject(files(8, ["a", "b"]));
    await compiledBuild(project.root, { write: true });
    project.write({ ...files(16, ["a"]), "experiments/b.ts": tune("b", 0), "experiments/c.ts": tune("c", 0) });
    const kept = await compiledBuild(project.root, { write: true, keepGoing: true });
    expect(kept.written).toBe(true);
    expect(generations()).toEqual({ a: 16, b: 8 });
    expect(statuses()).toEqual({
      a: "needs",
      "a.small": "fresh",
      b: "needs",
      "b.small": "stale",
      c: "needs",
      "c.small": "failed",
    });
  });

  it("of experiments that are gone are gone, and those that were not asked for stay", async () => {
    project = temporaryProject(files(8, ["a", "b"]));
    await compiledBuild(project.root, { write: true });
    project.write(files(16, ["a", "b"]));
    await compiledBuild(project.root, { write: true, only: ["a"] });
    expect(generations()).toEqual({ a: 16, b: 8 });
    project.write({ "experiments/b.ts": "export {};\n" });
    await compiledBuild(project.root, { write: true });
    expect(generations()).toEqual({ a: 16 });
  });

  it("are those of one build, whole, whenever a build is killed", async () => {
    const names = Array.from({ length: 12 }, (_, number) => `e${number}`);
    project = temporaryProject(files(8, names));
    const build = () => spawnSync(process.execPath, [bin(), "build", "--quiet"], { cwd: project.root });
    expect(build().status).toBe(0);
    let killed = 0;
    for (let generation = 10; generation < 22; generation += 1) {
      project.write(files(generation, names));
      const child = spawn(process.execPath, [bin(), "build", "--quiet"], { cwd: project.root });
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.on("exit", (_code, signal) => resolve(signal)),
      );
      // From the middle of evaluation to after the end.
      await new Promise((resolve) => setTimeout(resolve, generation * 25));
      child.kill("SIGKILL");
      if ((await ended) === "SIGKILL") killed += 1;
      const seen = generations();
      expect(Object.keys(seen)).toHaveLength(names.length);
      expect(new Set(Object.values(seen)).size).toBe(1);
    }
    expect(killed).toBeGreaterThan(0);
    project.write(files(99, names));
    expect(build().status).toBe(0);
    expect(new Set(Object.values(generations()))).toEqual(new Set([99]));
  });

  it("of two builds at once are those of one of them", async () => {
    const names = Array.from({ length: 8 }, (_, number) => `e${number}`);
    project = temporaryProject(files(8, names));
    const run = (sequences: number) =>
      new Promise<number | null>((resolve) => {
        const child = spawn(process.execPath, [bin(), "build", "--quiet", "--no-cache", "seed=" + sequences], {
          cwd: project.root,
        });
        child.on("exit", (code) => resolve(code));
      });
    const seeds = (): ReadonlySet<number> =>
      new Set(
        names.map((name) => {
          const manifest = JSON.parse(readFileSync(out(`${name}.small.manifest.json`), "utf8")) as {
            authored: { setups: readonly { modelWorker: { shared: { baseSeed: number } } }[] };
          };
          return manifest.authored.setups[0]?.modelWorker.shared.baseSeed ?? -1;
        }),
      );
    for (let round = 0; round < 3; round += 1) {
      expect(await Promise.all([run(101), run(202)])).toEqual([0, 0]);
      expect(seeds().size).toBe(1);
    }
  });
});

describe("the same sources", () => {
  it("give the same bytes in another folder, for another user, time zone and locale", async () => {
    const environment = (user: string, zone: string, locale: string) => ({
      PATH: process.env["PATH"],
      HOME: `/home/${user}`,
      USER: user,
      LOGNAME: user,
      TZ: zone,
      LANG: locale,
      LC_ALL: locale,
    });
    const outputs = (env: NodeJS.ProcessEnv) => {
      project = temporaryProject(files(8, ["a", "b"]));
      expect(spawnSync(process.execPath, [bin(), "build", "--quiet"], { cwd: project.root, env }).status).toBe(0);
      const made = readdirSync(join(project.root, ".assay"))
        .filter((name) => name.endsWith(".json"))
        .map((name) => [name, readFileSync(out(name), "utf8")] as const);
      const generated = readFileSync(join(project.root, "assay.gen.ts"), "utf8");
      const { root } = project;
      project.remove();
      return { made, generated, root };
    };
    const one = outputs(environment("ada", "Pacific/Auckland", "tr_TR.UTF-8"));
    const other = outputs(environment("root", "UTC", "C"));
    expect(one.made.map(([name]) => name)).toHaveLength(5);
    expect(one.made).toEqual(other.made);
    expect(one.generated).toBe(other.generated);
    for (const [, text] of one.made) expect(text).not.toContain(one.root);
  });
});
