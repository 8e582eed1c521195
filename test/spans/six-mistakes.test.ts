import { afterAll, describe, expect, it } from "vitest";
import type { OverrideArgument } from "../../codegen/evaluate/protocol.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";

/** Parts of an experiment with one train step; each may hold a mistake of its own. */
const PARTS = {
  doc: "/** Sequences. @range >= 1 */",
  sequences: "64",
  allocation: `"d8p1m1"`,
  preset: "",
  path: `"qwen2.5-1.5b"`,
  family: `"qwen2"`,
  backend: `"megatron"`,
  role: `"default"`,
  settings: "",
  maxLength: "1024",
  more: "",
  group: "tasksGroup(8, modelWorkerDefault(cluster))",
  acknowledge: "",
};
type Parts = Partial<typeof PARTS>;

function experiment(parts: Parts): string {
  const p = { ...PARTS, ...parts };
  return `import { clusterSpec, CommonExperiment, evaluate, Experiment, experimentScheduling, flow, inference, masterWorkerDefault, model, modelWorkerDefault, Option, Preset, tasksGroup, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
const cluster = clusterSpec();
void [evaluate, inference];

/** Tunes. */
@Experiment("tune")
@Preset("small", { cluster: "one", allocationMode: ${p.allocation}${p.preset} } as never)
export class Tune extends CommonExperiment {
  ${p.doc}
  @Option() sequences = ${p.sequences};
  /** The model. */
  @Option() model = model(${p.path}, { type: { family: ${p.family} }, backend: ${p.backend} });
  ${p.acknowledge}

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: ${p.maxLength}, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep(${p.role} as never, sft(), { nSeqs: this.sequences${p.settings} }), ${p.more} } as never,
    });
  }

  override schedulingSetup() {
    return experimentScheduling({ modelWorker: ${p.group}, masterWorker: tasksGroup(1, masterWorkerDefault(cluster)) });
  }
}
`;
}

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

/** Codes of a build, sorted; those of several presets once. */
async function codesOf(parts: Parts, overrides: readonly OverrideArgument[] = []): Promise<readonly string[]> {
  const project = temporaryProject({ "experiments/tune.ts": experiment(parts) });
  projects.push(project);
  const { diagnostics } = await compiledBuild(project.root, { overrides });
  const distinct = new Map(
    diagnostics.map(({ code, primary, message }) => [JSON.stringify([code, primary, message]), code]),
  );
  return [...distinct.values()].sort();
}

const WRONG_OVERRIDE: OverrideArgument = {
  path: "model.optimizer.lrr",
  value: 1,
  span: { file: "<command line>", line: 1, column: 13, length: 21 },
};

const MISTAKES = {
  range: [{ doc: "/** Sequences. @range >> 1 */" }, "codegen/bad-range"],
  default: [{ sequences: "0" }, "option/range"],
  args: [{ maxLength: "-5" }, "plugin/args"],
  reads: [{ settings: `, reads: ["packed_input_ids", "prompt_maks"]` }, "plugin/interface-key"],
  product: [{ allocation: `"d4p1m1"` }, "allocation/gpu-product"],
  heads: [{ allocation: `"d1p1m8"` }, "model/heads-not-divisible"],
  syntax: [{ allocation: `"d8x1m1"` }, "allocation/syntax"],
  time: [{ group: `tasksGroup(8, modelWorkerDefault(cluster, { timeLimit: "soon" }))` }, "scheduling/time"],
  count: [{ group: "tasksGroup(7, modelWorkerDefault(cluster))" }, "scheduling/count-mismatch"],
  role: [{ role: `"actor"` }, "dsl/unknown-role"],
  backend: [{ backend: `"megatrom"` }, "allocation/backend"],
  preset: [{ preset: ", sed: 2" }, "option/unknown"],
  path: [{ path: `"/nowhere"` }, "model/not-in-catalogue"],
} as const satisfies Readonly<Record<string, readonly [Parts, string]>>;

describe("an experiment without a mistake", () => {
  it("has no diagnostics", async () => {
    expect(await codesOf({})).toEqual([]);
  });
});

describe("six mistakes", () => {
  it("are six diagnostics", async () => {
    const parts: Parts = {
      ...MISTAKES.range[0],
      ...MISTAKES.args[0],
      ...MISTAKES.reads[0],
      ...MISTAKES.heads[0],
      ...MISTAKES.time[0],
    };
    expect(await codesOf(parts, [WRONG_OVERRIDE])).toEqual([
      "codegen/bad-range",
      "model/heads-not-divisible",
      "option/unknown",
      "plugin/args",
      "plugin/interface-key",
      "scheduling/time",
    ]);
  });
});

describe("a wrong option that a plugin takes as an argument", () => {
  it("is one mistake", async () => {
    expect(await codesOf({ sequences: "0", maxLength: "this.sequences" })).toEqual(["option/range"]);
    expect(await codesOf({ sequences: "0", maxLength: "-5" })).toEqual(["option/range", "plugin/args"]);
  });
});

const TOGETHER: readonly (readonly (keyof typeof MISTAKES)[])[] = [
  ["default", "product"],
  ["default", "syntax"],
  ["product", "backend"],
  ["syntax", "backend"],
  ["product", "reads"],
  ["syntax", "args", "time"],
  ["role", "reads"],
  ["role", "time"],
  ["preset", "product"],
  ["product", "count"],
  ["backend", "args", "reads"],
  ["heads", "count"],
  ["path", "args"],
  ["path", "time", "reads"],
  ["preset", "syntax", "role"],
];

describe("mistakes together are told each once", () => {
  it.each(TOGETHER.map((names) => [names.join(" + "), names] as const))("%s", async (_, names) => {
    const parts = Object.assign({}, ...names.map((name) => MISTAKES[name][0])) as Parts;
    expect(await codesOf(parts)).toEqual(names.map((name) => MISTAKES[name][1]).sort());
  });
});
