import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BuildCache,
  type BuildParts,
  type ContextParts,
  contextKey,
  type ExperimentKey,
  type FileHash,
  openCache,
  readToolId,
} from "../../../codegen/cache.ts";
import { type FilePatterns, projectFiles } from "../../../codegen/project-files.ts";
import { writeSet } from "../../../codegen/write.ts";

let root = "";
let outDir = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "assay-cache-"));
  outDir = join(root, ".assay");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Long after all files were written: recorded hashes are then trusted. */
const later = () => Date.now() + 60_000;

function open(options: { tool?: string; nodeMajor?: number; nowMs?: () => number } = {}): BuildCache {
  return openCache(outDir, { root, tool: "tool 1", nodeMajor: 20, nowMs: later, ...options });
}

const selection = { command: "build", names: ["sft"], overrides: [{ path: "lr", value: 1 }] };
const sources: FilePatterns = { patterns: ["experiments/**/*.ts"], out: ".assay", kind: "sources" };
const inputs: FilePatterns = { patterns: ["data/*.json"], out: ".assay", kind: "data" };
const glob = (query: FilePatterns) => projectFiles(root, query);

const FILES = {
  "experiments/sft.ts": "import '../shared/lr.ts';",
  "shared/lr.ts": "export const lr = 1;",
  "node_modules/used/index.js": "module.exports = 1;",
  "tsconfig.json": '{ "extends": "./tsconfig.base.json" }',
  "tsconfig.base.json": "{}",
  "assay.config.ts": "import './clusters.ts';",
  "clusters.ts": "export {};",
  "node_modules/plugin/assay-plugin.json": "{}",
  "node_modules/plugin/package.json": '{ "version": "1.0.0" }',
  "data/prompts.json": "[]",
};

function partsOf(cache: BuildCache): BuildParts {
  const hashes = (files: readonly string[]): readonly FileHash[] =>
    files.map((file) => ({ file, sha256: cache.hash(file) }));
  return {
    selection,
    globs: [sources, inputs].map((query) => ({ query, files: glob(query) })),
    sources: hashes(["experiments/sft.ts", "shared/lr.ts", "shared/lr/index.ts", "node_modules/used/index.js"]),
    tsconfig: hashes(["tsconfig.json", "tsconfig.base.json"]),
    config: hashes(["assay.config.ts", "clusters.ts"]),
    plugins: hashes(["node_modules/plugin/assay-plugin.json", "node_modules/plugin/package.json"]),
    inputs: hashes(["data/prompts.json"]),
  };
}

function storeBuild(set: string | null = null): void {
  for (const [file, text] of Object.entries(FILES)) put(file, text);
  const cache = open();
  expect(cache.putWholeBuild(partsOf(cache), { set, result: { exit: 0 } })).toBe(true);
  cache.save();
}

