import "assay/experiments";
import { CommonExperiment, flow, inference, model, trainStep } from "assay";
import { mathCodePrompt, nullInterface, rwPair } from "assay/plugins";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import { registerExperiment } from "../../../src/dsl/experiment.ts";
import { defineDataset, defineInterface } from "../../../src/plugin/define.ts";
import type { Dataset, Interface } from "../../../src/plugin/definition.ts";
import { enterRealm, leaveRealm, type Realm } from "../../../src/realm/realm.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { proveExperiment, type ProveOptions } from "../../../src/testing/prove.ts";

const cluster = clusterSpec({
  name: "h100x8",
  type: "slurm",
  fileroot: "/shared",
  gpuType: "h100",
  gpuMemMiB: 81_920,
  mount: "",
  nodeNamePrefix: "n-",
  nodes: 1,
  gpusPerNode: 8,
  cpusPerNode: 128,
  memMiBPerNode: 1_048_576,
});

const PATH = "/data/rows.jsonl";

/** A dataset of any rows that say where they are from; names of its columns are arguments. */
const posts = defineDataset({
  type: "posts",
  args: {
    type: "object",
    properties: { path: { type: "string" }, promptKey: { type: "string" }, longest: { type: "integer" } },
    required: ["path"],
    additionalProperties: false,
  },
  yields: ["packed_prompts"],
  paths: ["path"],
  columns: {
    prompt: { type: "string", namedBy: "promptKey", maxTokens: "longest" },
    score: { type: "number", optional: true },
    tokens: { type: "integer", optional: true, maxTokens: "longest" },
    ids: { type: "array", items: "integer", optional: true, maxTokens: "longest" },
  },
});
/** One whose columns have the names that arguments give them. */
const named = defineDataset({
  type: "named",
  args: {
    type: "object",
    properties: { path: { type: "string" }, kindKey: { type: "string" }, proofKey: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
  yields: ["packed_prompts"],
  paths: ["path"],
  columns: {
    kind: { type: "string", values: ["poem", "proof"], namedBy: "kindKey" },
    proof: { type: "string", namedBy: "proofKey", rows: { kind: "proof" } },
  },
});
/** One whose rows are of three kinds. */
const kinds = defineDataset({
  type: "kinds",
  args: { type: "object", properties: { path: { type: "string" } }, required: ["path"], additionalProperties: false },
  yields: ["packed_prompts"],
  paths: ["path"],
  columns: { kind: { type: "string", values: ["poem", "joke", "code"] } },
});
const graded = (type: string, covers: Readonly<Record<string, readonly string[]>>) =>
  defineInterface({
    type,
    args: { type: "object", properties: {}, additionalProperties: false },
    calls: { inference: { reads: { required: ["packed_prompts"] }, yields: { always: ["rewards"] } } },
    covers,
  });
const bySource = graded("by-source", { source: ["gsm8k", "math"] });
const byKind = graded("by-kind", { kind: ["poem", "joke"] });

let realm: Realm;
beforeAll(() => {
  realm = enterRealm();
});
afterAll(() => leaveRealm(realm));

interface Setting {
  readonly reward?: Interface<{ readonly inference: { readonly reads: string; readonly yields: string } }>;
  readonly batch?: number;
  readonly whole?: boolean;
}

let made = 0;

/** Findings of an experiment with a dataset and a reward, whose dataset has these rows. */
function find(
  dataset: Dataset,
  lines: readonly object[] | string,
  { reward = nullInterface(), batch = 8, whole = false }: Setting = {},
): readonly Finding[] {
  class Sampled extends CommonExperiment {
    actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
    override flow() {
      return flow({
        datasets: [dataset],
        models: { actor: this.actor },
        calls: {
          score: inference("actor", reward, { nSeqs: batch, reads: ["packed_prompts"], yields: ["rewards"] }),
          train: trainStep("actor", nullInterface(), { nSeqs: batch, reads: ["packed_prompts", "rewards"] }),
        },
      });
    }
  }
  made += 1;
  registerExperiment(`sampled-${made}`, Sampled);
  const text = typeof lines === "string" ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const samples: ProveOptions["samples"] = { [PATH]: { text, file: "data/rows.jsonl", whole } };
  return proveExperiment(`sampled-${made}`, { cluster, overrides: { allocationMode: "d8p1m1" }, samples }).findings;
}

const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
/** File, line and column of each related place in the sample. */
const rowsOf = ({ related = [] }: Finding) =>
  related.flatMap(({ at }) => (at.kind === "span" ? [`${at.span.file}:${at.span.line}:${at.span.column}`] : []));

describe("columns", () => {
  it("says nothing of rows that are as the dataset wants them", () => {
    const rows = [
      { prompt: "a b", score: 0.5, tokens: 2, ids: [1] },
      { prompt: "c", score: 1 },
    ];
    expect(find(posts({ path: PATH, longest: 2 }), rows)).toEqual([]);
  });

  it("tells the first row that lacks one, and how many do", () => {
    const [finding, ...others] = find(posts({ path: PATH }), [{ prompt: "a" }, { promt: "b" }, {}]);
    expect(others).toEqual([]);
    expect(finding?.message).toBe("dataset `posts` needs column `prompt`, which 2 of 3 rows of `data/rows.jsonl` lack");
    expect(finding?.at).toEqual({ kind: "pointer", pointer: "/setups/0/modelWorker/shared/datasets/0/args/path" });
    expect(rowsOf(finding as Finding)).toEqual(["data/rows.jsonl:2:1"]);
    expect(finding?.help).toBe("give `promptKey` the name that the column has; the file also has `promt`");
  });

  it("corrects the argument that names it", () => {
    const rows = [{ question: "a" }, { question: "b" }];
    const [finding] = find(posts({ path: PATH, promptKey: "questions" }), rows);
    expect(finding).toMatchObject({
      code: "dataset/missing-column",
      at: { pointer: "/setups/0/modelWorker/shared/datasets/0/args/promptKey" },
      fix: "question",
      replaces: "questions",
    });
    expect(find(posts({ path: PATH, promptKey: "question" }), rows)).toEqual([]);
  });

  it("looks at columns under the names that arguments give them", () => {
    const data = named({ path: PATH, kindKey: "sort", proofKey: "why" });
    expect(find(data, [{ sort: "poem" }, { sort: "proof", why: "so" }])).toEqual([]);
    const found = find(data, [{ sort: "poem" }, { sort: "joke" }, { sort: "proof", proof: "so" }]);
    expect(found.map(({ message }) => message)).toEqual([
      'column `sort` of dataset `named` can\'t be "joke", as 1 row of `data/rows.jsonl` has it',
      'dataset `named` needs column `why` where `sort` is "proof", which 1 of 1 rows of `data/rows.jsonl` lack',
    ]);
    const rows = [{ sort: "poem" }, { sort: "proof", why: "so" }];
    const [uncovered] = find(data, rows, { reward: byKind() });
    expect(uncovered?.message).toBe(
      'there is no reward for "proof" in column `sort`, which 1 row of `data/rows.jsonl` has',
    );
  });

  it("counts whole numbers as numbers, and nothing else as what it is not", () => {
    const rows = [
      { prompt: ["a"], score: "high" },
      { prompt: null, score: true, ids: [1, "2"] },
    ];
    const messages = find(posts({ path: PATH }), rows).map(({ message }) => message);
    expect(messages).toEqual([
      "column `prompt` of dataset `posts` holds `string`, but 1 value of `data/rows.jsonl` is `array`",
      "column `prompt` of dataset `posts` holds `string`, but 1 value of `data/rows.jsonl` is `null`",
      "column `score` of dataset `posts` holds `number`, but 1 value of `data/rows.jsonl` is `string`",
      "column `score` of dataset `posts` holds `number`, but 1 value of `data/rows.jsonl` is `boolean`",
      "lists in column `ids` of dataset `posts` hold `integer`, but 1 value of `data/rows.jsonl` is `string`",
    ]);
  });

  it("wants some of certain rows only", () => {
    const data = mathCodePrompt({ datasetPath: PATH, maxLength: 8 });
    const row = { prompt: "a", query_id: "1" };
    const math = { ...row, task: "math", solutions: ["1"] };
    expect(find(data, [math, { ...row, task: "code", input_output: "{}" }, row])).toEqual([]);
    const [finding, ...others] = find(data, [
      math,
      { ...row, task: "math" },
      { ...row, task: "code", input_output: "" },
    ]);
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      'dataset `math_code_prompt` needs column `solutions` where `task` is "math", which 1 of 2 rows of `data/rows.jsonl` lack',
    );
    expect(rowsOf(finding as Finding)).toEqual(["data/rows.jsonl:2:1"]);
    expect(codes(find(data, [{ ...row, task: "code" }]))).toEqual(["dataset/missing-column"]);
  });

  it("wants lists that belong together to be of one length", () => {
    const data = rwPair({ datasetPath: PATH, maxLength: 8 });
    const pair = (good: readonly string[], bad: readonly string[]) => ({
      prompt: "a",
      pos_answers: good,
      neg_answers: bad,
      notes: [],
    });
    const ofRows = (rows: readonly object[]) => find(data, rows).filter(({ code }) => code.startsWith("dataset/"));
    expect(ofRows([pair(["1"], ["2"]), pair([], [])])).toEqual([]);
    const [finding] = ofRows([pair(["1"], ["2"]), pair(["1", "2"], ["3"])]);
    expect(finding?.message).toBe(
      "lists in columns `neg_answers` and `pos_answers` of dataset `rw_pair` must be of one length, and 1 row of `data/rows.jsonl` has others",
    );
    expect(rowsOf(finding as Finding)).toEqual(["data/rows.jsonl:2:53"]);
  });

  it("takes texts of a list, and corrects one that is near", () => {
    const data = mathCodePrompt({ datasetPath: PATH, maxLength: 8 });
    const row = { prompt: "a", query_id: 1, solutions: ["1"] };
    const [finding, ...others] = find(data, [{ ...row, task: "maths" }]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: "dataset/unknown-value",
      fix: "math",
      replaces: "maths",
      fixAt: { kind: "span" },
    });
    const [two] = find(data, [
      { ...row, task: "maths" },
      { ...row, task: "maths" },
    ]);
    expect([two?.code, two?.fix]).toEqual(["dataset/unknown-value", undefined]);
  });
});

