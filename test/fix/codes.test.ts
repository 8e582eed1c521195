import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@cfworker/json-schema";
import type { Log } from "sarif";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { allPages } from "../docs/codes/pages.ts";
import { moduleProject } from "../docs/codes/run.ts";
import { assay, FILE, SOUND } from "./project.ts";

/** One mistake: a part of the sound project, and what stands there instead. */
interface Mistake {
  readonly file?: string;
  readonly right: string;
  readonly wrong: string;
  /** What the fix makes of it, if that is not quite what was there before. */
  readonly mended?: string;
}

const MISTAKES: readonly (readonly [code: string, title: string, mistake: Mistake])[] = [
  ["option/unknown", "a key", { right: "sequences: 64, mode", wrong: "sequencess: 64, mode" }],
  [
    "option/unknown",
    "a quoted key",
    { right: "sequences: 64, mode", wrong: `'sequencess': 64, mode`, mended: `'sequences': 64, mode` },
  ],
  [
    "option/unknown",
    "a key in nested literals",
    { right: "{ lr: 1e-5 }", wrong: "{ minLRratio: 0.1 }", mended: "{ minLrRatio: 0.1 }" },
  ],
  [
    "option/unknown",
    "a path as a key",
    {
      right: "model: { optimizer: { lr: 1e-5 } }",
      wrong: `"model.optimiser.lr": 1e-5`,
      mended: `"model.optimizer.lr": 1e-5`,
    },
  ],
  [
    "option/choice",
    "a value",
    {
      right: `mode: "online", model`,
      wrong: "mode: `onlin` as never, model",
      mended: "mode: `online` as never, model",
    },
  ],
  [
    "dsl/unknown-role",
    "a role",
    { right: `trainStep("default"`, wrong: `trainStep("defualt" as never`, mended: `trainStep("default" as never` },
  ],
  [
    "dsl/unknown-experiment",
    "the base of a preset",
    { file: "experiments/more.ts", right: `preset("tune"`, wrong: `preset("tunes"`, mended: `preset("tune"` },
  ],
  [
    "evaluate/undefined-name",
    "an imported function",
    { right: "datasets: [promptAnswer(", wrong: "datasets: [promptAnswr(" },
  ],
  [
    "dsl/injected-type-import",
    "one name of two",
    { right: "import { Counter, type", wrong: "import { type Counter, type" },
  ],
  [
    "dsl/injected-type-import",
    "all names of an import",
    {
      right: `import { Counter, type Sizes } from`,
      wrong: `import type { Counter, Sizes } from`,
    },
  ],
  [
    "allocation/unused-name",
    "a call in an allocation",
    { right: `"train:d8p1m1,*:d8p1m1"`, wrong: `"trains:d8p1m1,*:d8p1m1"` },
  ],
  [
    "allocation/engine-ignored",
    "the engine of an allocation",
    { file: "experiments/async.ts", right: "sglang.d4p1m1+", wrong: "vllm.d4p1m1+" },
  ],
  ["graph/unproduced-key", "a key of a dataset", { right: `["packed_input_ids"]`, wrong: `["packed_inputs_ids"]` }],
  ["plugin/interface-key", "a key that a call reads", { right: `"prompt_mask"]`, wrong: `"prompt_maks"]` }],
  [
    "plugin/args",
    "an argument of a plugin",
    { right: "{ maxLength: 1024, datasetPath:", wrong: "{ maxLengthh: 1024, datasetPath:" },
  ],
  [
    "plugin/unknown-type",
    "a type without its factory",
    {
      right: `"default", sft()`,
      wrong: `"default", { type: "sftt", args: {} }`,
      mended: `"default", { type: "sft", args: {} }`,
    },
  ],
  [
    "model/family-unknown",
    "a model's family",
    { right: `family: "qwen2"`, wrong: `family: "qwenn2" as never`, mended: `family: "qwen2" as never` },
  ],
  [
    "config/unknown-cluster",
    "a preset's cluster",
    { file: "experiments/more.ts", right: `cluster: "one"`, wrong: `cluster: "onee"` },
  ],
  [
    "config/unknown-cluster",
    "the config's cluster",
    { file: "assay.config.ts", right: `cluster: "small"`, wrong: `cluster: "smal"` },
  ],
  [
    "build/config-unknown-key",
    "a key of the config",
    { file: "assay.config.ts", right: `cluster: "small"`, wrong: `clustr: "small"` },
  ],
  [
    "config/unused-acknowledgement",
    "an acknowledgement with a line of its own",
    {
      right: "  /** How it writes. */",
      wrong: `  acknowledge = {\n\t  "graph/role-without-call":\n      "the critic comes later",\n  };\n  /** How it writes. */`,
      mended: "  acknowledge = {\n  };\n  /** How it writes. */",
    },
  ],
  [
    "config/unused-acknowledgement",
    "an acknowledgement in a line with others",
    {
      right: "  /** How it writes. */",
      wrong: `  acknowledge = { "graph/role-without-call": 'later', };\n  /** How it writes. */`,
      mended: "  acknowledge = { };\n  /** How it writes. */",
    },
  ],
];

