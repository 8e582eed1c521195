import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildDiagnostics } from "../../../codegen/config-diagnostics.ts";
import { CONFIG_DEFAULTS, findProject, guessOutFolder, readConfigFile } from "../../../codegen/config.ts";
import { evaluateDiagnostics } from "../../../codegen/evaluate/diagnostics.ts";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import { type AssayConfig, defineConfig } from "../../../src/dsl/config.ts";
import { originOf } from "../../../src/origin/call-site.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";

let root = "";
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "assay-config-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, content: string | object = ""): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
}

const find = (from: string, given?: string) => findProject(join(root, from), given);
const project = (folder: string, configFile: string, namedBy: string | null = null) => ({
  project: { root: join(root, folder), configFile, namedBy },
  findings: [],
});

describe("finding a project", () => {
  it("takes the nearest folder upward with a config", () => {
    put("assay.config.ts");
    put("inner/assay.config.ts");
    mkdirSync(join(root, "inner/src/deep"), { recursive: true });
    mkdirSync(join(root, "src"));
    expect(find("inner/src/deep")).toEqual(project("inner", "assay.config.ts"));
    expect(find("src")).toEqual(project(".", "assay.config.ts"));
  });

  it("takes the config that a package names, before one of the usual name", () => {
    put("package.json", { assay: { config: "./configs/proof.ts" } });
    put("assay.config.ts");
    put("configs/proof.ts");
    expect(find("configs")).toEqual(project(".", "configs/proof.ts", "package.json"));
  });

  it("passes over packages that name none, or can't be read and have nothing to do with it", () => {
    put("assay.config.ts");
    put("a/package.json", { dependencies: { assay: "1" }, assay: {} });
    put("a/b/package.json", "{ broken");
    expect(find("a/b")).toEqual(project(".", "assay.config.ts"));
  });

  it("takes the config that was given, in its own folder or its package's", () => {
    put("package.json", "{}");
    put("sub/assay.config.ts");
    put("configs/deep/ci.ts");
    expect(find(".", "sub/assay.config.ts")).toEqual(project("sub", "assay.config.ts"));
    expect(find("sub", "../configs/deep/ci.ts")).toEqual(project(".", "configs/deep/ci.ts"));
    expect(find("sub", join(root, "sub/assay.config.ts"))).toEqual(project("sub", "assay.config.ts"));
  });

  const mistakes = (from: string, given?: string) =>
    find(from, given).findings.map(({ code, message, at }) => ({ code, message, at }));

  it("reports that there is none", () => {
    expect(find(".").project).toBeNull();
    expect(mistakes(".").map(({ code }) => code)).toEqual(["build/config-not-found"]);
  });

  it("reports a given config that is not there", () => {
    expect(mistakes(".", "nowhere.ts")[0]?.message).toBe(
      "`--config` names the config `nowhere.ts`, which is not there",
    );
  });

  it("reports a named config that is not there, at its name", () => {
    put("package.json", '{\n  "assay": { "config": "nowhere.ts" }\n}');
    expect(mistakes(".")).toEqual([
      {
        code: "build/config-missing",
        message: "`package.json` names the config `nowhere.ts`, which is not there",
        at: { kind: "span", span: { file: "package.json", line: 2, column: 24, length: 12 } },
      },
    ]);
  });

  it.each([
    ['{ "assay": ', "it is no JSON"],
    ['{ "assay": { "config": 3 } }', "`assay.config` is no string"],
    ['{ "assay": { "config": "../x.ts" } }', "`../x.ts` is not inside of its folder"],
  ])("reports a package that can't name one: %s", (text, problem) => {
    put("package.json", text);
    expect(mistakes(".").map(({ code, message }) => [code, message])).toEqual([
      ["build/config-package", `\`package.json\` can't name a config: ${problem}`],
    ]);
  });
});

const read = (exported: unknown) =>
  readConfigFile({ root, configFile: "assay.config.ts", namedBy: null }, () => Promise.resolve(exported));

/** Reads a config that no type checker would let through. */
const readWrong = async (config: Readonly<Record<string, unknown>>) => read(defineConfig(config as AssayConfig));

const start = { kind: "span", span: { file: "assay.config.ts", line: 1, column: 1, length: 0 } };

