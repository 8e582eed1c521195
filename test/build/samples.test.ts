import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Diagnostic, Span } from "../../src/diagnostics/finding.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";

const open: TemporaryProject[] = [];
afterEach(() => {
  for (const project of open.splice(0)) project.remove();
});

function projectOf(files: Readonly<Record<string, string>>): TemporaryProject {
  const project = temporaryProject(files);
  open.push(project);
  return project;
}

/** Lines of a sample. */
const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const config = (samples: string, more = ""): string => `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  inputs: ["data/*.jsonl"],
  samples: ${samples},${more}
});
`;

const SFT = (path: string, batch = 8): string => `import { preset } from "assay";
import "assay/experiments";

preset("sft", "fine", {
  cluster: "one",
  allocationMode: "d8p1m1",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: {
    trainPath: "${path}",
    validPath: "/shared/valid.jsonl",
    trainBsNSeqs: ${batch},
  },
});
`;

const PAIR = { prompt: "1 + 1?", answer: "2" };
const eight = Array.from({ length: 8 }, () => PAIR);

/** The text that a place covers. */
function textAt(project: TemporaryProject, span: Span | null): string {
  if (span === null) return "";
  const line = readFileSync(join(project.root, span.file), "utf8").split("\n")[span.line - 1] ?? "";
  return `${span.file}:${span.line} ${line.slice(span.column - 1, span.column - 1 + span.length)}`;
}

const codesOf = (diagnostics: readonly Diagnostic[]): readonly string[] => diagnostics.map(({ code }) => code);

describe("a sample", () => {
  it("is the dataset itself, if its path is a declared input", async () => {
    const project = projectOf({
      "assay.config.ts": config("{}"),
      "experiments/fine.ts": SFT("./data/train.jsonl"),
      "data/train.jsonl": lines(...eight.slice(1), { prompt: "3?" }),
    });
    const { diagnostics } = await compiledBuild(project.root);
    expect(codesOf(diagnostics)).toEqual(["dataset/missing-column"]);
    expect(textAt(project, diagnostics[0]?.primary ?? null)).toBe('experiments/fine.ts:9 "./data/train.jsonl"');
    expect(diagnostics[0]?.related.map(({ span }) => textAt(project, span))).toContain(
      'data/train.jsonl:8 {"prompt":"3?"}',
    );
    project.write({ "data/train.jsonl": lines(...eight) });
    expect((await compiledBuild(project.root)).diagnostics).toEqual([]);
  });

  it("has all rows then, and these must fill a batch", async () => {
    const project = projectOf({
      "assay.config.ts": config("{}"),
      "experiments/fine.ts": SFT("data/train.jsonl", 16),
      "data/train.jsonl": lines(...eight),
    });
    const { diagnostics } = await compiledBuild(project.root);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "call `trainDefault` takes 16 sequences a step, but `data/train.jsonl` has 8 rows in all",
    ]);
    expect(textAt(project, diagnostics[0]?.primary ?? null)).toBe("experiments/fine.ts:11 16");
  });

  it("is what the config names for a path, of whatever experiment", async () => {
    const table = (entry: string) => config(`{ "/shared/train.jsonl": ${entry} }`);
    const project = projectOf({
      "assay.config.ts": table('"data/some.jsonl"'),
      "experiments/fine.ts": SFT("/shared/train.jsonl", 16),
      "data/some.jsonl": lines(...eight),
    });
    const first = await compiledBuild(project.root);
    expect(first.diagnostics).toEqual([]);
    expect(first.experiments[0]?.builds[0]?.reach?.assumed).toContain(
      "rows of datasets that their samples don't have are like those that they have",
    );
    project.write({ "assay.config.ts": table('{ file: "data/some.jsonl", whole: true }') });
    expect(codesOf((await compiledBuild(project.root)).diagnostics)).toEqual(["dataset/fewer-rows-than-batch"]);
    project.write({ "data/some.jsonl": lines({ ...PAIR, answer: 2 }) });
    expect(codesOf((await compiledBuild(project.root)).diagnostics).sort()).toEqual([
      "dataset/column-type",
      "dataset/fewer-rows-than-batch",
    ]);
  });

  it.each([
    ['{ "/shared/train.jsonl": "data/none.jsonl" }', "build/config-path", '"data/none.jsonl"'],
    ['{ "/shared/train.jsonl": "../train.jsonl" }', "build/config-path", '"../train.jsonl"'],
    ['{ "/shared/train.jsonl": 3 }', "build/config-type", "3"],
    ['{ "/shared/train.jsonl": { file: "data/some.jsonl", whole: "yes" } }', "build/config-type", '"yes"'],
    ['{ "/shared/train.jsonl": { whole: true } }', "build/config-type", "{ whole: true }"],
    ['{ "/shared/train.jsonl": { file: "data/some.jsonl", all: true } }', "build/config-unknown-key", "all"],
    ['["data/some.jsonl"]', "build/config-type", '["data/some.jsonl"]'],
  ])("can't be %s", async (samples, code, place) => {
    const project = projectOf({
      "assay.config.ts": config(samples),
      "experiments/fine.ts": SFT("/shared/train.jsonl"),
      "data/some.jsonl": lines(...eight),
    });
    const { diagnostics } = await compiledBuild(project.root);
    expect(codesOf(diagnostics)).toEqual([code]);
    expect(textAt(project, diagnostics[0]?.primary ?? null)).toContain(place);
  });

  it("is looked at anew when it changes, and only then", async () => {
    const project = projectOf({
      "assay.config.ts": config("{}"),
      "experiments/fine.ts": SFT("data/train.jsonl"),
      "data/train.jsonl": lines(...eight),
    });
    const build = () => compiledBuild(project.root, { write: true, cache: true });
    expect((await build()).diagnostics).toEqual([]);
    expect((await build()).cached).toBe(true);
    project.write({ "data/train.jsonl": `${lines(...eight)}{\n` });
    const changed = await build();
    expect([changed.cached, codesOf(changed.diagnostics)]).toEqual([false, ["dataset/not-json"]]);
    expect(changed.diagnostics[0]?.message).toBe("line 9 of `data/train.jsonl` is no JSON object: it ends too early");
  });

  it("leaves no row in a manifest", async () => {
    const project = projectOf({
      "assay.config.ts": config("{}"),
      "experiments/fine.ts": SFT("data/train.jsonl"),
      "data/train.jsonl": lines(...eight.slice(1), { prompt: "nobody's business", answer: "indeed" }),
    });
    await compiledBuild(project.root, { write: true });
    const text = readFileSync(join(project.root, ".assay", "fine.manifest.json"), "utf8");
    expect(text).toContain('"samples":{"data/train.jsonl"');
    expect(text).not.toContain("business");
    expect(text).not.toContain("indeed");
  });
});