/** Codes of mistakes that one file can have at once. */
const TOGETHER: ReadonlySet<string> = new Set([
  "dsl/injected-type-import",
  "option/choice",
  "plugin/args",
  "plugin/interface-key",
]);

const SARIF = JSON.parse(readFileSync(new URL("../goldens/sarif-2.1.0.json", import.meta.url), "utf8"));

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

function codesIn(root: string): readonly string[] {
  const { out, err } = assay(root, "check", "--json");
  expect(err).toBe("");
  const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly { readonly code: string }[] };
  return [...new Set(diagnostics.map(({ code }) => code))];
}

describe("`assay fix` mends", () => {
  it.each(MISTAKES)("%s: %s", (code, _title, { file = FILE, right, wrong, mended = right }) => {
    const sound = SOUND[file] ?? "";
    expect(sound.split(right)).toHaveLength(2);
    const project = temporaryProject({ ...SOUND, [file]: sound.replace(right, () => wrong) });
    projects.push(project);
    expect(codesIn(project.root)).toContain(code);
    const { code: exit, out, err } = assay(project.root, "fix");
    expect({ exit, out, err, text: readFileSync(join(project.root, file), "utf8") }).toEqual({
      exit: 0,
      out: expect.stringMatching(/^--- .*\nfixed 1 mistake in 1 file\n$/s),
      err: "",
      text: sound.replace(right, () => mended),
    });
    expect(codesIn(project.root)).toEqual([]);
  });

  it("call/interface-type: the kind of a call made by hand", async () => {
    const [page] = allPages().filter(({ code }) => code === "call/interface-type");
    if (page?.wrong == null || page.cure === null) throw new Error("the page has no examples");
    const project = await moduleProject([page.wrong]);
    const sound = await moduleProject([page.cure]);
    projects.push(project, sound);
    expect(codesIn(project.root)).toEqual(["call/interface-type"]);
    expect(assay(project.root, "fix").out).toContain("fixed 1 mistake in 1 file");
    expect(codesIn(project.root)).toEqual([]);
    const textIn = (root: string, side: string) =>
      readFileSync(join(root, `experiments/call-interface-type-${side}.ts`), "utf8");
    expect(textIn(project.root, "wrong").replaceAll("-wrong", "-cure")).toBe(textIn(sound.root, "cure"));
  });

  it("no acknowledgement that another preset needs, or may need", () => {
    const used = (SOUND[FILE] ?? "")
      .replace(
        "  /** How it writes. */",
        `  acknowledge = { "plugin/empty-path": "made later" };\n  @Option() path = "";\n  /** How it writes. */`,
      )
      .replace(`datasetPath: "/data/train.jsonl"`, "datasetPath: this.path")
      .replace(`mode: "online", model`, `mode: "online", path: "/data", model`)
      .replace("\nexport class", `\n@Preset("other", { cluster: "one", allocationMode: "d8p1m1" })\nexport class`);
    const project = temporaryProject({ ...SOUND, [FILE]: used });
    projects.push(project);
    expect(codesIn(project.root)).toEqual([]);
    const one = assay(project.root, "fix", "tune.small");
    expect(one).toEqual({ code: 0, out: "nothing to fix\n", err: "" });
    expect(readFileSync(join(project.root, FILE), "utf8")).toBe(used);
  });

  it("several mistakes of one file, with other line ends and a mark at the beginning", () => {
    const inWindows = (text: string) => `\uFEFF${text.replaceAll("\n", "\r\n")}`;
    let wrong = SOUND[FILE] ?? "";
    let right = wrong;
    for (const code of TOGETHER) {
      const [, , mistake] = MISTAKES.find(([other]) => other === code) ?? [];
      if (mistake === undefined) throw new Error(`no mistake of ${code}`);
      wrong = wrong.replace(mistake.right, () => mistake.wrong);
      right = right.replace(mistake.right, () => mistake.mended ?? mistake.right);
    }
    const project = temporaryProject({ ...SOUND, [FILE]: inWindows(wrong) });
    projects.push(project);
    const log = JSON.parse(assay(project.root, "check", "--format", "sarif").out) as Log;
    expect(new Validator(SARIF, "4", false).validate(log).errors).toEqual([]);
    const results = log.runs[0]?.results ?? [];
    // What can't be made is not looked into: the rest is found when that is mended.
    expect([...new Set(results.map(({ ruleId }) => ruleId))]).toEqual(["dsl/injected-type-import"]);
    expect(results.filter(({ fixes }) => fixes === undefined)).toEqual([]);
    const { code, out } = assay(project.root, "fix", "--json");
    const { fixed } = JSON.parse(out) as { readonly fixed: readonly { readonly code: string }[] };
    expect([code, fixed.map((fix) => fix.code).sort()]).toEqual([0, [...TOGETHER].sort()]);
    expect(readFileSync(join(project.root, FILE), "utf8")).toBe(inWindows(right));
  });
});