describe("reading a config", () => {
  it("fills in what is not set", async () => {
    expect(await read(defineConfig({}))).toEqual({ config: CONFIG_DEFAULTS, uses: {}, findings: [] });
    expect(await read({})).toEqual({ config: CONFIG_DEFAULTS, uses: {}, findings: [] });
  });

  it("takes all that is set", async () => {
    const cluster = clusterSpec({ name: "h100x8", nodes: 4 });
    const set: AssayConfig = {
      experiments: ["src/**/*.ts", "!**/*.test.ts"],
      plugins: ["some-package"],
      clusters: [clusterSpec({ name: "a" }), cluster],
      cluster: "h100x8",
      models: { "/path": "qwen2.5-7b" },
      out: "./build/assay/",
      gen: "src/assay.gen.ts",
      inputs: ["data/*.json"],
      limits: { timeoutMs: 1 },
    };
    const { config, findings } = await read(defineConfig(set));
    expect(findings).toEqual([]);
    const { clusters: _, ...rest } = set;
    expect(config).toMatchObject({ ...rest, out: "build/assay", limits: { ...CONFIG_DEFAULTS.limits, timeoutMs: 1 } });
    expect(config.clusters[1]).toEqual(JSON.parse(JSON.stringify(cluster)));
  });

  it("takes the first cluster if none is named, and plain objects as clusters", async () => {
    const { config, findings } = await read({ clusters: [{ name: "b", nodes: 2 }, { name: "a" }] });
    expect(findings).toEqual([]);
    expect(config.cluster).toBe("b");
    expect(config.clusters.map(({ name, nodes, gpusPerNode }) => [name, nodes, gpusPerNode])).toEqual([
      ["b", 2, 8],
      ["a", 32, 8],
    ]);
  });
});

