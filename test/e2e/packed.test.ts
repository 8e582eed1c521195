import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPORT_TARGETS } from "../../src/export/targets.ts";
import { CHECKOUT, EmptyProject, packBoth, type Packed, run, sound } from "./project.ts";

/** Node 20.19.0, the oldest that the package admits, if whoever runs the tests has it. */
const oldestNode = process.env["ASSAY_OLDEST_NODE"];

let folder = "";
let assay: Packed;
let chat: Packed;
let project: EmptyProject;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-packed-"));
  ({ assay, chat } = packBoth(folder));
  project = new EmptyProject([assay.tarball, chat.tarball]);
});
afterAll(() => {
  project?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const installed = (file: string) => project.read(join("node_modules/assay", file));

const SETTINGS = JSON.stringify({
  compilerOptions: {
    target: "es2022",
    lib: ["es2023"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    rootDir: ".",
    outDir: "out",
  },
});

/** Compiles files in a folder of their own; complaints as `line code`, with the files they are in. */
function compile(name: string, files: Readonly<Record<string, string>>): readonly string[] {
  project.write(
    Object.fromEntries(
      Object.entries({ "tsconfig.json": SETTINGS, ...files }).map(([file, text]) => [`${name}/${file}`, text]),
    ),
  );
  const { stdout } = project.tsc("-p", name);
  return stdout.split("\n").filter((line) => line.includes("error TS"));
}

describe("the tarball", () => {
  it("holds what is used, and nothing else", () => {
    const { files } = assay;
    const folders = new Set(
      files.map((file) =>
        file
          .split("/")
          .slice(0, file.startsWith("dist/") ? 2 : 1)
          .join("/"),
      ),
    );
    const sources = ["codegen", "experiments", "plugins", "src"];
    const alone = ["LICENSE", "README.md", "package.json", "assay-plugin.json", "assay_manifest.py", "docs"];
    const built = ["build-id.json", "library-classes.json", ...sources].map((name) => `dist/${name}`);
    expect([...folders].sort()).toEqual([...alone, ...sources, ...built].sort());
    expect(files.filter((file) => /\.(test|spec)\b|(^|\/)(test|node_modules|\.[^/]+)\//.test(file))).toEqual([]);
    expect(chat.files.toSorted()).toEqual(["README.md", "assay-plugin.json", "index.d.ts", "index.js", "package.json"]);
  });

  it("has every file that its entries name", () => {
    const { exports, bin } = JSON.parse(installed("package.json")) as {
      readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
      readonly bin: Readonly<Record<string, string>>;
    };
    const named = Object.values(exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    );
    expect(named.length).toBeGreaterThan(12);
    for (const file of [...named, ...Object.values(bin)]) expect(assay.files).toContain(posix.normalize(file));
  });

  it("names no folder of the machine that made it", () => {
    const found = assay.files.filter((file) => installed(file).includes(CHECKOUT));
    expect(found).toEqual([]);
  });

  it("ships the source behind every map", () => {
    const maps = assay.files.filter((file) => file.endsWith(".map"));
    expect(maps.length).toBeGreaterThan(100);
    for (const map of maps) {
      const { sources, sourceRoot = "" } = JSON.parse(installed(map)) as {
        readonly sources: readonly string[];
        readonly sourceRoot?: string;
      };
      for (const source of sources) expect(assay.files).toContain(posix.join(posix.dirname(map), sourceRoot, source));
    }
  });

  it("holds the module that every export is made from", () => {
    const folder = "src/export/";
    for (const { template } of EXPORT_TARGETS) expect(assay.files).toContain(`${folder}${template}`);
  });

  it("satisfies publint", () => {
    const publint = join(CHECKOUT, "node_modules/publint/src/cli.js");
    const { stdout, stderr, status } = run(process.execPath, [publint, "run", assay.tarball, "--strict"], folder);
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining("All good!")]);
  });

  it("has types that every ESM resolution finds", () => {
    const attw = join(CHECKOUT, "node_modules/@arethetypeswrong/cli/dist/index.js");
    // It ends before a pipe has taken all of its output: a file takes it at once.
    const answer = join(folder, "attw.json");
    const file = openSync(answer, "w");
    spawnSync(process.execPath, [attw, assay.tarball, "--profile", "esm-only", "--format", "json"], {
      cwd: folder,
      stdio: ["ignore", file, "ignore"],
    });
    closeSync(file);
    const { analysis } = JSON.parse(readFileSync(answer, "utf8")) as {
      readonly analysis: {
        readonly entrypoints: Readonly<Record<string, unknown>>;
        readonly problems: readonly { readonly resolutionKind?: string; readonly resolutionOption?: string }[];
      };
    };
    expect(Object.keys(analysis.entrypoints).length).toBe(7);
    // The profile leaves these two out; its exit code does not, for one kind of problem.
    const left = analysis.problems.filter(
      ({ resolutionKind, resolutionOption }) =>
        !["node10", "node16-cjs"].includes(resolutionKind ?? resolutionOption ?? ""),
    );
    expect(left).toEqual([]);
  });
});

const PROGRAM = `import "assay/experiments";
import { makeExperiment } from "assay";

const sft = makeExperiment("sft", { allocationMode: "d4p1m2", dataset: { trainBsNSeqs: 64 } }, { preset: "one-node" });
const batch: number = sft.dataset.trainBsNSeqs;
const setup = sft.initialSetup();
declare const console: { log(text: string): void };
console.log(JSON.stringify({ batch, setups: Array.isArray(setup) ? setup.length : 1 }));
`;

/** Writes down what is loaded, by either module system. */
const TRACE = {
  "trace.mjs": `import { appendFileSync } from "node:fs";
import { createRequire, register } from "node:module";
register("./hooks.mjs", import.meta.url);
process.on("exit", () => {
  const required = Object.keys(createRequire(import.meta.url).cache);
  appendFileSync("loaded.txt", required.map((file) => file + "\\n").join(""));
});
`,
  "hooks.mjs": `import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync("loaded.txt", url + "\\n");
  return next(url, context);
}
`,
};

describe("a program in an empty folder", () => {
  it("makes a shipped experiment, typed", () => {
    expect(compile("program", { "main.ts": PROGRAM })).toEqual([]);
    expect(JSON.parse(sound(project.node("program/out/main.js")).stdout)).toEqual({ batch: 64, setups: 1 });
  });

  it("does not compile with a wrong name, option or value", () => {
    const errors = compile("wrong", {
      "main.ts": `import "assay/experiments";
import { makeExperiment } from "assay";

makeExperiment("sfr");
makeExperiment("sft", { trainBsNSeqs: 64 });
makeExperiment("sft", { dataset: { trainBsNSeqs: "64" } });
`,
    });
    expect(errors.map((error) => /main\.ts\(\d+,\d+\): error TS\d+/.exec(error)?.[0])).toEqual([
      "main.ts(4,16): error TS2345",
      "main.ts(5,25): error TS2322",
      "main.ts(6,36): error TS2322",
    ]);
    expect(errors[0]).toContain(`'"sfr"'`);
    expect(errors[1]).toContain("✗ there is no option `trainBsNSeqs`");
  });

  it("loads neither compiler nor command line", () => {
    project.write(TRACE);
    expect(compile("program", { "main.ts": PROGRAM })).toEqual([]);
    sound(project.node("--import", "./trace.mjs", "program/out/main.js"));
    const loaded = project.read("loaded.txt").split("\n");
    expect(loaded.filter((file) => file.endsWith("node_modules/assay/dist/src/dsl/make.js"))).not.toEqual([]);
    expect(loaded.filter((file) => file.includes("node_modules/tsyringe/"))).not.toEqual([]);
    const heavy = /ts-morph|node_modules\/typescript|assay\/dist\/(?:codegen|src\/cli)\/|oxc|tinyglobby|commander/;
    expect(loaded.filter((file) => heavy.test(file))).toEqual([]);
  });

  it.skipIf(oldestNode === undefined)("runs under the oldest Node that is admitted, 20.19.0", () => {
    const node = oldestNode as string;
    expect(sound(run(node, ["--version"], folder)).stdout.trim()).toBe("v20.19.0");
    expect(compile("program", { "main.ts": PROGRAM })).toEqual([]);
    const { stdout } = sound(run(node, ["program/out/main.js"], project.root));
    expect(JSON.parse(stdout)).toEqual({ batch: 64, setups: 1 });
    const bin = join(project.root, "node_modules/assay/dist/src/cli/bin.js");
    project.copy("chat-sft");
    expect(sound(run(node, [bin, "check", "--no-cache"], project.root)).stdout).toContain("chat-sft.one-node  proved");
  });
});

describe("the dataset of another package", () => {
  it("shares the library with the project", () => {
    project.write({
      "same.mjs": `import { findPlugin } from "assay/plugin";
import { chatMessages } from "assay-dataset-chat";
console.log(findPlugin("dataset", "chat_messages") === chatMessages.definition);
`,
    });
    expect(sound(project.node("same.mjs")).stdout).toBe("true\n");
    expect(project.has("node_modules/assay-dataset-chat/node_modules")).toBe(false);
  });

  it("is what its descriptor says", () => {
    project.write({
      "describe.mjs": `import { describePlugins } from "assay/plugin";
import * as plugins from "assay-dataset-chat";
const definitions = Object.values(plugins).map(({ definition }) => definition);
console.log(JSON.stringify(describePlugins(definitions, { package: "assay-dataset-chat", version: "1.0.0" })));
`,
    });
    const descriptor: unknown = JSON.parse(project.read("node_modules/assay-dataset-chat/assay-plugin.json"));
    expect(JSON.parse(sound(project.node("describe.mjs")).stdout)).toEqual(descriptor);
  });

  it("has the types that follow from its definition", () => {
    const definition = project.read("node_modules/assay-dataset-chat/index.js");
    const same = `import { chatMessages as declared } from "assay-dataset-chat";
import { chatMessages as inferred } from "./inferred.ts";

export const forth: typeof declared = inferred;
export const back = (args: Parameters<typeof inferred>[0]): ReturnType<typeof inferred> => declared(args);
`;
    expect(compile("types", { "inferred.ts": definition, "same.ts": same })).toEqual([]);
    const renamed = definition.replaceAll("maxLength", "longest");
    const lines = compile("types", { "inferred.ts": renamed, "same.ts": same });
    expect(lines.map((line) => /same\.ts\((\d+),/u.exec(line)?.[1])).toEqual(["4", "5"]);
  });
});

describe("a project in an empty folder", () => {
  it("is proved, built, compiled, and made by name with the other package's dataset", () => {
    project.copy("chat-sft");
    const { stdout } = sound(project.assay("build"));
    expect(stdout).toContain("no errors");
    const manifest = JSON.parse(project.read(".assay/chat-sft.one-node.manifest.json")) as {
      readonly authored: {
        readonly setups: readonly { readonly modelWorker: { readonly shared: Readonly<Record<string, unknown>> } }[];
      };
    };
    const datasets = [{ type: "chat_messages", args: { path: "/storage/datasets/chat/train.jsonl", maxLength: 4096 } }];
    expect(manifest.authored.setups[0]?.modelWorker.shared["datasets"]).toEqual(datasets);

    sound(project.tsc("-p", "."));
    project.write({
      "run.mjs": `import "./dist/assay.gen.js";
import { loadExperiment } from "assay";
const experiment = await loadExperiment("chat-sft", { maxLength: 512 }, { preset: "one-node" });
console.log(JSON.stringify(experiment.initialSetup().modelWorker.shared.datasets));
`,
    });
    expect(JSON.parse(sound(project.node("run.mjs")).stdout)).toEqual([
      { ...datasets[0], args: { ...datasets[0]?.args, maxLength: 512 } },
    ]);
  });

  it("gets a finding at its own line for a wrong argument of the dataset", () => {
    project.copy("chat-sft");
    const file = "experiments/chat-sft.ts";
    const right = project.read(file);
    project.write({ [file]: right.replace("maxLength: this.maxLength", "maxLength: 0") });
    const { status, stdout } = project.assay("check", "--json");
    project.write({ [file]: right });
    expect(status).toBe(1);
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly { readonly code: string; readonly primary: { file: string; line: number } }[];
    };
    const line = right.split("\n").findIndex((text) => text.includes("chatMessages({")) + 1;
    expect(diagnostics.map(({ code, primary }) => [code, primary.file, primary.line])).toEqual([
      ["plugin/args", file, line],
    ]);
  });

  it("gets a finding at its config for a package that is not there", () => {
    project.copy("chat-sft");
    const right = project.read("assay.config.ts");
    const wrong = right.replace('"assay-dataset-chat"', '"assay-dataset-chats"');
    project.write({ "assay.config.ts": wrong });
    const { status, stdout } = project.assay("check", "--json");
    project.write({ "assay.config.ts": right });
    expect(status).toBe(1);
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly { readonly code: string; readonly primary: Readonly<Record<string, unknown>> }[];
    };
    const line = wrong.split("\n").findIndex((text) => text.includes("chats")) + 1;
    const column = (wrong.split("\n")[line - 1] ?? "").indexOf('"assay-dataset-chats"') + 1;
    expect(diagnostics.filter(({ code }) => code === "plugin/not-found").map(({ primary }) => primary)).toEqual([
      { file: "assay.config.ts", line, column, length: '"assay-dataset-chats"'.length },
    ]);
  });
});