describe("lengths", () => {
  it("claims what is certain: words of texts, items of lists, numbers themselves", () => {
    const data = posts({ path: PATH, longest: 3 });
    expect(find(data, [{ prompt: "a b c", tokens: 3, ids: [1, 2, 3] }])).toEqual([]);
    // One long word may be one token.
    expect(find(data, [{ prompt: "x".repeat(768) }])).toEqual([]);
    expect(find(data, [{ prompt: "x".repeat(769) }]).map(({ message }) => message)).toEqual([
      "`prompt` of a row of `data/rows.jsonl` has so many characters that they are at least 4 tokens: more than the 3 of `longest`",
    ]);
    const found = find(data, [{ prompt: "a" }, { prompt: "a b c d", tokens: 4, ids: [1, 2, 3, 4] }]);
    expect(found.map(({ message }) => message)).toEqual([
      "`prompt` of a row of `data/rows.jsonl` has 4 words, at least as many tokens: more than the 3 of `longest`",
      "`tokens` of a row of `data/rows.jsonl` has 4 tokens: more than the 3 of `longest`",
      "`ids` of a row of `data/rows.jsonl` has 4 tokens: more than the 3 of `longest`",
    ]);
    expect(found.flatMap(rowsOf)).toEqual(["data/rows.jsonl:2:11", "data/rows.jsonl:2:30", "data/rows.jsonl:2:38"]);
    expect(found[0]?.at).toMatchObject({ pointer: "/setups/0/modelWorker/shared/datasets/0/args/longest" });
    // Without a limit there is none.
    expect(find(posts({ path: PATH }), [{ prompt: "a b c d" }])).toEqual([]);
  });
});