const PLUGIN = `import { defineDataset, defineInterface } from "assay/plugin";

/** Rows whose columns are named by arguments. */
export const rows = defineDataset({
  type: "rows",
  args: {
    type: "object",
    properties: { path: { type: "string" }, promptKey: { type: "string" }, labelKey: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
  yields: ["packed_prompts"],
  paths: ["path"],
  columns: { prompt: { type: "string", namedBy: "promptKey" }, label: { type: "string", namedBy: "labelKey" } },
});

/** Scores by the source of a row. */
export const scored = defineInterface({
  type: "scored",
  args: { type: "object", properties: {}, additionalProperties: false },
  calls: { inference: { reads: { required: ["packed_prompts"] }, yields: { always: ["rewards"] } } },
  covers: { data_source: ["gsm8k", "math"] },
});
`;

const RUN = (
  keys: string,
): string => `import { CommonExperiment, Experiment, flow, inference, model, Option, trainStep } from "assay";
import { nullInterface } from "assay/plugins";
import { rows, scored } from "../plugins/rows.ts";

@Experiment("run")
export class Run extends CommonExperiment {
  @Option() override allocationMode = "d8p1m1";
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [rows({ path: "data/rows.jsonl"${keys} })],
      models: { actor: this.actor },
      calls: {
        score: inference("actor", scored(), { nSeqs: 1 * 8 }),
        train: trainStep("actor", nullInterface(), { nSeqs: 8, reads: ["packed_prompts", "rewards"] }),
      },
    });
  }
}
`;

const QUESTION = { question: "1 + 1?", answer: "2", data_source: "math" };
const many = (row: object): readonly object[] => Array.from({ length: 8 }, () => row);

/** What stopped runs on clusters: the keys of a dataset, its rows, the code that stops it now and where. */
const FAILURES: readonly (readonly [string, string, readonly object[], string, string])[] = [
  [
    "a key that names no column",
    ', promptKey: "questions", labelKey: "answer"',
    many(QUESTION),
    "dataset/missing-column",
    'experiments/run.ts:12 "questions"',
  ],
  [
    "columns of other names, and no keys",
    ', labelKey: "answer"',
    many(QUESTION),
    "dataset/missing-column",
    'experiments/run.ts:12 "data/rows.jsonl"',
  ],
  [
    "rows that don't say where they are from",
    ', promptKey: "question", labelKey: "answer"',
    many({ question: "1 + 1?", answer: "2" }),
    "dataset/missing-column",
    'experiments/run.ts:12 "data/rows.jsonl"',
  ],
  [
    "rows from where no reward knows its way",
    ', promptKey: "question", labelKey: "answer"',
    [...many(QUESTION), { ...QUESTION, data_source: "openai/gsm8k" }],
    "dataset/uncovered-source",
    'experiments/run.ts:12 "data/rows.jsonl"',
  ],
];

describe("what stopped runs after they had begun", () => {
  const files = (keys: string, data: readonly object[]) => ({
    "assay.config.ts": config("{}", '\n  plugins: ["./plugins/rows.ts"],'),
    "plugins/rows.ts": PLUGIN,
    "experiments/run.ts": RUN(keys),
    "data/rows.jsonl": lines(...data),
  });

  it.each(FAILURES)("%s", async (_what, keys, data, code, place) => {
    const project = projectOf(files(keys, data));
    const { diagnostics } = await compiledBuild(project.root);
    expect(codesOf(diagnostics)).toEqual([code]);
    expect(textAt(project, diagnostics[0]?.primary ?? null)).toBe(place);
  });

  it("and its cure", async () => {
    const project = projectOf(files(', promptKey: "question", labelKey: "answer"', many(QUESTION)));
    expect((await compiledBuild(project.root)).diagnostics).toEqual([]);
  });
});
