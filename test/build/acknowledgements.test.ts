import { afterAll, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { watching } from "../watch/watching.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";

const FILE = "experiments/tune.ts";
const REASON = "call `evaluate` is there in larger runs only";
const NAMED = "train:d4p1m2,evaluate:d8p1m1";

interface Parts {
  /** Allocation of each of the two presets; the first has a layout of a call that is not there, unless told otherwise. */
  readonly first?: string;
  readonly second?: string;
  readonly acknowledge?: string;
  /** Further classes of the file. */
  readonly more?: string;
}

function source({ first = NAMED, second = "d8p1m1", acknowledge = "", more = "" }: Parts): string {
  return `import { CommonExperiment, Experiment, flow, model, Option, Preset, preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

@Experiment("tune")
@Preset("first", { cluster: "one", allocationMode: "${first}" })
@Preset("second", { cluster: "one", allocationMode: "${second}" })
export class Tune extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b");
  ${acknowledge}

  override flow() {
    return flow({
      datasets: [promptAnswer({ datasetPath: "/data/train.jsonl", maxLength: 1024 })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
${more}`;
}

const ACKNOWLEDGED = `acknowledge = {\n    "allocation/unused-name": "${REASON}",\n  };`;

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

function projectOf(parts: Parts): TemporaryProject {
  const project = temporaryProject({ [FILE]: source(parts) });
  projects.push(project);
  return project;
}

function told({ diagnostics }: BuildReport) {
  return diagnostics.map(({ code, experiment, primary }) => [code, experiment, primary?.line ?? null]);
}

function lineOf(parts: Parts, text: string): number {
  return (
    source(parts)
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

const UNUSED = "config/unused-acknowledgement";

describe("an acknowledgement in a class", () => {
  it("that fits one of the presets is used, and each build says what it takes for granted", async () => {
    const { root } = projectOf({ acknowledge: ACKNOWLEDGED });
    const cold = await compiledBuild(root, { write: true, cache: true });
    expect(told(cold)).toEqual([]);
    const assumed = cold.experiments[0]?.builds.map(({ preset, reach }) => [
      preset,
      reach?.assumed.some((text) => text.includes(REASON)) ?? null,
    ]);
    expect(assumed).toEqual([
      [null, null],
      ["first", true],
      ["second", false],
    ]);
    expect(cold.acknowledged.map(({ diagnostic, reason }) => [diagnostic.experiment, diagnostic.code, reason])).toEqual(
      [["tune.first", "allocation/unused-name", REASON]],
    );
    const [accepted] = cold.acknowledged;
    expect(accepted?.acknowledgedAt?.line).toBe(lineOf({ acknowledge: ACKNOWLEDGED }, REASON));
    expect(accepted?.diagnostic.primary?.line).toBe(lineOf({}, NAMED));
    const again = await compiledBuild(root, { write: true, cache: true });
    expect([again.cached, told(again), again.acknowledged]).toEqual([true, [], cold.acknowledged]);
  });

  it("that fits no preset is one warning where it stands, also from the cache of experiments", async () => {
    const parts = { first: "d4p1m2", acknowledge: ACKNOWLEDGED };
    const { root, write } = projectOf(parts);
    const expected = [[UNUSED, "tune", lineOf(parts, REASON)]];
    expect(told(await compiledBuild(root, { write: true, cache: true }))).toEqual(expected);
    write({ "experiments/other.ts": source({}).replace(`@Experiment("tune")`, `@Experiment("other")`) });
    const other = await compiledBuild(root, { write: true, cache: true });
    expect(other.cached).toBe(false);
    expect(told(other).filter(([, experiment]) => experiment === "tune")).toEqual(expected);
  });

  it("is not called unused by who looked at less than all", async () => {
    const { root } = projectOf({ first: "d4p1m2", acknowledge: ACKNOWLEDGED });
    expect(told(await compiledBuild(root, { only: ["tune.second"] }))).toEqual([]);
    expect(told(await compiledBuild(root, { only: ["tune.first", "tune.second"] }))).toEqual([]);
    expect(told(await compiledBuild(root, { only: ["tune"] }))).toHaveLength(1);
    const span = { file: "<command line>", line: 1, column: 1, length: 9 };
    const overrides = [{ path: "seed", value: 3, span }];
    expect(told(await compiledBuild(root, { overrides }))).toEqual([]);
    const sweep = { points: [overrides], unsplit: [], mostPoints: 10 };
    expect(told(await compiledBuild(root, { only: ["tune"], sweep }))).toEqual([]);
  });

  it("is not called unused while a build has errors, which may hide the warning", async () => {
    const { root } = projectOf({ first: "d16p1m2", acknowledge: ACKNOWLEDGED });
    expect(told(await compiledBuild(root)).map(([code]) => code)).toEqual(["allocation/gpu-product"]);
  });

  it("of a class that others extend is used if it fits any of them", async () => {
    const base = { first: "d4p1m2", acknowledge: ACKNOWLEDGED };
    const derived = `@Experiment("derived")
@Preset("named", { cluster: "one", allocationMode: "${NAMED}" })
export class Derived extends Tune {}
`;
    const used = projectOf({ ...base, more: derived });
    expect(told(await compiledBuild(used.root))).toEqual([]);
    // The other one was not looked at.
    expect(told(await compiledBuild(used.root, { only: ["tune"] }))).toEqual([]);
    const unused = { ...base, more: derived.replace(NAMED, "d4p1m2") };
    const line = lineOf(unused, REASON);
    expect(told(await compiledBuild(projectOf(unused).root))).toEqual([
      [UNUSED, "tune", line],
      [UNUSED, "derived", line],
    ]);
  });

  it("is told at its own class, where another one of the file acknowledges the same", async () => {
    const parts = {
      acknowledge: ACKNOWLEDGED,
      more: `@Experiment("own")
@Preset("only", { cluster: "one", allocationMode: "d8p1m1" })
export class Own extends Tune {
  override acknowledge = { "allocation/unused-name": "never" };
}
`,
    };
    expect(told(await compiledBuild(projectOf(parts).root))).toEqual([[UNUSED, "own", lineOf(parts, `"never"`)]]);
  });

  it("comes and goes with a watch as the presets do", async () => {
    const parts = { acknowledge: ACKNOWLEDGED };
    const { root, write } = projectOf(parts);
    const watch = await watching(root);
    try {
      expect(told(watch.reports[0] as BuildReport)).toEqual([]);
      const unused = { ...parts, first: "d4p1m2" };
      const isTold = (report: BuildReport) => told(report).length > 0;
      const report = await watch.after(() => write({ [FILE]: source(unused) }), isTold);
      expect(told(report)).toEqual([[UNUSED, "tune", lineOf(unused, REASON)]]);
      const again = await watch.after(
        () => write({ [FILE]: source(parts) }),
        (next) => !isTold(next),
      );
      expect(again.acknowledged.map(({ reason }) => reason)).toEqual([REASON]);
    } finally {
      await watch.watcher.close();
    }
  });

  it("of what is a warning in one preset only is no mistake for the others", async () => {
    const parts = {
      first: "d8p1m1",
      acknowledge: `@Option() spare = model("qwen2.5-1.5b");
  acknowledge = { "option/range": "kept for later" };`,
    };
    const spared = source(parts).replace(
      `allocationMode: "d8p1m1" })`,
      `allocationMode: "d8p1m1", "spare.optimizer.lr": -1 })`,
    );
    const project = temporaryProject({ [FILE]: spared });
    projects.push(project);
    const report = await compiledBuild(project.root);
    expect(told(report)).toEqual([]);
    expect(report.acknowledged.map(({ diagnostic }) => [diagnostic.experiment, diagnostic.code])).toEqual([
      ["tune.first", "option/range"],
    ]);
  });
});

describe("a build with errors", () => {
  it("has no reach: what would be said of it is not to be relied on", async () => {
    const { experiments } = await compiledBuild(projectOf({ first: "d16p1m2" }).root);
    expect(experiments[0]?.builds.map(({ preset, status, reach }) => [preset, status, reach === null])).toEqual([
      [null, "needs", true],
      ["first", "failed", true],
      ["second", "proved", false],
    ]);
  });
});