describe("files", () => {
  it.each([
    ["", ["dataset/empty"]],
    ["not json\n", ["dataset/not-json"]],
    ['{"prompt": "a"}\n\n', ["dataset/not-json"]],
    ['{"prompt": "a"}\n[]\n{}\n', ["dataset/not-json", "dataset/missing-column"]],
    ['{"prompt": "a"}', []],
  ])("tells of %j once what is wrong", (text, wanted) => {
    expect(codes(find(posts({ path: PATH }), text))).toEqual(wanted);
  });

  it("has a place for a line that is none", () => {
    const [finding] = find(posts({ path: PATH }), '{"prompt": "a"}\n{"prompt": a}\n');
    expect(finding?.message).toBe('line 2 of `data/rows.jsonl` is no JSON object: there must be no "a" here');
    expect(rowsOf(finding as Finding)).toEqual(["data/rows.jsonl:2:12"]);
  });
});

describe("batches", () => {
  const rows = Array.from({ length: 8 }, (_, index) => ({ prompt: String(index) }));

  it("wants all rows of a dataset to fill one", () => {
    const data = posts({ path: PATH });
    expect(find(data, rows, { batch: 8, whole: true })).toEqual([]);
    const [finding, ...others] = find(data, rows, { batch: 16, whole: true });
    expect(others).toEqual([]);
    expect(finding?.message).toBe("call `score` takes 16 sequences a step, but `data/rows.jsonl` has 8 rows in all");
    expect(finding?.at).toEqual({ kind: "pointer", pointer: "/setups/0/modelRpcs/0/nSeqs" });
  });

  it("counts no rows of a file that can't be read to its end", () => {
    const findings = find(posts({ path: PATH }), '{"prompt": "a"}\n{\n', { batch: 8, whole: true });
    expect(codes(findings)).toEqual(["dataset/not-json"]);
  });

  it("knows nothing of rows that the sample does not have", () => {
    expect(find(posts({ path: PATH }), rows, { batch: 16 })).toEqual([]);
  });
});

