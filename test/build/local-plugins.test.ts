import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { statuses } from "../isolation/experiments.ts";
import { codesOf, isClean, type Watching, watching } from "../watch/watching.ts";
import { CHAT, CHAT_ARGS, configWith, experimentWith, told } from "./own-plugins.ts";

let project: TemporaryProject;
let watch: Watching | null = null;
afterEach(async () => {
  await watch?.watcher.close();
  watch = null;
  project.remove();
});

const IMPORT = `import { chat } from "../plugins/chat.ts";`;
const tune = (dataset: string, before = "") => experimentWith("tune", IMPORT, dataset, before);
const open = (files: Readonly<Record<string, string>>) => {
  project = temporaryProject({
    "assay.config.ts": configWith("./plugins/chat.ts"),
    "plugins/chat.ts": CHAT,
    "plugins/args.ts": CHAT_ARGS,
    "experiments/tune.ts": tune(`chat({ path: "/data/train.jsonl" })`),
    ...files,
  });
};
const build = (cache = false): Promise<BuildReport> => compiledBuild(project.root, { cache });
const said = async (cache = false): Promise<readonly string[]> =>
  told((await build(cache)).diagnostics, (file) => readFileSync(join(project.root, file), "utf8"));

describe("a file of the project as a plugin", () => {
  it("is described by its types", async () => {
    open({});
    const report = await build();
    expect(report.diagnostics).toEqual([]);
    expect(statuses(report, "tune")).toEqual(["needs", "proved"]);
  });

  it("has its arguments checked, each at its own place, all at once", async () => {
    open({
      "experiments/tune.ts": tune(
        `chat({ pat: "x", maxLength: 0, mode: "hed", parts: [{ share: 1 }, { share: "2", "a b": 1 }] } as never)`,
      ),
    });
    expect(await said()).toEqual([
      "plugin/args: dataset `chat`: `pat` is no argument of it @ pat",
      "plugin/args: dataset `chat`: `maxLength` is 0, and must be at least 1 @ 0",
      'plugin/args: dataset `chat`: `mode` is "hed", and must be "head" or "tail" @ "hed"',
      'plugin/args: dataset `chat`: `parts.1.share` is "2", and must be a number @ "2"',
      'plugin/args: dataset `chat`: `parts.1.a b` is no argument of it @ "a b"',
    ]);
    const { diagnostics } = await build();
    expect(diagnostics.map(({ notes, help, fix }) => ({ notes, help, fix: fix?.text ?? null }))).toEqual([
      { notes: [], help: "use `path`", fix: "path" },
      {
        notes: ["`maxLength`: Longest conversation, in tokens."],
        help: "give `maxLength` a value that it takes",
        fix: null,
      },
      { notes: ["`mode`: How answers are cut."], help: "use `head`", fix: '"head"' },
      { notes: [], help: "give `parts.1.share` a value that it takes", fix: null },
      { notes: [], help: "take `parts.1.a b` out", fix: null },
    ]);
  });

  it.each([
    [
      "`__proto__`",
      `chat({ path: "x", ...JSON.parse('{ "__proto__": 1 }') })`,
      "plugin/args: dataset `chat`: `__proto__` is no argument of it",
    ],
    ["a prototype", `chat({ __proto__: { path: "x" } } as never)`, "evaluate/not-plain-data: `args` is an instance of"],
    ["NaN", `chat({ path: "x", maxLength: Number.NaN })`, "evaluate/not-plain-data: `args.maxLength` is NaN"],
    [
      "an endless number",
      `chat({ path: "x", maxLength: Infinity })`,
      "evaluate/not-plain-data: `args.maxLength` is Infinity",
    ],
    ["a function", `chat({ path: (() => "x") as never })`, "evaluate/not-plain-data: `args.path` is a function"],
    [
      "`undefined` in a list",
      `chat({ path: "x", parts: [undefined as never] })`,
      "evaluate/not-plain-data: `args.parts.0` is undefined",
    ],
    ["an instance", `chat(new Map([["path", "x"]]) as never)`, "evaluate/not-plain-data: `args` is a Map"],
    ["a list", `chat(["x"] as never)`, "plugin/args: dataset `chat`: `path` is missing"],
    [
      "a getter that throws",
      `chat({ get path(): string { throw new Error("no") } })`,
      "evaluate/threw: running the experiment failed: Error: no",
    ],
    [
      "half of a character",
      String.raw`chat({ path: "\ud800" })`,
      "evaluate/not-plain-data: `args.path` is a string with half of a character",
    ],
  ])("refuses %s among its arguments", async (_what, dataset, expected) => {
    open({ "experiments/tune.ts": tune(dataset) });
    const { diagnostics } = await build();
    const texts = diagnostics.map(({ code, message }) =>
      `${code}: ${message}`.replace("setups.0.modelWorker.shared.datasets.0.", ""),
    );
    expect(texts.map((text) => text.replace(/`\S*?(args\b[^`]*)`/, "`$1`"))[0]).toContain(expected);
    expect(diagnostics[0]?.primary?.file).toBe("experiments/tune.ts");
  });

  it("takes an argument that is `undefined` as one that is not given", async () => {
    open({ "experiments/tune.ts": tune(`chat({ path: "x", maxLength: undefined as never })`) });
    expect(await said()).toEqual([]);
  });

  it("is looked at anew when it, or what it imports, changes, and only then", async () => {
    open({});
    expect((await build(true)).cached).toBe(false);
    expect((await build(true)).cached).toBe(true);
    project.write({ "plugins/args.ts": CHAT_ARGS.replace("readonly maxLength?", "readonly maxLength") });
    expect(await said(true)).toEqual([
      'plugin/args: dataset `chat`: `maxLength` is missing @ { path: "/data/train.jsonl" }',
    ]);
    project.write({ "plugins/args.ts": CHAT_ARGS });
    expect(await said(true)).toEqual([]);
  });

  it("has mistakes of its own told at their places", async () => {
    open({ "plugins/args.ts": CHAT_ARGS.replace("readonly path: string", "readonly path: () => string") });
    expect(await said()).toEqual(["plugin/type-not-json: `path` is a function, which is no JSON @ path"]);
    project.write({
      "plugins/args.ts": CHAT_ARGS,
      "plugins/chat.ts": CHAT.replace(/$/, `throw new Error("too early");\n`),
    });
    expect(await said()).toEqual([
      'plugin/load-failed: the plugin `./plugins/chat.ts` can\'t be loaded: Error: too early @ new Error("too early")',
    ]);
    project.write({ "plugins/chat.ts": "export const nothing = 1;\n" });
    expect((await build()).diagnostics.map(({ code }) => code)).toEqual(["plugin/no-definitions"]);
  });

  it("is found missing at the config's entry", async () => {
    open({ "assay.config.ts": configWith("./plugins/chatt.ts") });
    expect((await said())[0]).toBe(
      'plugin/not-found: the plugin `./plugins/chatt.ts` can\'t be found: there is no such file @ "./plugins/chatt.ts"',
    );
  });

  it("that the config does not name can be added by a fix", async () => {
    open({ "assay.config.ts": configWith() });
    const { diagnostics } = await build();
    expect(diagnostics.map(({ code, message, help }) => ({ code, message, help }))).toEqual([
      {
        code: "plugin/not-named",
        message: "the dataset `chat` comes from `./plugins/chat.ts`, which the config does not name",
        help: 'add `"./plugins/chat.ts"` to `plugins` of the config',
      },
    ]);
    const fix = diagnostics[0]?.fix;
    expect(fix).toMatchObject({ span: { file: "assay.config.ts" }, text: '["./plugins/chat.ts"]' });
    const config = readFileSync(join(project.root, "assay.config.ts"), "utf8");
    writeFileSync(join(project.root, "assay.config.ts"), config.replace("plugins: []", `plugins: ${fix?.text}`));
    expect(await said()).toEqual([]);
  });

  it("is one owner of its types, however often it is named; another one is told", async () => {
    open({ "assay.config.ts": configWith("./plugins/chat.ts", "./plugins/../plugins/chat.ts") });
    expect(await said()).toEqual([]);
    project.write({
      "assay.config.ts": configWith("./plugins/chat.ts", "./plugins/copy.ts"),
      "plugins/copy.ts": CHAT,
    });
    expect(await said()).toEqual([
      'plugin/two-owners: two packages bring the dataset `chat`: `./plugins/chat.ts` and `./plugins/copy.ts` @ "./plugins/copy.ts"',
    ]);
  });

  it("may be JavaScript, with a schema", async () => {
    open({
      "assay.config.ts": configWith("./plugins/chat.js"),
      "plugins/chat.js": `import { defineDataset } from "assay/plugin";
export const chat = defineDataset({
  type: "chat",
  args: { type: "object", properties: { path: { type: "string" } }, additionalProperties: false },
  yields: ["packed_input_ids", "prompt_mask"],
});
`,
      "experiments/tune.ts": experimentWith(
        "tune",
        `import { chat } from "../plugins/chat.js";`,
        `chat({ path: "x", more: 1 } as never)`,
      ),
    });
    expect(await said()).toEqual(["plugin/args: dataset `chat`: `more` is no argument of it @ more"]);
  });

  it("can be imported by the config, too", async () => {
    open({
      "assay.config.ts": `import { chat } from "./plugins/chat.ts";\n${configWith("./plugins/chat.ts")}void chat.definition;\n`,
    });
    expect(await said()).toEqual([]);
  });

  it("and an experiment that changes it leave nothing behind for the next experiment", async () => {
    open({
      "plugins/chat.ts": `${CHAT}let uses = 0;\nexport const counted = () => chat({ path: \`/data/\${(uses += 1)}.jsonl\` });\n`,
      "experiments/one.ts": experimentWith(
        "one",
        `import { counted } from "../plugins/chat.ts";`,
        "counted()",
        "counted(); counted();",
      ),
      "experiments/two.ts": experimentWith("two", `import { counted } from "../plugins/chat.ts";`, "counted()"),
    });
    const report = await compiledBuild(project.root, { write: true });
    expect(report.diagnostics).toEqual([]);
    const path = (name: string) =>
      /\/data\/(\d)\.jsonl/.exec(readFileSync(join(project.root, `.assay/${name}.small.manifest.json`), "utf8"))?.[1];
    // Each experiment is made once for its bare form and once for its preset, in a context of its own.
    expect([path("one"), path("two")]).toEqual(["4", "2"]);
    expect(statSync(join(project.root, ".assay")).isDirectory()).toBe(true);
  });

  it("is seen by a watch, which keeps nothing of what it defined before", async () => {
    open({});
    watch = await watching(project.root);
    expect(watch.reports.map(codesOf)).toEqual([[]]);
    const renamed = CHAT.replace(`type: "chat"`, `type: "talk"`);
    const by = `{ type: "chat", args: { path: "x" } }`;
    // A pair that no factory made is known by its descriptor only.
    const gone = await watch.after(
      () => project.write({ "plugins/chat.ts": renamed, "experiments/tune.ts": tune(by) }),
      (report) => codesOf(report).includes("plugin/unknown-type"),
    );
    expect(gone.diagnostics[0]?.message).toBe("no plugin brings the dataset `chat`");
    await watch.after(() => project.write({ "plugins/chat.ts": CHAT }), isClean);
    const bad = await watch.after(
      () => project.write({ "plugins/args.ts": CHAT_ARGS.replace("path: string", "path: number") }),
      (report) => !isClean(report),
    );
    expect(codesOf(bad)).toEqual(["plugin/args"]);
  });
});