describe("a wrong config", () => {
  const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);

  it.each([
    ["experiments", 3, "a list of strings, found 3"],
    ["experiments", ["a", ""], 'a string that is not empty, found ""', ["experiments", 1]],
    ["plugins", "x", 'a list of strings, found "x"'],
    ["plugins", [null], "a string that is not empty, found null", ["plugins", 0]],
    ["inputs", {}, "a list of strings, found an object"],
    ["clusters", {}, "a list of clusters, found an object"],
    ["clusters", ["h100"], 'a cluster, found "h100"', ["clusters", 0]],
    ["cluster", 1, "the name of a cluster, found 1"],
    ["models", [], "an object, found a list"],
    ["models", { "/a": 1 }, "the id of a model, found 1", ["models", "/a"]],
    ["out", 1, "a path, found 1"],
    ["gen", true, "a path, found true"],
    ["limits", 5, "an object, found 5"],
    ["limits", { heapMiB: 0.5 }, "a whole number from 1, found 0.5", ["limits", "heapMiB"]],
    ["limits", { timeoutMs: "1s" }, 'a whole number from 1, found "1s"', ["limits", "timeoutMs"]],
  ])("has a wrong type: %s = %j", async (key, value, expected, path: readonly (string | number)[] = [key]) => {
    const { findings, config } = await readWrong({ [key]: value });
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      ["build/config-type", `\`${path.join(".")}\` of the config must be ${expected}`],
    ]);
    expect(findings[0]?.at).toMatchObject({ kind: "site", path: [0, ...path] });
    expect(Object.keys(config)).toEqual(Object.keys(CONFIG_DEFAULTS));
  });

  it.each([
    ["out", "../out", "is not inside of the project's folder"],
    ["out", ".", "is not inside of the project's folder"],
    ["out", "", "is not inside of the project's folder"],
    ["out", "/tmp/out", "is not inside of the project's folder"],
    ["gen", "../assay.gen.ts", "is not inside of the project's folder"],
    ["gen", "src/index.ts", "does not end in `.gen.ts`"],
  ])("has a wrong path: %s = %j", async (key, value, problem) => {
    const { findings, config } = await readWrong({ [key]: value });
    expect(findings.map(({ message }) => message)).toEqual([
      `\`${key}\` of the config can't be ${JSON.stringify(value)}: it ${problem}`,
    ]);
    expect(config).toEqual(CONFIG_DEFAULTS);
  });

  it.each(["../other/*.ts", "/abs/*.ts", "!../x", "a/../../b.ts", "C:/x.ts"])(
    "has patterns that lead out: %s",
    async (pattern) => {
      const { findings, config } = await readWrong({ experiments: ["ok/*.ts", pattern] });
      expect(codes(findings)).toEqual(["build/config-path"]);
      expect(findings[0]?.at).toMatchObject({ kind: "site", path: [0, "experiments", 1] });
      expect(config.experiments).toEqual(["ok/*.ts"]);
    },
  );

  it("has unknown properties, with the nearest name", async () => {
    const { findings } = await readWrong({ experiment: [], limits: { timeout: 3 } });
    expect(findings.map(({ message, help, at }) => ({ message, help, at }))).toEqual([
      {
        message: "the config has no property `experiment`",
        help: "use `experiments`",
        at: expect.objectContaining({ kind: "site", path: [0, "experiment", "#key"] }),
      },
      {
        message: "the config has no property `limits.timeout`",
        help: "use `timeoutMs`",
        at: expect.objectContaining({ kind: "site", path: [0, "limits", "timeout", "#key"] }),
      },
    ]);
  });

  it("names a cluster that is not there", async () => {
    const { findings, config } = await readWrong({ clusters: [clusterSpec({ name: "h100x8" })], cluster: "h100x9" });
    expect(findings.map(({ code, help }) => [code, help])).toEqual([["config/unknown-cluster", "use `h100x8`"]]);
    expect(config.cluster).toBe("h100x8");
  });

  it("has two clusters of one name, at the second's own call", async () => {
    const clusters = [clusterSpec({ name: "a" }), clusterSpec({ name: "a", nodes: 2 })];
    const { findings, config } = await readWrong({ clusters });
    expect(codes(findings)).toEqual(["build/config-cluster-twice"]);
    expect(findings[0]?.at).toEqual({ kind: "site", frames: originOf(clusters[1])?.frames, path: [0, "name"] });
    expect(config.clusters.map(({ nodes }) => nodes)).toEqual([32]);
  });

  it("has clusters with wrong fields, each reported once", async () => {
    const { findings } = await read({
      clusters: [clusterSpec({ name: "a", nodes: 0 }), { name: "b", node: 1, gpusPerNode: "8", models: [] }],
    });
    expect(findings.map(({ code, at, data }) => [code, data["property"] ?? data["field"], at.kind])).toEqual([
      ["config/cluster-field", "nodes", "site"],
      ["build/config-unknown-key", "clusters.1.node", "span"],
      ["build/config-type", "clusters.1.gpusPerNode", "span"],
      ["build/config-type", "clusters.1.models", "span"],
    ]);
  });

  it("has clusters with unknown properties, at their names", async () => {
    const clusters = [clusterSpec({ name: "a", node: 1 } as never)];
    const { findings } = await readWrong({ clusters });
    expect(findings.map(({ at, help }) => [at, help])).toEqual([
      [{ kind: "site", frames: originOf(clusters[0])?.frames, path: [0, "node", "#key"] }, "use `nodes`"],
    ]);
  });

  it("shows all mistakes at once", async () => {
    const { findings } = await readWrong({ outt: "x", gen: 1, limits: { heapMiB: -1 }, cluster: "a" });
    expect(codes(findings)).toEqual([
      "build/config-unknown-key",
      "config/unknown-cluster",
      "build/config-type",
      "build/config-type",
    ]);
  });

  it.each([[[]], [3], ["x"], [null]])("exports no object: %j", async (exported) => {
    const { findings } = await read(exported);
    expect(findings.map(({ code, at }) => [code, at])).toEqual([["build/config-type", start]]);
    expect(findings[0]?.message).toMatch(/^the config must be an object, found /);
  });

  it("exports nothing", async () => {
    expect((await read(undefined)).findings.map(({ code, at }) => [code, at])).toEqual([
      ["build/config-no-default", start],
    ]);
  });

  it("throws", async () => {
    const config = { root, configFile: "assay.config.ts", namedBy: null };
    const thrown = await readConfigFile(config, () => Promise.reject(new Error("no such module")));
    expect(thrown.findings.map(({ code, message }) => [code, message])).toEqual([
      ["build/config-threw", "the config can't be evaluated: no such module"],
    ]);
    const { findings } = await read(null);
    const passed = await readConfigFile(config, () => Promise.reject(new AssayError(findings)));
    expect(passed.findings).toEqual(findings);
    const at = { kind: "span", span: { file: "assay.config.ts", line: 3, column: 15, length: 4 } } as const;
    const failed = new AssayError([evaluateDiagnostics.threw({ error: "Error: no such size" }, { at })]);
    const told = await readConfigFile(config, () => Promise.reject(failed));
    expect(told.findings).toEqual([buildDiagnostics["config-threw"]({ reason: "Error: no such size" }, { at })]);
  });
});

describe("the out folder by the config's text", () => {
  it.each([
    ['export default defineConfig({ out: "build/x" });', "build/x"],
    ["{ 'out' : 'a b' }", "a b"],
    ["{ timeout: 'x', gen: 'y' }", ".assay"],
    ["{ out: `${x}/y` }", ".assay"],
    ["", ".assay"],
  ])("is guessed: %s", (text, expected) => {
    expect(guessOutFolder(text)).toBe(expected);
  });
});