describe("rewards", () => {
  const row = { prompt: "a" };

  it("cover every source that a sample has", () => {
    const data = posts({ path: PATH });
    const good = [
      { ...row, source: "gsm8k" },
      { ...row, source: "math" },
    ];
    expect(find(data, good, { reward: bySource() })).toEqual([]);
    const [finding, ...others] = find(data, [...good, { ...row, source: "geo3k" }], { reward: bySource() });
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      'there is no reward for "geo3k" in column `source`, which 1 row of `data/rows.jsonl` has',
    );
    expect(rowsOf(finding as Finding)).toEqual(["data/rows.jsonl:3:24"]);
    expect(finding?.help).toContain("there are rewards for `gsm8k`, `math`");
  });

  it("must be told the source of each row", () => {
    const [finding, ...others] = find(posts({ path: PATH }), [{ ...row, source: "math" }, row], { reward: bySource() });
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      "interface `by-source` needs column `source`, which 1 of 2 rows of `data/rows.jsonl` lack",
    );
  });

  it("cover what a dataset says that it may have, unless all of its rows are known", () => {
    const data = kinds({ path: PATH });
    const poems = Array.from({ length: 8 }, () => ({ kind: "poem" }));
    const told = find(data, poems, { reward: byKind() });
    expect(told.map(({ message }) => message)).toEqual([
      'dataset `kinds` may have "code" in column `kind`, for which there is no reward',
    ]);
    expect(find(data, poems, { reward: byKind(), whole: true })).toEqual([]);
    expect(find(data, poems)).toEqual([]);
  });

  it("are asked for nothing that the dataset refuses by itself", () => {
    expect(
      codes(find(kinds({ path: PATH }), [{ kind: "essay" }], { reward: byKind(), whole: true, batch: 1 })),
    ).toContain("dataset/unknown-value");
    expect(
      codes(find(kinds({ path: PATH }), [{ kind: "essay" }], { reward: byKind(), whole: true, batch: 1 })),
    ).not.toContain("dataset/uncovered-source");
  });
});

describe("the reach", () => {
  it("says whose rows were looked at, and what that is worth", () => {
    class Plain extends CommonExperiment {
      actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
      override flow() {
        return flow({
          datasets: [posts({ path: PATH })],
          models: { actor: this.actor },
          calls: { train: trainStep("actor", nullInterface(), { nSeqs: 8, reads: ["packed_prompts"] }) },
        });
      }
    }
    registerExperiment("reached", Plain);
    const reach = (samples?: ProveOptions["samples"]) =>
      proveExperiment("reached", {
        cluster,
        overrides: { allocationMode: "d8p1m1" },
        ...(samples === undefined ? {} : { samples }),
      }).value.resolved?.reach;
    const rows = "rows of data/rows.jsonl: columns, types, values and lengths";
    const assumed = "rows of datasets that their samples don't have are like those that they have";
    const sample = { text: '{"prompt": "a"}\n', file: "data/rows.jsonl" };
    expect(reach({ [PATH]: sample })?.proved).toContain(rows);
    expect(reach({ [PATH]: sample })?.assumed).toContain(assumed);
    expect(reach()?.proved).not.toContain(rows);
    expect(reach({ "/data/other.jsonl": sample })?.proved).not.toContain(rows);
    expect(reach()?.assumed).not.toContain(assumed);
  });
});
