import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmptyProject, packBoth, sound } from "./project.ts";

// Somebody else's project that runs what is shipped: without a class, and with a class that stands on a shipped one.
let folder = "";
let project: EmptyProject;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-own-runs-"));
  project = new EmptyProject([packBoth(folder).assay.tarball]);
  project.copy("own-runs");
});
afterAll(() => {
  project?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const SOURCE = "experiments/runs.ts";

interface Diagnostic {
  readonly code: string;
  readonly primary: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly length: number;
  } | null;
}

interface Manifest {
  readonly authored: {
    readonly setups: readonly {
      readonly modelRpcs: readonly {
        readonly name: string;
        readonly nSeqs: number;
        readonly interfaceImpl: { readonly args: Readonly<Record<string, unknown>> };
      }[];
      readonly modelWorker: { readonly count: number };
    }[];
  };
}

function manifest(name: string): Manifest {
  return JSON.parse(project.read(`.assay/${name}.manifest.json`)) as Manifest;
}

/** Codes, and the text that each points at, of a check with one thing changed in the source. */
function mistake(right: string, wrong: string): readonly (readonly [code: string, text: string])[] {
  const source = project.read(SOURCE);
  const changed = source.replace(right, wrong);
  expect(changed).not.toBe(source);
  project.write({ [SOURCE]: changed });
  const { status, stdout } = project.assay("check", "--json");
  project.write({ [SOURCE]: source });
  expect(status).toBe(1);
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  return diagnostics.map(({ code, primary }) => {
    expect(primary?.file).toBe(SOURCE);
    const { line = 1, column = 1, length = 0 } = primary ?? {};
    return [code, (changed.split("\n")[line - 1] ?? "").slice(column - 1, column - 1 + length)] as const;
  });
}

describe("runs of a shipped experiment in a project of one's own", () => {
  it("are proved, built and compiled", () => {
    const { stdout } = sound(project.assay("build"));
    expect(stdout).toContain("no errors");
    sound(project.tsc("-p", "."));
    const [mine] = manifest("my-run").authored.setups;
    expect(
      mine?.modelRpcs.map(({ name, nSeqs, interfaceImpl }) => [name, nSeqs, interfaceImpl.args["groupSize"]]),
    ).toEqual([
      ["actor_gen", 128, 8],
      ["actor_train", 128, 8],
      ["rew_inf", 128, 8],
    ]);
    expect(mine?.modelWorker.count).toBe(8);
  });

  it("may add options of their own to a shipped class", () => {
    const [mine] = manifest("my-class.both-nodes").authored.setups;
    expect(mine?.modelRpcs[0]?.interfaceImpl.args["groupSize"]).toBe(8);
    expect(mine?.modelWorker.count).toBe(16);
    const { stdout } = sound(project.assay("why", "my-class.both-nodes", "groupsPerNode"));
    expect(stdout).toContain("option `groupsPerNode` is 4");
    expect(stdout).toContain("it means: Answers to each problem for every node.");
  });

  it("need not import what they stand on", () => {
    const [evaluation] = manifest("my-eval").authored.setups;
    expect(evaluation?.modelRpcs.map(({ name }) => name)).toEqual(["actor_gen", "rew_inf"]);
    const [longer] = manifest("my-longer-run").authored.setups;
    expect(longer?.modelRpcs[0]?.interfaceImpl.args).toMatchObject({
      groupSize: 8,
      generationConfig: { maxNewTokens: 8192 },
    });
  });

  it("are made by name in a program, typed", () => {
    project.write({
      "program/main.ts": `import "../assay.gen.js";
import { loadExperiment } from "assay";

const run = await loadExperiment("my-run", { "actor.optimizer.lr": 2e-5 });
const own = await loadExperiment("my-class", { groupsPerNode: 2 }, { preset: "both-nodes" });
declare const console: { log(text: string): void };
const lr: number | undefined = run.actor.optimizer?.lr;
const evaluation = await loadExperiment("my-eval", { "genConfig.n": 2 });
const longer = await loadExperiment("my-longer-run");
console.log(JSON.stringify([lr, run.groupSize, own.groupsPerNode, own.nNodes, evaluation.genConfig.n, longer.ppo.gen.maxNewTokens]));
`,
      "program/wrong.ts": `import "../assay.gen.js";
import { makeExperiment } from "assay";

makeExperiment("my-ran");
makeExperiment("my-run", { groupsPerNode: 2 });
makeExperiment("my-class", { groupsPerNode: "2" });
`,
    });
    const { stdout: errors } = project.tsc("-p", ".", "--outDir", "out");
    expect(errors.match(/^program\/wrong\.ts\(\d+,\d+\)/gm)).toEqual([
      "program/wrong.ts(4,16)",
      "program/wrong.ts(5,28)",
      "program/wrong.ts(6,30)",
    ]);
    expect(errors.match(/error TS/g)).toHaveLength(3);
    const made = JSON.parse(sound(project.node("out/program/main.js")).stdout) as unknown;
    expect(made).toEqual([2e-5, 8, 2, 2, 2, 8192]);
    project.delete("program");
  });

  it.each([
    ["optimizer: { lr", "optimiser: { lr", "option/unknown", "optimiser"],
    ["/models/math-7b", "/models/math-8b", "model/not-in-catalogue", '"/models/math-8b"'],
    ["+d2p2m1", "+d2p2m2", "allocation/gpu-product", "d2p2m2"],
    ["trainBsNSeqs: 128", "trainBsNSeqs: 3", "allocation/batch-too-small", "3"],
    ["groupSize: 8,", "groupSize: 8, refEmaEta: 0.5,", "call/blend-without-model", "0.5"],
    ["klCtl: 0,", "klCtl: 0, gen: { topP: 2 },", "option/range", "2"],
    ["groupsPerNode: 4", "groupsPerNode: 0", "option/range", "0"],
    ["override flow()", "override groupSize = 0;\n  override flow()", "option/range", "0"],
  ])("point at the mistake where `%s` is `%s`", (right, wrong, code, text) => {
    const found = mistake(right, wrong);
    expect(new Set(found.map((one) => one.join(" ")))).toEqual(new Set([`${code} ${text}`]));
  });

  it("are swept", () => {
    const { stdout } = sound(project.assay("build", "my-run", "-m", "actor.optimizer.lr=1e-5,2e-5", "groupSize=8,16"));
    expect(stdout).toContain("4 points: 32 GPUs together");
    const names = ["1e-5", "2e-5"].flatMap((lr) =>
      ["8", "16"].map((size) => `my-run@actor.optimizer.lr=${lr},groupSize=${size}`),
    );
    const sizes = names.map((name) => manifest(name).authored.setups[0]?.modelRpcs[0]?.interfaceImpl.args["groupSize"]);
    expect(sizes).toEqual([8, 16, 8, 16]);
  });
});
