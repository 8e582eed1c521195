import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { maskSource } from "../../src/spec/secrets.ts";
import { compiledBuild, CONFIG, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

const SECRET = `hf_${"AbCdEfGhIj".repeat(4)}`;
const FILE = "experiments/tune.ts";

interface Parts {
  readonly doc?: string;
  readonly help?: string;
  readonly tag?: string;
  /** Members of the class. */
  readonly members?: string;
  readonly preset?: string;
  readonly path?: string;
  readonly data?: string;
  readonly statements?: string;
}

function experiment({
  doc = "Tunes.",
  help = "A note.",
  tag = "one",
  members = "",
  preset = "",
  path = "/data/train.jsonl",
  data = "",
  statements = "",
}: Parts): string {
  return `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** ${doc} */
@Experiment("tune", { tags: ["${tag}"] })
@Preset("small", { cluster: "one", allocationMode: "d8p1m1"${preset} })
export class Tune extends CommonExperiment {
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  /** ${help} */
  @Option() note = "";
  ${members}

  override flow() {
    ${statements}
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "${path}"${data} })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
`;
}

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const stat = statSync(path);
    if (stat.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Runs the program in a process of its own. */
function assay(cwd: string, ...line: readonly string[]) {
  const bin = join(compiledFolder(), "src/cli/bin.js");
  return spawnSync(process.execPath, [bin, ...line], { cwd, encoding: "utf8" });
}

/** Files of the outputs and the cache that hold a text. */
function holding(root: string, text: string): readonly string[] {
  const files = [...filesBelow(join(root, ".assay"))];
  expect(files.length).toBeGreaterThan(0);
  return files.filter((file) => readFileSync(file).includes(text));
}

async function build(parts: Parts, values: Readonly<Record<string, string>> = {}, keepGoing = true) {
  const project = temporaryProject({
    [FILE]: experiment(parts),
    "experiments/other.ts": experiment({}).replace(`@Experiment("tune"`, `@Experiment("other"`),
  });
  projects.push(project);
  const overrides = Object.entries(values).map(([path, value]) => ({
    path,
    value,
    span: { file: "<command line>", line: 1, column: 1, length: path.length + value.length + 1 },
  }));
  const only = overrides.length > 0 ? ["tune.small"] : [];
  const report = await compiledBuild(project.root, { write: true, cache: true, keepGoing, overrides, only });
  return { ...report, project };
}

const REFUSED: readonly (readonly [string, Parts])[] = [
  ["a variable of the environment, by its name", { preset: `, envVars: { DB_PASSWORD: "${SECRET}" }` }],
  ["a variable of the environment, by its form", { preset: `, envVars: { OTHER: "${SECRET}" }` }],
  ["an option that nothing uses", { preset: `, note: "${SECRET}"` }],
  ["the path of a dataset", { path: `https://ada:${SECRET}@data.internal/train.jsonl` }],
  ["the path of a model", { preset: `, model: { path: "/models/${SECRET}" }` }],
  ["the default of an option, by its name", { members: `@Option() apiKey = "${SECRET}";` }],
  ["the reason of an acknowledgement", { members: `acknowledge = { "allocation/unused-name": "${SECRET}" };` }],
  ["an address with a user only", { path: `https://${SECRET}@data.internal/train.jsonl` }],
  ["a query", { path: `https://data.internal/train.jsonl?access_token=${SECRET}` }],
  ["an argument of a plugin, with another mistake", { path: SECRET, data: `, pad: "${SECRET}"` }],
];

describe("a secret", () => {
  it.each(REFUSED)("in %s is refused at its place, and stands nowhere", async (_, parts) => {
    const { diagnostics, experiments, output, project } = await build(parts);
    const own = diagnostics.filter(({ code }) => code === "config/secret");
    expect(own.length).toBeGreaterThanOrEqual(1);
    expect(new Set(own.map(({ primary }) => primary?.file))).toEqual(new Set([FILE]));
    const line = experiment(parts).split("\n")[(own[0]?.primary?.line ?? 0) - 1] ?? "";
    expect(line).toContain(SECRET);
    expect(maskSource(line)).not.toContain(SECRET.slice(0, 8));
    expect(own[0]?.help).toMatch(/\$\{secret:\w+\}/);
    expect(JSON.stringify([diagnostics, experiments, output])).not.toContain(SECRET);
    expect(holding(project.root, SECRET)).toEqual([]);
    expect(experiments.find(({ name }) => name === "tune")?.builds.map(({ status }) => status)).toContain("failed");
  });

  it.each<readonly [string, Parts]>([
    ["the doc comment of an experiment", { doc: `Tunes with ${SECRET}.` }],
    ["the doc comment of an option", { help: `Such as ${SECRET}.` }],
    ["a tag", { tag: SECRET }],
  ])("in %s is refused where nothing has to run for it, and is shown nowhere", async (_, parts) => {
    const { diagnostics, experiments, project } = await build(parts);
    const own = diagnostics.filter(({ code }) => code === "config/secret");
    expect(own.map(({ primary }) => primary?.file)).toEqual([FILE]);
    expect(own[0]?.help).toMatch(/^take it out/);
    expect(JSON.stringify([diagnostics, experiments])).not.toContain(SECRET);
    expect(holding(project.root, SECRET)).toEqual([]);
    expect(readFileSync(join(project.root, "assay.gen.ts"), "utf8")).not.toContain(SECRET);
    for (const flag of [[], ["--json"]]) {
      const { stdout } = assay(project.root, "list", ...flag);
      expect(stdout).toContain("tune");
      expect(stdout).not.toContain(SECRET);
    }
  });

  it.each<readonly [string, string, number]>([
    ["a cluster that no experiment uses", `, fileroot: "https://ada:${SECRET}@files.internal/root"`, 5],
    ["the models of a cluster", `, models: { "/models/${SECRET}": "qwen2.5-1.5b", x: "${SECRET}" }`, 5],
  ])("in %s is refused where the config has it", async (_, settings, line) => {
    const project = temporaryProject({
      [FILE]: experiment({}),
      "assay.config.ts": CONFIG.replace(
        "clusters: [",
        `clusters: [\n    clusterSpec({ name: "spare", nodes: 1, gpusPerNode: 8${settings} }),\n    `,
      ),
    });
    projects.push(project);
    const report = await compiledBuild(project.root, { write: true, cache: true, keepGoing: true });
    const own = report.diagnostics.filter(({ code }) => code === "config/secret");
    expect(own.map(({ primary }) => [primary?.file, primary?.line])).toEqual([["assay.config.ts", line]]);
    expect(JSON.stringify(report)).not.toContain(SECRET);
    expect([...filesBelow(project.root)].filter((file) => readFileSync(file).includes(SECRET))).toEqual([
      join(project.root, "assay.config.ts"),
    ]);
  });

  it("on the command line is in no form that is printed", async () => {
    const { project } = await build({}, {}, false);
    const given = `note=${SECRET}`;
    for (const line of [
      ["check", "tune.small", given],
      ["check", "tune.small", given, "--json"],
      ["check", "tune.small", given, "--format", "sarif"],
      ["check", "tune.small", given, "--format", "github"],
      ["check", "tune.small", "-m", `${given},other`],
      ["check", "tune.small", "-m", `${given},other`, "--json"],
      ["check", "tune.small", "-m", "note=1", `--token=${SECRET}`],
      ["check", SECRET],
      ["check", SECRET, "--json"],
      ["check", "tune.small", `nothing.${SECRET}=1`, "--json"],
      ["why", "tune.small", "note", given],
      ["why", "tune.small", SECRET],
      ["show", SECRET],
      ["list", `(${SECRET}`],
    ]) {
      const { status, stdout, stderr } = assay(project.root, ...line);
      expect([line, status]).toEqual([line, expect.toSatisfy((code) => code === 1 || code === 2)]);
      expect(stdout + stderr).not.toContain(SECRET.slice(0, 12));
    }
    expect([...filesBelow(join(project.root, ".assay"))].filter((file) => readFileSync(file).includes(SECRET))).toEqual(
      [],
    );
  });

  it("that is cut off with what is printed beyond the limit is left out whole", async () => {
    const statements = `console.log("x".repeat(64 * 1024 - 20) + " " + "${SECRET}");`;
    const { output } = await build({ statements }, {}, false);
    expect(output["tune"]?.length).toBeGreaterThan(60_000);
    expect(output["tune"]).not.toContain(SECRET.slice(0, 8));
  });

  it("on the command line is refused, too", async () => {
    const { diagnostics, project } = await build({}, { note: SECRET });
    expect(diagnostics.map(({ code, primary }) => [code, primary?.file])).toEqual([
      ["config/secret", "<command line>"],
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain(SECRET);
    expect([...filesBelow(join(project.root, ".assay"))].filter((file) => readFileSync(file).includes(SECRET))).toEqual(
      [],
    );
  });

  it("in what is printed and in errors is left out", async () => {
    const printed = await build({ statements: `console.log("login ${SECRET} and DB_PASSWORD=hunter22");` }, {}, false);
    expect(printed.diagnostics).toEqual([]);
    expect(printed.output["tune"]).toContain("login [secret] and DB_PASSWORD=[secret]");
    expect(holding(printed.project.root, SECRET)).toEqual([]);
    expect(holding(printed.project.root, "hunter22")).toEqual([]);
    const thrown = await build({ statements: `throw new Error("bad token ${SECRET}");` });
    expect(thrown.diagnostics.map(({ code }) => code)).toContain("evaluate/threw");
    expect(JSON.stringify(thrown.diagnostics)).not.toContain(SECRET);
    expect(holding(thrown.project.root, SECRET)).toEqual([]);
  });

  it("that is a reference is none", async () => {
    const { diagnostics, project } = await build({ preset: `, envVars: { DB_PASSWORD: "\${secret:DB}" }` }, {}, false);
    expect(diagnostics).toEqual([]);
    expect(holding(project.root, "${secret:DB}").length).toBeGreaterThan(0);
  });
});

describe("what a build writes", () => {
  it("holds no path of the machine", async () => {
    const { diagnostics, project } = await build({ statements: `console.log(new Error("here").stack);` }, {}, false);
    expect(diagnostics).toEqual([]);
    expect(holding(project.root, project.root)).toEqual([]);
    expect(holding(project.root, `${homedir()}/`)).toEqual([]);
  });
});
