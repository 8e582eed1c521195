import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../src/diagnostics/finding.ts";
import { temporaryProject } from "../../compiled-build.ts";
import { compiledFolder } from "../../crash/compiled.ts";

const EXPERIMENT = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** A tiny run. */
@Experiment("tiny", { tags: ["demo"] })
@Preset("one", {
  cluster: "one",
  allocationMode: "d4p1m2",
})
export class Tiny extends CommonExperiment {
  /** Sequences of a step. @range integer >= 1 */
  @Option() batch = 64;
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [promptAnswer({ datasetPath: "/storage/data.jsonl", maxLength: 128 })],
      models: { actor: this.actor },
      calls: { train: trainStep("actor", sft(), { nSeqs: this.batch }) },
    });
  }
}
`;

const project = temporaryProject({ "experiments/tiny.ts": EXPERIMENT });
afterAll(() => project.remove());

function assay(...line: string[]) {
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line], {
    cwd: join(project.root, "experiments"),
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** The story of an author, from top to bottom: each step stands on the one before. */
describe.sequential("a project", () => {
  it("has nothing to show before a build", () => {
    expect(assay("show")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("run `assay build`"),
    });
    expect(assay("list").stdout).toContain("A tiny run.");
  });

  it("is checked, and the second time nothing has changed", () => {
    const first = assay("check");
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^tiny +needs +allocationMode\ntiny\.one +proved +8 GPUs of one\n/);
    expect(first.stdout).toContain("not checked");
    const { stdout } = assay("check");
    expect(stdout.replace(/in .*$/m, "")).toBe(first.stdout.replace(/in .*$/m, ""));
    expect(stdout).toMatch(/, nothing changed\n$/);
    expect(existsSync(join(project.root, ".assay/index.json"))).toBe(false);
  });

  it("is built and shown", () => {
    expect(assay("build")).toMatchObject({ status: 0, stdout: expect.stringContaining("train d4p1m2") });
    const { experiments } = JSON.parse(assay("show", "--json").stdout) as { experiments: { name: string }[] };
    expect(experiments.map(({ name }) => name)).toEqual(["tiny"]);
    expect(assay("show", "tiny.one").stdout).toContain("actor@0");
  });

  it("says why, at the place where a value is written", () => {
    expect(assay("why", "tiny.one", "allocationMode").stdout).toContain(
      "set by preset `one`  experiments/tiny.ts:8:19",
    );
    expect(assay("why", "tiny.one", "batch").stdout).toContain("default in the class  experiments/tiny.ts:12:21");
    // The model's own values stand in the call that makes it, the rest in the classes of the library.
    expect(assay("why", "tiny.one", "actor.path").stdout).toContain("default in the class  experiments/tiny.ts:13:27");
    expect(assay("why", "tiny.one", "actor.type.family").stdout).toContain("experiments/tiny.ts:13:61");
    expect(assay("why", "tiny.one", "actor.optimizer.lr").stdout).toMatch(/default in the class {2}assay:src\/dsl\//);
    expect(assay("why", "tiny.one", "actor.megatron.ddp.bucketSize").stdout).toContain("experiments/tiny.ts:13:");
    const failing = assay("why", "tiny.one", "topology", "actor", "allocationMode=d4p1m3x");
    expect(failing).toMatchObject({ status: 1, stdout: "" });
    expect(failing.stderr).toContain("help: mend the errors above first");
    expect(assay("why", "nothing-like-it", "seed").stderr).toContain("help: known: `tiny`");
    const overridden = assay("why", "tiny.one", "/setups/0/modelRpcs/0/nSeqs", "batch=32");
    expect(overridden).toMatchObject({ status: 0, stderr: "" });
    expect(overridden.stdout).toContain("is 32\n");
    const seed = JSON.parse(assay("why", "tiny.one", "--json").stdout) as { options: { path: string; by: string }[] };
    expect(seed.options.find(({ path }) => path === "seed")?.by).toBe("the default in the class");
  });

  it("has its manifest resolved to the same bytes, and mistakes in it placed", () => {
    const file = join(project.root, ".assay/tiny.one.manifest.json");
    const text = readFileSync(file, "utf8");
    expect(assay("resolve", file, "--json")).toEqual({ status: 0, stdout: text, stderr: "" });
    project.write({ "mine.json": text.replace('"type":"prompt_answer"', '"type":"prompt_anser"') });
    const broken = assay("resolve", join(project.root, "mine.json"), "--format", "json");
    expect(broken.status).toBe(1);
    const { diagnostics } = JSON.parse(broken.stdout) as { diagnostics: Diagnostic[] };
    expect(diagnostics.map(({ code, primary }) => [code, primary?.line])).toEqual([["plugin/unknown-type", 1]]);
  });

  it("shows a wrong override at its characters, and writes nothing", () => {
    const ran = assay("build", "tiny.one", "batch=x", "allocationMode=d4p1m3");
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain("Nothing is written: the last good outputs stay.");
    const { diagnostics } = JSON.parse(assay("check", "tiny.one", "allocationMode=d4p1m3", "--json").stdout) as {
      diagnostics: Diagnostic[];
    };
    expect(diagnostics.map(({ code, primary }) => [code, primary])).toEqual([
      ["allocation/gpu-product", { file: "<command line>", line: 1, column: 37, length: 6 }],
    ]);
    expect(assay("show").stdout).toContain("fresh");
  });

  it("shows a mistake in the source as it is reached from here", () => {
    project.write({ "experiments/tiny.ts": EXPERIMENT.replace("d4p1m2", "d4p1m3") });
    const { status, stdout } = assay("check");
    expect(status).toBe(1);
    expect(stdout).toContain("--> tiny.ts:8:20\n");
    expect(stdout).toContain(`8 |   allocationMode: "d4p1m3",\n`);
    expect(assay("build", "--keep-going").status).toBe(1);
    expect(assay("show").stdout).toMatch(/tiny\.one +stale/);
  });
});