describe("a whole build", () => {
  it("is there again if nothing changed, without reading a file", () => {
    storeBuild();
    const cache = open();
    expect(cache.wholeBuild(selection, glob)).toMatchObject({ set: null, result: { exit: 0 } });
    expect(cache.reads).toBe(0);
  });

  it.each(Object.keys(FILES))("is not if %s changed, and is again when that is undone", (file) => {
    storeBuild();
    appendFileSync(join(root, file), " ");
    expect(open().wholeBuild(selection, glob)).toBeNull();
    put(file, FILES[file as keyof typeof FILES]);
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
  });

  it.each(Object.keys(FILES))("is not if %s is gone", (file) => {
    storeBuild();
    rmSync(join(root, file));
    expect(open().wholeBuild(selection, glob)).toBeNull();
  });

  it.each([
    ["a new file matches the patterns of experiments", "experiments/deep/new.ts"],
    ["a new file matches the patterns of inputs", "data/more.json"],
    ["a file appears that an import looked for", "shared/lr/index.ts"],
  ])("is not if %s", (_, file) => {
    storeBuild();
    put(file, "");
    expect(open().wholeBuild(selection, glob)).toBeNull();
    rmSync(join(root, file));
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
  });

  it("stays if a file appears that nothing looks for", () => {
    storeBuild();
    put("experiments/README.md", "");
    put("experiments/node_modules/x/y.ts", "");
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
  });

  it.each([
    ["the command", { ...selection, command: "check" }],
    ["the names", { ...selection, names: [] }],
    ["an override", { ...selection, overrides: [{ path: "lr", value: 2 }] }],
  ])("is not for another selection: %s", (_, other) => {
    storeBuild();
    expect(open().wholeBuild(other, glob)).toBeNull();
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
  });

  it("does not depend on the order of a selection's properties", () => {
    storeBuild();
    const { command, names, overrides } = selection;
    expect(open().wholeBuild({ overrides, names, command }, glob)).not.toBeNull();
  });

  it("is not for another tool, or another major version of Node", () => {
    storeBuild();
    expect(open({ tool: "tool 2" }).wholeBuild(selection, glob)).toBeNull();
    expect(open({ nodeMajor: 22 }).wholeBuild(selection, glob)).toBeNull();
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
  });

  it("is not if its outputs are no longer the current ones", () => {
    const write = (text: string) => writeSet(outDir, new Map([["index.json", text]]), { root, gen: null }).set;
    const set = write("1");
    storeBuild(set);
    expect(open().wholeBuild(selection, glob)?.set).toBe(set);
    const other = write("2");
    expect(open().wholeBuild(selection, glob)).toBeNull();
    storeBuild(other);
    expect(open().wholeBuild(selection, glob)?.set).toBe(other);
    rmSync(join(outDir, ".sets"), { recursive: true });
    expect(open().wholeBuild(selection, glob)).toBeNull();
  });

  it("is not stored if a module was read in two states", () => {
    put("a.ts", "1");
    const cache = open();
    const twice = ["1", "2"].map((text) => ({ file: "a.ts", sha256: createHash("sha256").update(text).digest("hex") }));
    const parts = { ...partsOf(cache), sources: twice };
    expect(cache.putWholeBuild(parts, { set: null, result: 1 })).toBe(false);
    expect(cache.wholeBuild(selection, glob)).toBeNull();
  });

  it("is not if a module changed after the build had read it", () => {
    put("a.ts", "1");
    const cache = open();
    const read = { file: "a.ts", sha256: createHash("sha256").update("1").digest("hex") };
    put("a.ts", "2");
    cache.putWholeBuild({ ...partsOf(cache), sources: [read] }, { set: null, result: 1 });
    cache.save();
    expect(open().wholeBuild(selection, glob)).toBeNull();
  });

  it("keeps results of eight selections", () => {
    storeBuild();
    for (let number = 0; number < 8; number += 1) {
      const cache = open();
      cache.putWholeBuild({ ...partsOf(cache), selection: number }, { set: null, result: number });
      cache.save();
    }
    const cache = open();
    expect(cache.wholeBuild(0, glob)?.result).toBe(0);
    expect(cache.wholeBuild(7, glob)?.result).toBe(7);
    expect(cache.wholeBuild(selection, glob)).toBeNull();
  });

  it("finds modules of packages that lie above the project", () => {
    root = join(root, "packages", "mine");
    outDir = join(root, ".assay");
    put("../../node_modules/used/index.js", "1");
    storeBuildWith({ file: "node_modules/used/index.js" });
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
    put("../../node_modules/used/index.js", "2");
    expect(open().wholeBuild(selection, glob)).toBeNull();
    root = dirname(dirname(root));
  });

  it("takes absolute paths for project-relative ones", () => {
    put("tsconfig.json", "{}");
    storeBuildWith({ file: join(root, "tsconfig.json") });
    const text = readFileSync(join(outDir, ".cache", "builds.json"), "utf8");
    expect(text).toContain('"tsconfig.json"');
    expect(text).not.toContain(root);
  });
});

function storeBuildWith({ file }: { readonly file: string }): void {
  const cache = open();
  const none: readonly FileHash[] = [];
  const parts = { selection, globs: [], sources: none, config: none, plugins: none, inputs: none };
  cache.putWholeBuild({ ...parts, tsconfig: [{ file, sha256: cache.hash(file) }] }, { set: null, result: 1 });
  cache.save();
}

