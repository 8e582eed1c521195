import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BuildOptions, BuildReport } from "../../codegen/report.ts";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import { assay } from "../docs/codes/run.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { config, experiment, hookPackage, plainConfig, rulePackage, siteProject } from "./project.ts";

let project: TemporaryProject;
afterEach(() => project.remove());

const build = (options: Partial<BuildOptions> = {}): Promise<BuildReport> => compiledBuild(project.root, options);
const read = (file: string) => readFileSync(join(project.root, file), "utf8");

/** The text at the primary place, with its file and line. */
function at({ primary }: Diagnostic): string {
  if (primary === null) return "nowhere";
  const line = read(primary.file).split("\n")[primary.line - 1] ?? "";
  return `${primary.file}:${primary.line}: ${line.slice(primary.column - 1, primary.column - 1 + primary.length)}`;
}

/** A project that uses the rule `mine` with this body. */
async function mine(body: string, files: Readonly<Record<string, string>> = {}): Promise<readonly Diagnostic[]> {
  project = temporaryProject({
    "assay.config.ts": plainConfig({ rules: ["mine"] }),
    "experiments/tune.ts": experiment(),
    ...rulePackage(body),
    ...files,
  });
  return (await build()).diagnostics;
}

const ENTRY = `assay.config.ts:7: { type: "mine" }`;

