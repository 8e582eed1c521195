import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Validator } from "@cfworker/json-schema";
import type { Log } from "sarif";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

const REASON = "call `evaluate` is there in larger runs only";

/** Prints what a terminal and GitHub's runner would follow; one preset has an acknowledged warning, one an error. */
const EXPERIMENT = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

console.log("::error::printed \\u001b[31mred\\u001b[0m \\u202e");

@Experiment("tune")
@Preset("named", { cluster: "one", allocationMode: "train:d4p1m2,evaluate:d8p1m1" })
@Preset("plain", { cluster: "one", allocationMode: "d8p1m1" })
@Preset("large", { cluster: "one", allocationMode: "d16p1m1" })
export class Tune extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b");
  acknowledge = {
    "allocation/unused-name": "${REASON}",
  };

  override flow() {
    return flow({
      datasets: [promptAnswer({ datasetPath: "/data/train.jsonl", maxLength: 1024 })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
`;

let project: TemporaryProject;
beforeAll(() => {
  project = temporaryProject({ "experiments/tune.ts": EXPERIMENT });
});
afterAll(() => project.remove());

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the program in a process of its own, outside of any workflow. */
function assay(line: readonly string[], { cwd = project.root, env = {} }: Surroundings = {}) {
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const { GITHUB_WORKSPACE: _workspace, ...own } = process.env;
  const ran = spawnSync(process.execPath, [bin, ...line], { cwd, encoding: "utf8", env: { ...own, ...env } });
  return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

function schemaOf(path: string): object {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as object;
}

const CONTROLS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

describe("what a run prints", () => {
  it("steers neither a terminal nor what reads it", () => {
    for (const line of [
      ["check"],
      ["check", "--json"],
      ["check", "--format", "sarif"],
      ["check", "--format", "github"],
    ]) {
      const { stdout, stderr } = assay(line);
      expect(stdout).not.toMatch(CONTROLS);
      expect(stderr).not.toMatch(CONTROLS);
    }
  });

  it("tells of each build how far it is proved, and that of one with errors nothing is", () => {
    const { status, stdout } = assay(["check"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^Reach of tune\.named:\n {2}proved [^]*?; allocation\/unused-name: call `evaluate`\s+is there in larger runs only\n/m,
    );
    const plain = /^Reach of tune\.plain:\n[^]*$/m.exec(stdout)?.[0];
    expect(plain).toContain("no gpuMemMiB\nNothing is proved of tune.large: it has errors.\n");
    expect(plain).not.toContain("unused-name");
    expect(stdout).toMatch(/^1 error, 1 acknowledged warning in /m);
    expect(assay(["check", "tune.plain"]).stdout).toMatch(/^Reach:$[^]*^no errors in /m);
  });

  it("lists acknowledgements of a manifest with their reasons", () => {
    expect(assay(["build", "--keep-going"]).status).toBe(1);
    for (const name of ["tune.named", "tune.plain"]) {
      expect(assay(["show", name]).stdout).toContain(`\nacknowledged\n  allocation/unused-name: ${REASON}\n`);
    }
    const manifest = join(project.root, ".assay/tune.plain.manifest.json");
    // Another manifest of the class may need it.
    expect(assay(["resolve", manifest])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Reach of tune/) });
    const named = assay(["resolve", join(project.root, ".assay/tune.named.manifest.json"), "--format", "sarif"]);
    expect((JSON.parse(named.stdout) as Log).runs[0]?.results?.[0]?.suppressions?.[0]).toMatchObject({
      justification: REASON,
      location: { physicalLocation: { region: { startLine: 1 } } },
    });
  });
});

describe("the JSON form", () => {
  const validator = new Validator(schemaOf("../../docs/diagnostics.schema.json"), "2020-12", false);

  it.each([
    ["check", "--json"],
    ["check", "--json", "tune.plain"],
    ["check", "--json", "tune.nope"],
    ["check", "--json", "tune.plain", "model.optimiser.lr=1"],
    ["check", "--json", "tune.plain", "-m", "seed=1,2"],
    ["build", "--format", "json"],
    ["fix", "--json", "--dry-run"],
  ])("fits its schema: %s %s %s %s %s", (...line) => {
    const { stdout } = assay(line.filter((argument) => argument !== undefined));
    expect(validator.validate(JSON.parse(stdout)).errors).toEqual([]);
  });

  it("is refused by the schema if it is wrong", () => {
    const document = JSON.parse(assay(["check", "--json"]).stdout) as {
      diagnostics: { primary: unknown }[];
      experiments: { builds: { reach: unknown; status: string }[] }[];
    };
    const changed = (change: (copy: typeof document) => void) => {
      const copy = structuredClone(document);
      change(copy);
      return validator.validate(copy).valid;
    };
    expect(changed(() => undefined)).toBe(true);
    expect(changed(({ diagnostics }) => diagnostics.forEach((one) => (one.primary = null)))).toBe(false);
    expect(changed(({ experiments }) => experiments[0]?.builds.forEach((one) => (one.status = "proved")))).toBe(false);
    expect(changed(({ experiments }) => experiments[0]?.builds.forEach((one) => (one.status = "failed")))).toBe(false);
  });

  it("says what was acknowledged, by whom, where and why", () => {
    const { acknowledged } = JSON.parse(assay(["check", "--json"]).stdout) as { acknowledged: object[] };
    const line = EXPERIMENT.split("\n").findIndex((text) => text.includes(REASON)) + 1;
    expect(acknowledged).toMatchObject([
      {
        code: "allocation/unused-name",
        severity: "warning",
        experiment: "tune.named",
        reason: REASON,
        acknowledgedAt: { file: "experiments/tune.ts", line, column: 5, length: '"allocation/unused-name"'.length },
      },
    ]);
  });
});

describe("the forms of services", () => {
  it("place what is in no file in the config", () => {
    const { stdout } = assay(["check", "tune.nope", "--format", "sarif"]);
    const location = (JSON.parse(stdout) as Log).runs[0]?.results?.[0]?.locations?.[0];
    expect(location?.physicalLocation?.artifactLocation?.uri).toBe("assay.config.ts");
    expect(location?.logicalLocations?.[0]?.name).toBe("tune.nope");
  });

  const sarif = new Validator(schemaOf("../goldens/sarif-2.1.0.json"), "4", false);
  const uris = (text: string) => [...text.matchAll(/"uri": "([^"]*)"/g)].map(([, uri]) => uri);

  it("are whole documents, and name files from the repository's root", () => {
    const { root } = project;
    const inside = join(basename(root), "experiments/tune.ts");
    const workspace = { env: { GITHUB_WORKSPACE: dirname(root) } };
    const checks = ["check", "--format", "sarif"];
    const below = join(root, "experiments");
    for (const [run, uri] of [
      [assay(checks), "experiments/tune.ts"],
      [assay(checks, workspace), inside],
      [assay(checks, { ...workspace, cwd: below }), inside],
      [assay(checks, { env: { GITHUB_WORKSPACE: "/somewhere/else" } }), "experiments/tune.ts"],
    ] as const) {
      const log = JSON.parse(run.stdout) as Log;
      expect(sarif.validate(log).errors).toEqual([]);
      expect(run.stderr).toBe("");
      expect(new Set(uris(run.stdout))).toEqual(new Set([uri]));
    }
    const annotation = assay(["check", "--format", "github"], { ...workspace, cwd: below });
    expect(annotation).toMatchObject({ status: 1, stderr: "" });
    expect(annotation.stdout).toMatch(new RegExp(String.raw`^::error file=${inside},line=9,.*\n$`));
    mkdirSync(join(root, ".git"));
    expect(assay(["check", "--format", "github"], { cwd: below }).stdout).toMatch(
      /^::error file=experiments\/tune\.ts,/,
    );
  });

  it("suppress acknowledged warnings with their reason, or leave them out", () => {
    const { runs } = JSON.parse(assay(["check", "--format", "sarif"]).stdout) as Log;
    const [run] = runs;
    expect(run?.results?.map(({ ruleId, suppressions }) => [ruleId, suppressions?.length ?? 0])).toEqual([
      ["allocation/gpu-product", 0],
      ["allocation/unused-name", 1],
    ]);
    const suppressed = run?.results?.[1];
    expect(suppressed?.suppressions?.[0]).toMatchObject({
      kind: "inSource",
      status: "accepted",
      justification: REASON,
      location: { physicalLocation: { artifactLocation: { uri: "experiments/tune.ts" } } },
    });
    expect(assay(["check", "--format", "github"]).stdout).not.toContain("unused-name");
  });
});