describe("checking files", () => {
  it("rereads a file whose time was touched, once, and finds nothing changed", () => {
    storeBuild();
    utimesSync(join(root, "shared/lr.ts"), new Date(0), new Date(0));
    const cache = open();
    expect(cache.wholeBuild(selection, glob)).not.toBeNull();
    expect(cache.reads).toBe(1);
    cache.save();
    const again = open();
    expect(again.wholeBuild(selection, glob)).not.toBeNull();
    expect(again.reads).toBe(0);
  });

  it("rereads what had just been written when it was recorded", () => {
    for (const [file, text] of Object.entries(FILES)) put(file, text);
    const first = open({ nowMs: Date.now });
    first.putWholeBuild(partsOf(first), { set: null, result: 1 });
    first.save();
    const second = open();
    expect(second.wholeBuild(selection, glob)).not.toBeNull();
    expect(second.reads).toBe(Object.keys(FILES).length);
    second.save();
    const third = open();
    expect(third.wholeBuild(selection, glob)).not.toBeNull();
    expect(third.reads).toBe(0);
  });

  it("catches a change that leaves size and time as they were", () => {
    put("a.ts", "lr = 1");
    const time = new Date(statSync(join(root, "a.ts")).mtimeMs);
    utimesSync(join(root, "a.ts"), time, time);
    const first = open({ nowMs: Date.now });
    expect(first.fingerprint(["a.ts"]).changed).toEqual(["a.ts"]);
    storeFile(first, "a.ts");
    put("a.ts", "lr = 2");
    utimesSync(join(root, "a.ts"), time, time);
    // Whether or not the file system noticed: the record is too young to be trusted.
    falsifyRecord("a.ts");
    expect(open().fingerprint(["a.ts"]).changed).toEqual(["a.ts"]);
  });

  it("tells what changed since the last run", () => {
    put("a.ts", "1");
    put("b.ts", "1");
    const first = open();
    storeFile(first, "a.ts", "b.ts");
    put("b.ts", "2");
    const { changed, hashes } = open().fingerprint(["a.ts", "b.ts", "c.ts"]);
    expect(changed).toEqual(["b.ts"]);
    expect(hashes.get("c.ts")).toBeNull();
    expect(hashes.get("a.ts")).toBe(createHash("sha256").update("1").digest("hex"));
  });

  it("sees every file in one state during a build", () => {
    put("a.ts", "1");
    const cache = open();
    const hash = cache.hash("a.ts");
    put("a.ts", "2");
    expect(cache.hash("a.ts")).toBe(hash);
  });

  it("hashes large files as it does small ones", () => {
    const bytes = Buffer.alloc(17 * 1024 * 1024, "assay");
    writeFileSync(join(root, "large.bin"), bytes);
    expect(open().hash("large.bin")).toBe(createHash("sha256").update(bytes).digest("hex"));
  });
});

/** Stores a build over some files. */
function storeFile(cache: BuildCache, ...files: readonly string[]): void {
  const none: readonly FileHash[] = [];
  const hashes = files.map((file) => ({ file, sha256: cache.hash(file) }));
  const parts = { selection, globs: [], sources: hashes, tsconfig: none, config: none, plugins: none, inputs: none };
  cache.putWholeBuild(parts, { set: null, result: 1 });
  cache.save();
}

/** Makes the record agree with the file's size and times, as on a file system that counts in coarse steps. */
function falsifyRecord(file: string): void {
  const path = join(outDir, ".cache", "builds.json");
  const { size, mtimeNs, ctimeNs, ino } = statSync(join(root, file), { bigint: true });
  const [header = "", body = ""] = readFileSync(path, "utf8").split("\n");
  const changed = body.replace(/"stat":"[^"]*"/, `"stat":"${size}:${mtimeNs}:${ctimeNs}:${ino}"`);
  expect(changed).not.toBe(body);
  const sum = createHash("sha256").update(changed).digest("hex").slice(0, 32);
  writeFileSync(path, `${JSON.stringify({ ...JSON.parse(header), sum })}\n${changed}`);
}