describe("what a rule finds", () => {
  it("lands at the author's source, with its package, further places and a fix", async () => {
    project = siteProject("rules: [gpuLimit({ perUser: 4 }), ownerTag({ above: 4 }), naming({ pattern: '^tune' })],");
    const { diagnostics } = await build();
    const [owner, limit, ...others] = diagnostics;
    expect(others).toEqual([]);
    expect(owner).toMatchObject({ code: "site/owner-tag", severity: "error", experiment: "tune.small" });
    expect(at(owner as Diagnostic)).toBe(`experiments/tune.ts:4: "tune"`);
    expect(owner?.related.map(({ message, span }) => [message, span.line])).toEqual([["it takes 8 GPUs here", 5]]);
    expect(limit).toMatchObject({
      code: "site/gpu-limit",
      message: "8 GPUs of one are more than the 4 that one user has",
      data: { rule: "gpu-limit", package: "assay-site-rules" },
      notes: ["found by rule `gpu-limit` of assay-site-rules"],
      help: "take at most 4",
      fix: null,
    });
    expect(at(limit as Diagnostic)).toBe(`experiments/tune.ts:5: "d8p1m1"`);
  });

  it("is mended by `assay fix` where the source holds what the fix is for", async () => {
    project = siteProject(`rules: [partitions({ allowed: ["long", "dev"] })],`, {
      "experiments/tune.ts": experiment("", `{ cluster: "one", allocationMode: "d8p1m1", partition: 'lon' }`),
      "experiments/other.ts": `import { Tune } from "./tune.ts";
import { Experiment, Option } from "assay";
const named = "lon";
@Experiment("other")
export class Other extends Tune {
  @Option() override allocationMode = "d8p1m1";
  @Option() override partition = named;
}
`,
    });
    const { status, output } = await assay(project.root, ["fix"]);
    expect(output).toContain("fixed 1 mistake in 1 file; 1 error left");
    expect(status).toBe(1);
    expect(read("experiments/tune.ts")).toContain("partition: 'long' }");
    expect(read("experiments/other.ts")).toContain(`named = "lon"`);
  });

  it("is at values of the authored part, at their names, at characters, and at options that were overridden", async () => {
    const diagnostics = await mine(`
      const code = "my/code";
      yield { code, message: "a", at: { pointer: "/setups/0/modelRpcs/0/nSeqs" }, fix: "32" };
      yield { code, message: "b", at: { pointer: "/setups/0/modelRpcs/0/name" } };
      yield { code, message: "c", at: { option: "allocationMode", range: { offset: 2, length: 2 } }, fix: "p2" };
      yield { code, message: "d", at: { option: "model.path" }, related: [{ at: "experiment", message: "it" }] };
    `);
    const found = Object.fromEntries(diagnostics.map((one) => [one.message, one]));
    const places = Object.entries(found).map(([message, one]) => [message, at(one)]);
    expect(Object.fromEntries(places)).toEqual({
      a: "experiments/tune.ts:13: 64",
      b: "experiments/tune.ts:13: train",
      c: "experiments/tune.ts:5: p1",
      d: `experiments/tune.ts:7: "qwen2.5-1.5b"`,
    });
    expect(found["a"]?.fix).toMatchObject({ text: "32" });
    expect(found["c"]?.fix).toMatchObject({ text: "p2" });
    const span = { file: "<command line>", line: 1, column: 7, length: 21 };
    const overridden = await build({ overrides: [{ path: "allocationMode", value: "d2p4m1", span }] });
    expect(overridden.diagnostics.find(({ message }) => message === "c")?.primary?.file).toBe("<command line>");
  });

  it("is an error that writes nothing, or a warning that a class acknowledges with a reason", async () => {
    const rules = "rules: [gpuLimit({ perUser: 4 })],";
    project = siteProject(rules);
    expect((await build({ write: true })).written).toBe(false);
    project.write({ "assay.config.ts": config(`${rules} severities: { "site/gpu-limit": "warning" },`) });
    const warned = await build({ write: true });
    expect(warned.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([["site/gpu-limit", "warning"]]);
    expect(warned.written).toBe(true);
    project.write({ "experiments/tune.ts": experiment(`acknowledge = { "site/gpu-limit": "for one night" };`) });
    expect((await build()).diagnostics).toEqual([]);
  });

  it("is off where the config says so, and then neither runs nor makes an acknowledgement unused", async () => {
    const rules = "rules: [gpuLimit({ perUser: 4 }), naming({ pattern: '^tune' })],";
    project = siteProject(`${rules} severities: { "site/gpu-limit": "off" },`, {
      "experiments/tune.ts": experiment(`acknowledge = { "site/gpu-limit": "for one night" };`),
    });
    const { diagnostics, experiments } = await build();
    expect(diagnostics).toEqual([]);
    const reach = experiments[0]?.builds[1]?.reach;
    expect(reach?.proved).toContain("rules: naming of assay-site-rules");
    expect(reach?.notChecked).toContain("rules: gpu-limit of assay-site-rules: off in the config");
  });

  it.each([
    ["of an error", `"site/gpu-limit": "why not"`, "perUser: 4", "config/acknowledged-error"],
    ["without a reason", `"site/naming": " "`, "perUser: 8", "config/acknowledgement-reason"],
    ["of a warning that is not given", `"site/naming": "meant"`, "perUser: 8", "config/unused-acknowledgement"],
    ["of a code that is misspelt", `"site/namin": "meant"`, "perUser: 8", "config/acknowledged-unknown"],
  ])("has an acknowledgement looked at %s", async (_, acknowledged, args, code) => {
    const pattern = code === "config/unused-acknowledgement" ? "^tune" : "^other";
    project = siteProject(`rules: [gpuLimit({ ${args} }), naming({ pattern: "${pattern}" })],`, {
      "experiments/tune.ts": experiment(`acknowledge = { ${acknowledged} };`),
    });
    const codes = (await build()).diagnostics.map((one) => one.code);
    expect(codes).toContain(code);
    // One mistake: the warning that was meant is not told besides.
    if (code === "config/acknowledged-unknown") expect(codes).toEqual([code]);
  });

  it("has an acknowledgement looked at of a rule that is not used", async () => {
    project = siteProject("", { "experiments/tune.ts": experiment(`acknowledge = { "site/naming": "meant" };`) });
    expect((await build()).diagnostics.map(({ code }) => code)).toEqual(["config/unused-acknowledgement"]);
  });

  it("is not looked for where the experiment itself has errors", async () => {
    project = siteProject("rules: [gpuLimit({ perUser: 4 })],", {
      "experiments/tune.ts": experiment().replace("nSeqs: 64", "nSeqs: 0"),
    });
    expect((await build()).diagnostics.map(({ code }) => code)).toEqual(["call/n-seqs"]);
  });

  it("is nothing that a manifest holds: its bytes are the same with and without rules", async () => {
    const manifest = () => read(".assay/tune.small.manifest.json");
    project = siteProject("");
    await build({ write: true });
    const without = [manifest(), read(".assay/tune.small.spans.json")];
    project.write({
      "assay.config.ts": config(
        `rules: [gpuLimit({ perUser: 4 }), naming({ pattern: "^x" })], severities: { "site/gpu-limit": "warning" },`,
      ),
    });
    const { diagnostics, written } = await build({ write: true });
    expect(diagnostics).toHaveLength(2);
    expect(written).toBe(true);
    expect([manifest(), read(".assay/tune.small.spans.json")]).toEqual(without);
  });

  it("is found in every point of a sweep", async () => {
    project = siteProject("rules: [gpuLimit({ perUser: 4 })],");
    const span = { file: "<command line>", line: 1, column: 7, length: 21 };
    const points = [4, 8].map((gpus) => [
      { path: "allocationMode", value: `d${gpus}p1m1`, span },
      { path: "nGpusPerNode", value: gpus, span },
    ]);
    const { diagnostics, experiments } = await build({
      only: ["tune.small"],
      sweep: { points, unsplit: [], mostPoints: 10 },
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["site/gpu-limit"]);
    expect(experiments[0]?.points?.map(({ status }) => status)).toEqual(["proved", "failed"]);
  });
});

describe("every form of what a rule found", () => {
  it.each([
    ["pretty", "note: found by rule `gpu-limit` of assay-site-rules"],
    ["github", "title=site/gpu-limit::"],
    ["json", `"package": "assay-site-rules"`],
    ["sarif", `"text": "The experiment takes more GPUs than one user has."`],
  ])("has its package and its code: %s", async (format, text) => {
    project = siteProject("rules: [gpuLimit({ perUser: 4 })],");
    const { output, status } = await assay(project.root, ["check", "--format", format]);
    expect(status).toBe(1);
    expect(output).toContain(text);
    expect(output).toContain("site/gpu-limit");
    expect(output).toContain("assay-site-rules");
  });

  it("is explained: meaning, explanation, severity here and elsewhere, package", async () => {
    project = siteProject(`severities: { "site/gpu-limit": "warning" },`);
    const { output } = await assay(project.root, ["explain", "site/gpu-limit"]);
    for (const text of [
      "The experiment takes more GPUs than one user has.",
      "Ask the operators for more.",
      "An error; a warning in this project.",
      "Found by rule `gpu-limit` of assay-site-rules, version 1.0.0.",
    ]) {
      expect(output).toContain(text);
    }
    expect((await assay(project.root, ["explain"])).output).toContain("site/owner-tag");
    expect((await assay(project.root, ["explain", "site/gpu-limits"])).output).toContain("use `site/gpu-limit`");
  });
});

describe("what a rule is given", () => {
  it("is all of a proved build", async () => {
    const diagnostics = await mine(`
      const { name, preset, tags, authored, resolved, cluster, options } = build;
      const told = [name, preset, tags, authored.setups.length, resolved.setups[0].modelNames, cluster.name, options.seed];
      yield { code: "my/code", message: JSON.stringify(told), at: "experiment" };
    `);
    expect(diagnostics[0]?.message).toBe(`["tune","small",[],1,["default@0"],"one",1]`);
  });

  it.each([
    "build.authored.scheduling.modelWorker.count = 1",
    "build.options.seed = 2",
    "args.x = 1",
    "build.tags.push('x')",
  ])("can't be changed: %s", async (statement) => {
    const [found, ...others] = await mine(`${statement};`);
    expect(others).toEqual([]);
    expect(found?.code).toBe("plugin/rule-threw");
    expect(found?.message).toContain("TypeError");
  });

  it("is the same for an experiment that tampers with what the language brings, and the other way round", async () => {
    const found = await mine(
      `globalThis.seen = (globalThis.seen ?? 0) + 1;
      yield { code: "my/code", message: String([globalThis.seen, globalThis.left]), at: "experiment" };`,
      { "experiments/tune.ts": `(globalThis as { left?: number }).left = 1;\n${experiment()}` },
    );
    expect(found.map(({ message }) => message)).toEqual(["1,"]);
  });
});

describe("a rule that is none", () => {
  it.each([
    ["throws", "throw new Error('no');", "plugin/rule-threw", "failed: Error: no"],
    ["asks the clock", "Date.now();", "plugin/rule-threw", "it uses `Date.now`"],
    ["uses what is absent", "process.exit(1);", "plugin/rule-threw", "it uses `process`"],
    ["leaves a promise", "Promise.reject(new Error('late'));", "plugin/rule-threw", "late"],
    ["changes the language", "Array.prototype.map = () => [];", "plugin/rule-threw", "Array.prototype.map"],
    [
      "has another code",
      "yield { code: 'my/cod', message: 'x', at: 'experiment' };",
      "plugin/rule-answer",
      "`my/code`",
    ],
    ["says nothing", "yield { code: 'my/code', at: 'experiment' };", "plugin/rule-answer", "undefined, and no text"],
    ["gives no object", "yield 7;", "plugin/rule-answer", "a finding is 7"],
    [
      "gives what is no text",
      "yield { code: 'my/code', message: Promise.resolve(''), at: 'experiment' };",
      "plugin/rule-answer",
      "no text",
    ],
    [
      "points nowhere",
      "yield { code: 'my/code', message: 'x', at: { pointer: '/setups/9' } };",
      "plugin/rule-answer",
      "`/setups/9`, is no place",
    ],
    [
      "names no option",
      "yield { code: 'my/code', message: 'x', at: { option: 'allocationMod' } };",
      "plugin/rule-answer",
      "`allocationMode`",
    ],
    [
      "has a range outside of the text",
      "yield { code: 'my/code', message: 'x', at: { option: 'allocationMode', range: { offset: 5, length: 9 } } };",
      "plugin/rule-answer",
      "not within a text",
    ],
    [
      "mends what is no value",
      "yield { code: 'my/code', message: 'x', at: 'experiment', fix: 'y' };",
      "plugin/rule-answer",
      "no single value",
    ],
    [
      "never ends its findings",
      "for (;;) yield { code: 'my/code', message: 'x', at: 'experiment' };",
      "plugin/rule-answer",
      "more than 1000",
    ],
  ])("%s", async (_, body, code, message) => {
    const found = await mine(body);
    const own = found.filter((one) => one.code.startsWith("plugin/"));
    expect(own.map((one) => one.code)).toEqual([code]);
    expect(own[0]?.message).toContain(message);
    expect(own[0]?.message).toContain("rule `mine` of my-rules");
    expect(at(own[0] as Diagnostic)).toBe(ENTRY);
  });

  it("is told with the line that threw", async () => {
    const [found] = await mine("throw new Error('no');");
    expect(found?.related).toEqual([
      {
        message: "it happens here",
        span: { file: "node_modules/my-rules/index.js", line: 6, column: 11, length: 0 },
      },
    ]);
  });

  it("is told with the line of its endless loop, and takes no other experiment with it", async () => {
    project = temporaryProject({
      "assay.config.ts": plainConfig({ rules: ["mine"] }).replace(
        "plugins:",
        "limits: { timeoutMs: 700 },\n  plugins:",
      ),
      "experiments/tune.ts": experiment(),
      "experiments/other.ts": experiment().replace(`"tune"`, `"other"`),
      ...rulePackage(`if (build.name === "tune")\n      for (;;);`),
    });
    const { diagnostics, experiments } = await build();
    expect(diagnostics.map(({ code }) => code)).toEqual(["plugin/hook-limit"]);
    expect(diagnostics[0]?.message).toBe("rule `mine` of my-rules still runs after 700 ms");
    expect(at(diagnostics[0] as Diagnostic)).toBe(`assay.config.ts:8: { type: "mine" }`);
    expect(diagnostics[0]?.related[0]?.span).toMatchObject({ file: "node_modules/my-rules/index.js", line: 7 });
    expect(experiments.map(({ name, builds }) => [name, builds[1]?.status])).toEqual([
      ["other", "proved"],
      ["tune", "failed"],
    ]);
  });

  it("is told where it takes too much memory", async () => {
    project = temporaryProject({
      "assay.config.ts": plainConfig({ rules: ["mine"] }).replace("plugins:", "limits: { heapMiB: 128 },\n  plugins:"),
      "experiments/tune.ts": experiment(),
      ...rulePackage("const kept = []; for (;;) kept.push({ kept: kept.length });"),
    });
    const { diagnostics } = await build();
    expect(diagnostics.map(({ code }) => code)).toEqual(["plugin/hook-limit"]);
    expect(diagnostics[0]?.message).toContain("128 MiB of memory");
  });

  it.each([
    ["throws while it is loaded", { code: "throw new Error('not today');" }, "Error: not today"],
    ["imports what is not there", { code: `import "nothing-here";` }, "`nothing-here`"],
    ["does not define the rule", { code: "" }, "does not define the rule"],
    [
      "has no `check`",
      { code: "defineRule({ type: 'mine', args: any, codes: { 'my/code': error }, rule: class {} });" },
      "no method `check`",
    ],
    [
      "asks for what nobody knows",
      {
        code: "class Mine { constructor(x) {} check() {} }\ndefineRule({ type: 'mine', args: any, codes: { 'my/code': error }, rule: Mine });",
      },
      "the constructor of `Mine`",
    ],
  ])("%s", async (_, { code }, message) => {
    const codes = [{ code: "my/code", severity: "error", meaning: "Something is wrong." }] as const;
    const found = await mine("", hookPackage({ types: [{ kind: "rule", type: "mine" }], codes, code }));
    expect(found.map((one) => one.code)).toEqual(["plugin/hook-not-loaded"]);
    expect(found[0]?.message).toContain(message);
    expect(at(found[0] as Diagnostic)).toBe(ENTRY);
  });

  it("is told once for all experiments", async () => {
    await mine("", {});
    project.write({ "experiments/other.ts": experiment().replace(`"tune"`, `"other"`), ...rulePackage("throw 1;") });
    const { diagnostics } = await build();
    const rest = diagnostics.map(({ experiment: _experiment, ...one }) => JSON.stringify(one));
    expect(diagnostics.map(({ experiment: name }) => name)).toEqual(["other.small", "tune.small"]);
    expect(new Set(rest).size).toBe(1);
  });
});

describe("a config with rules", () => {
  it("has arguments checked at the very property, be they a factory's or written out", async () => {
    project = siteProject(`rules: [
    gpuLimit({ perUser: 0 }),
    { type: "owner-tag", args: { abov: 3 } },
  ],`);
    const found = (await build()).diagnostics;
    expect(found.map((one) => [one.code, at(one)])).toEqual([
      ["plugin/args", "assay.config.ts:8: 0"],
      ["plugin/args", "assay.config.ts:9: abov"],
    ]);
    expect(found[1]?.fix).toMatchObject({ text: "above", span: { line: 9 } });
  });

  it.each([
    [`rules: [{ type: "gpu-limits", args: {} }],`, "use `gpu-limit`", `{ type: "gpu-limits", args: {} }`],
    [`rules: [siteDefaults({ partition: "x" }) as never],`, "move it to `mutators`", "siteDefaults"],
    [`mutators: [naming({ pattern: "x" }) as never],`, "move it to `rules`", "naming"],
  ])("names rules that there are: %s", async (properties, help, place) => {
    project = siteProject(properties);
    const found = (await build()).diagnostics;
    expect(found.map(({ code }) => code)).toEqual(["plugin/unknown-type"]);
    expect(found[0]?.help).toContain(help);
    expect(at(found[0] as Diagnostic).replace(/\(.*$/s, "")).toContain(place);
  });

  it("names the packages of its rules", async () => {
    project = siteProject("rules: [gpuLimit({ perUser: 8 })],");
    project.write({ "assay.config.ts": read("assay.config.ts").replace(`plugins: ["assay-site-rules"],`, "") });
    const found = (await build()).diagnostics;
    expect(found.map(({ code, help }) => [code, help])).toEqual([
      ["plugin/not-named", 'add `"assay-site-rules"` to `plugins` of the config'],
    ]);
  });

  it.each([
    [`severities: { "site/gpu-limt": "off" },`, "build/severity-code", `"site/gpu-limt"`, "use `site/gpu-limit`"],
    [`severities: { "graph/cycle": "off" },`, "build/severity-own", `"graph/cycle"`, "take it out"],
    [`severities: { "site/naming": "of" as "off" },`, "build/config-type", `"of"`, "use `off`"],
    [`rules: "gpu-limit" as never,`, "build/config-type", `"gpu-limit"`, null],
    [`rules: [{ type: "gpu-limit", args: { perUser: () => 1 } } as never],`, "evaluate/not-plain-data", "() => 1", ""],
    [`rules: [{ type: "gpu-limit", arg: {} } as never],`, "build/config-unknown-key", "arg", "use `args`"],
  ])("is refused where it says what is none: %s", async (properties, code, place, help) => {
    project = siteProject(properties);
    const found = (await build()).diagnostics.filter((one) => one.code === code);
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(at(found[0] as Diagnostic)).toContain(`assay.config.ts:7: ${place}`);
    if (help !== null) expect(found[0]?.help ?? "").toContain(help);
  });
});