describe("an experiment's result", () => {
  const key: ExperimentKey = { name: "sft", file: "experiments/sft.ts", builds: [{ preset: null }], context: "c" };

  function storeExperiment(): void {
    for (const [file, text] of Object.entries(FILES)) put(file, text);
    const cache = open();
    const modules = ["experiments/sft.ts", "shared/lr.ts", "shared/lr/index.ts"].map((file) => ({
      file,
      sha256: cache.hash(file),
    }));
    cache.putExperiment(key, { modules, head: { outputs: ["sft"] }, text: "authored ✓" });
    cache.save();
  }

  it("is there again if its modules are as they were", () => {
    storeExperiment();
    const found = open().experiment(key);
    expect(found?.head).toEqual({ outputs: ["sft"] });
    expect(found?.text()).toBe("authored ✓");
    expect(found?.modules.map(({ file }) => file)).toEqual([
      "experiments/sft.ts",
      "shared/lr.ts",
      "shared/lr/index.ts",
    ]);
  });

  it.each(["experiments/sft.ts", "shared/lr.ts", "shared/lr/index.ts"])("is not if %s changed", (file) => {
    storeExperiment();
    put(file, "changed");
    expect(open().experiment(key)).toBeNull();
  });

  it("stays if another file changed", () => {
    storeExperiment();
    put("experiments/other.ts", "");
    put("clusters.ts", "changed");
    expect(open().experiment(key)).not.toBeNull();
  });

  it.each([
    ["name", { name: "other" }],
    ["file", { file: "experiments/other.ts" }],
    ["builds", { builds: [{ preset: "one-node" }] }],
    ["context", { context: "d" }],
  ])("is not for another key: %s", (_, part) => {
    storeExperiment();
    expect(open().experiment({ ...key, ...part })).toBeNull();
  });

  const context: ContextParts = {
    flags: { experimentalDecorators: true, emitDecoratorMetadata: true, useDefineForClassFields: true, paths: {} },
    config: { clusters: ["a"], models: {} },
    plugins: [{ package: "p", version: "1.0.0" }],
    inputs: [{ file: "data/prompts.json", sha256: "1" }],
  };

  it.each<[string, Partial<ContextParts>]>([
    ["a flag", { flags: { ...context.flags, useDefineForClassFields: false } }],
    ["a path of the flags", { flags: { ...context.flags, paths: { "@/*": ["src/*"] } } }],
    ["the config", { config: { clusters: ["b"], models: {} } }],
    ["a plugin's version", { plugins: [{ package: "p", version: "1.0.1" }] }],
    ["an input's content", { inputs: [{ file: "data/prompts.json", sha256: "2" }] }],
    ["an input more", { inputs: [...context.inputs, { file: "b", sha256: "1" }] }],
  ])("has a context in which %s counts", (_, part) => {
    expect(contextKey({ ...context, ...part })).not.toBe(contextKey(context));
  });

  it("has a context in which the order of properties and inputs does not count", () => {
    const inputsOf = (...files: string[]) => files.map((file) => ({ file, sha256: "1" }));
    const one = { ...context, config: { a: 1, b: 2 }, inputs: inputsOf("a", "b") };
    const two = { ...context, config: { b: 2, a: 1 }, inputs: inputsOf("b", "a") };
    expect(contextKey(one)).toBe(contextKey(two));
  });

  it("does not grow with every change of the settings", () => {
    storeExperiment();
    for (let number = 0; number < 10; number += 1) {
      const cache = open({ nowMs: () => later() + number });
      cache.putExperiment({ ...key, context: `${number}` }, { modules: [], head: number, text: "x".repeat(1000) });
      cache.save();
    }
    const cache = open();
    const there = Array.from({ length: 10 }, (_, number) => cache.experiment({ ...key, context: `${number}` }));
    expect(there.map((one) => one !== null)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect(there.at(-1)?.text()).toBe("x".repeat(1000));
    expect(cache.experiment(key)).toBeNull();
  });
});

describe("what syntax said", () => {
  it("is found by file and content", () => {
    const cache = open();
    cache.putDeclared("a.ts", "1", { file: "a.ts" });
    cache.putDeclared("b.ts", "1", { file: "b.ts" });
    expect(cache.declared("a.ts", "1")).toEqual({ file: "a.ts" });
    cache.save();
    expect(open().declared("a.ts", "1")).toEqual({ file: "a.ts" });
    expect(open().declared("a.ts", "2")).toBeNull();
    expect(open().declared("c.ts", "1")).toBeNull();
    expect(open({ tool: "tool 2" }).declared("a.ts", "1")).toBeNull();
  });

  it("takes the place of what it said of an older content, and packs are merged", () => {
    for (let number = 0; number < 40; number += 1) {
      const cache = open();
      cache.putDeclared("a.ts", `${number}`, number);
      cache.putDeclared(`only-${number}.ts`, "1", "y".repeat(100));
      cache.save();
    }
    const cache = open();
    expect(cache.declared("a.ts", "39")).toBe(39);
    expect(cache.declared("a.ts", "38")).toBeNull();
    expect(cache.declared("only-0.ts", "1")).toBe("y".repeat(100));
    const used = readFileSync(join(outDir, ".cache", "entries.json"), "utf8").match(/entries-[^"]*\.pack/g);
    expect(used?.length).toBeLessThanOrEqual(9);
  });
});

describe("a damaged cache", () => {
  const key: ExperimentKey = { name: "sft", file: "a.ts", builds: [], context: "c" };

  function store(): readonly string[] {
    storeBuild();
    const cache = open();
    cache.putExperiment(key, { modules: [], head: 1, text: "text" });
    cache.putDeclared("a.ts", "1", 1);
    cache.save();
    return readdirSync(join(outDir, ".cache")).map((name) => join(outDir, ".cache", name));
  }

  it("is as good as none, wherever it is cut off or altered", () => {
    const files = store();
    expect(files).toHaveLength(3);
    for (const path of files) {
      const bytes = readFileSync(path);
      for (let length = 0; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 40))) {
        truncateSync(path, length);
        useAll();
        const altered = Buffer.from(bytes);
        altered[length] = (altered[length] ?? 0) ^ 1;
        writeFileSync(path, altered);
        useAll();
        writeFileSync(path, bytes);
      }
    }
    expect(open().experiment(key)?.text()).toBe("text");
  });

  /** Each part is right or not there. */
  function useAll(): void {
    const cache = open();
    expect([null, 0]).toContain(
      (cache.wholeBuild(selection, glob)?.result as { exit: number } | undefined)?.exit ?? null,
    );
    expect([null, "text"]).toContain(cache.experiment(key)?.text() ?? null);
    expect([null, 1]).toContain(cache.declared("a.ts", "1"));
  }

  it("is replaced by the next save", () => {
    for (const path of store()) truncateSync(path, 5);
    expect(open().wholeBuild(selection, glob)).toBeNull();
    store();
    expect(open().wholeBuild(selection, glob)).not.toBeNull();
    expect(open().experiment(key)?.text()).toBe("text");
  });

  it("costs nothing if it can't be written", () => {
    mkdirSync(outDir);
    symlinkSync(join(root, "nowhere", "else"), join(outDir, ".cache"));
    const cache = open();
    cache.putDeclared("a.ts", "1", 1);
    cache.save();
    expect(open().declared("a.ts", "1")).toBeNull();
  });
});

describe("two builds at the same time", () => {
  it("leave a whole cache: that of the last to save", () => {
    const [first, second] = [open(), open()];
    first.putDeclared("a.ts", "1", "first");
    second.putDeclared("b.ts", "1", "second");
    first.save();
    second.save();
    expect(open().declared("a.ts", "1")).toBeNull();
    expect(open().declared("b.ts", "1")).toBe("second");
  });
});

describe("the tool's identity", () => {
  it("is that of the compiled library, else its version", () => {
    put("package.json", '{ "version": "1.2.3" }');
    expect(readToolId(root)).toBe("version 1.2.3");
    put("dist/build-id.json", '{ "buildId": "abc" }');
    expect(readToolId(root)).toBe("buildId abc");
  });
});
