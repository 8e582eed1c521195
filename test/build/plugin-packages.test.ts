import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PluginBuildOptions, PluginBuildReport } from "../../codegen/plugin-build.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { CHAT, CHAT_ARGS, configWith, experimentWith, install, PACKAGES, told } from "./own-plugins.ts";

let project: TemporaryProject;
afterEach(() => project.remove());

const IMPORT = `import { chat } from "assay-chat";`;
const CODE = `import { defineDataset } from "assay/plugin";

export const chat = defineDataset({
  type: "chat",
  args: { type: "object", properties: { path: { type: "string" } }, required: ["path"], additionalProperties: false },
  yields: ["packed_input_ids", "prompt_mask"],
});
`;
const TYPE = {
  kind: "dataset",
  type: "chat",
  args: { additionalProperties: false, required: ["path"], properties: { path: { type: "string" } }, type: "object" },
  facts: { yields: ["packed_input_ids", "prompt_mask"] },
};
const describedBy = (...types: readonly object[]) =>
  JSON.stringify({ assayPlugin: 1, package: "assay-chat", version: "1.0.0", types });

function use(
  files: Readonly<Record<string, string>>,
  config = configWith("assay-chat"),
  dataset = `chat({ path: "x" })`,
): void {
  project = temporaryProject({
    "assay.config.ts": config,
    "experiments/tune.ts": experimentWith("tune", IMPORT, dataset),
  });
  install(project.root, "assay-chat", { "index.js": CODE, "assay-plugin.json": describedBy(TYPE), ...files });
}

const textOf = (file: string) => readFileSync(join(project.root, file), "utf8");
async function diagnose() {
  const { diagnostics } = await compiledBuild(project.root);
  return {
    diagnostics,
    said: told(diagnostics, textOf),
    notes: diagnostics.flatMap(({ notes }) => notes),
    related: diagnostics.flatMap(({ related }) =>
      related
        .filter(({ span }) => span.file.startsWith("node_modules/"))
        .map(({ span }) => `${span.file}:${span.line}:${span.column}`),
    ),
  };
}

describe("a plugin's package that can't be loaded", () => {
  it.each([
    [
      "throws",
      `${CODE}\nconst none = undefined;\nnone.split();\n`,
      "TypeError: Cannot read properties of undefined (reading 'split')",
      "10:6",
    ],
    ["has a mistake of syntax", `${CODE}\nexport const = 1;\n`, "the file can't be parsed: unexpected token", "9:14"],
    ["needs what is not there", `import "left-padding";\n${CODE}`, "there is no module `left-padding`", "1:8"],
    [
      "wants what this Assay has not",
      `${CODE}\nimport { defineOracle } from "assay/plugin";\nvoid defineOracle;\n`,
      "module `assay/plugin` has no export `defineOracle`",
      "9:10",
    ],
    ["needs a module of its own that throws", `import "./inner.js";\n${CODE}`, "Error: inner", "1:7"],
  ])("because it %s is told at the project's import", async (_what, code, problem, place) => {
    use({ "index.js": code, "inner.js": `throw new Error("inner");\n` });
    const { said, related } = await diagnose();
    expect(said).toEqual([`plugin/load-failed: the plugin \`assay-chat\` can't be loaded: ${problem} @ "assay-chat"`]);
    expect(related).toEqual([
      `node_modules/assay-chat/${problem.endsWith("inner") ? "inner.js" : "index.js"}:${place}`,
    ]);
  });

  it("does not export what is imported is told at the name, in every build of it", async () => {
    use({});
    const wrong = experimentWith("tune", `import { chats as chat } from "assay-chat";`, `chat({ path: "x" })`);
    project.write({ "experiments/tune.ts": wrong, "experiments/again.ts": wrong.replace(`"tune"`, `"again"`) });
    const { said } = await diagnose();
    expect(said.length).toBeGreaterThan(1);
    expect(new Set(said)).toEqual(
      new Set(["evaluate/missing-export: module `assay-chat` has no export `chats` @ chats"]),
    );
  });

  it("is another matter than a package without plugins", async () => {
    use({ "index.js": `${CODE}\nthrow new Error("no");\n` });
    unlinkSync(join(project.root, "node_modules/assay-chat/assay-plugin.json"));
    project.write({ "assay.config.ts": configWith() });
    expect((await diagnose()).diagnostics.map(({ code }) => code)).toEqual(["evaluate/threw"]);
  });
});

describe("code and descriptor", () => {
  it("that say the same are fine, in whatever order", async () => {
    use({});
    expect((await diagnose()).said).toEqual([]);
  });

  it("that differ are told where a pair is made, and nothing that follows from it", async () => {
    const args = { ...TYPE.args, required: ["path", "size"], properties: { path: { type: "number" } } };
    use({
      "assay-plugin.json": describedBy({ ...TYPE, args, facts: { yields: ["packed_input_ids", "prompt_mask", "x"] } }),
    });
    const { said, notes, diagnostics } = await diagnose();
    expect(said).toEqual([
      'plugin/descriptor-differs: the descriptor of `assay-chat` does not say what its code does of the dataset `chat` @ chat({ path: "x" })',
    ]);
    expect(notes).toEqual([
      '`/args/properties/path/type` is "string" in the code, and "number" in the descriptor',
      '`/args/required/1` is not in the code; in the descriptor it is "size"',
      '`/facts/yields/2` is not in the code; in the descriptor it is "x"',
    ]);
    expect(diagnostics[0]?.help).toBe("run `assay plugin build` in the package `assay-chat`");
  });

  it("of which the descriptor has no such type", async () => {
    use({ "assay-plugin.json": describedBy({ ...TYPE, type: "other" }) });
    const { said, notes } = await diagnose();
    expect(said).toEqual([
      expect.stringMatching(/^plugin\/descriptor-differs: the descriptor of `assay-chat` .* @ chat\(/),
    ]);
    expect(notes).toEqual(["the descriptor has no dataset of this name"]);
  });

  it("of a package that the config does not name", async () => {
    use({}, configWith());
    const { said, diagnostics } = await diagnose();
    expect(said).toEqual([expect.stringMatching(/^plugin\/not-named: the dataset `chat` comes from `assay-chat`/)]);
    expect(diagnostics[0]?.fix?.text).toBe('["assay-chat"]');
  });

  it("are compared for what the config uses, too", async () => {
    const rule = { kind: "rule", type: "limit", args: true, facts: { codes: ["site/x"] } };
    const code = `import { defineRule } from "assay/plugin";
export const limit = defineRule({
  type: "limit",
  args: true,
  codes: { "site/y": { severity: "error", meaning: "Y." } },
  rule: class { *check() {} },
});
`;
    const config = `import { limit } from "assay-chat";\n${configWith("assay-chat")}void limit({});\n`;
    use({ "index.js": `${CODE}${code}`, "assay-plugin.json": describedBy(TYPE, rule) }, config);
    const { said, notes } = await diagnose();
    expect(said).toEqual([
      expect.stringMatching(/^plugin\/descriptor-differs: .* of the rule `limit` @ limit\(\{\}\)$/),
    ]);
    expect(notes).toEqual(['`/facts/codes/0` is "site/y" in the code, and "site/x" in the descriptor']);
  });

  it("are not compared for what no pair was made by", async () => {
    const other = CODE.replace(/^import.*/, "")
      .replace("const chat", "const other")
      .replace('"chat"', '"other"');
    use({ "assay-plugin.json": describedBy(TYPE), "index.js": `${CODE}${other}` });
    expect((await diagnose()).said).toEqual([]);
  });
});

let buildPlugin: (options: PluginBuildOptions) => Promise<PluginBuildReport>;
beforeAll(async () => {
  ({ buildPlugin } = (await import(pathToFileURL(join(compiledFolder(), "codegen/plugin-build.js")).href)) as {
    readonly buildPlugin: typeof buildPlugin;
  });
});

const MANIFEST = {
  name: "assay-chat",
  version: "2.0.0",
  type: "module",
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./rules": "./dist/rules.js",
    "./package.json": "./package.json",
    "./data/*": "./data/*",
  },
};
const SETTINGS = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    rootDir: "src",
    outDir: "dist",
    skipLibCheck: true,
  },
};
const RULES = `import { defineRule, type Rule, type RuleFinding, typed } from "assay/plugin";

class GpuLimit implements Rule {
  *check(): Generator<RuleFinding> {}
}

/** No more GPUs than a site admits. */
export const gpuLimit = defineRule({
  type: "gpu-limit",
  args: typed<{ /** GPUs of a run. @range integer >= 1 */ max: number }>(),
  codes: { "site/too-many-gpus": { severity: "error", meaning: "The run takes too many GPUs.", explanation: "Ask." } },
  rule: GpuLimit as never,
});
`;

function source(files: Readonly<Record<string, string>> = {}, manifest: object = MANIFEST): void {
  project = temporaryProject({
    "package.json": JSON.stringify(manifest),
    "tsconfig.json": JSON.stringify(SETTINGS),
    "src/index.ts": CHAT.replace("./args.ts", "./args.js"),
    "src/args.ts": CHAT_ARGS,
    "src/rules.ts": RULES,
    ...files,
  });
  symlinkSync(join(PACKAGES, "type-fest"), join(project.root, "node_modules", "type-fest"), "dir");
}
const describePackage = (check = false) => buildPlugin({ cwd: project.root, folder: ".", check });
const written = () => readFileSync(join(project.root, "assay-plugin.json"), "utf8");

describe("assay plugin build", () => {
  it("writes what types and comments say", async () => {
    source();
    const { diagnostics, ...report } = await describePackage();
    expect(diagnostics).toEqual([]);
    expect(report).toMatchObject({
      package: "assay-chat",
      version: "2.0.0",
      written: true,
      codes: ["site/too-many-gpus"],
    });
    expect(JSON.parse(written())).toEqual({
      assayPlugin: 1,
      package: "assay-chat",
      version: "2.0.0",
      codes: [
        { code: "site/too-many-gpus", severity: "error", meaning: "The run takes too many GPUs.", explanation: "Ask." },
      ],
      types: [
        {
          kind: "dataset",
          type: "chat",
          description: "Conversations, one JSON object a line.",
          args: {
            type: "object",
            properties: {
              path: { type: "string", description: "File of the conversations." },
              maxLength: { type: "integer", minimum: 1, description: "Longest conversation, in tokens." },
              mode: { enum: ["head", "tail"], description: "How answers are cut." },
              parts: {
                type: "array",
                items: {
                  type: "object",
                  properties: { share: { type: "number" } },
                  required: ["share"],
                  additionalProperties: false,
                },
              },
            },
            required: ["path"],
            additionalProperties: false,
          },
          facts: { yields: ["packed_input_ids", "prompt_mask"] },
        },
        {
          kind: "rule",
          type: "gpu-limit",
          description: "No more GPUs than a site admits.",
          module: "./rules",
          args: {
            type: "object",
            properties: { max: { type: "integer", minimum: 1, description: "GPUs of a run." } },
            required: ["max"],
            additionalProperties: false,
          },
          facts: { codes: ["site/too-many-gpus"] },
        },
      ],
    });
  });

  it("gives the same bytes in another folder, and leaves the file alone when nothing changed", async () => {
    source();
    await describePackage();
    const first = written();
    expect((await describePackage()).written).toBe(false);
    project.remove();
    source({}, { ...MANIFEST, exports: Object.fromEntries(Object.entries(MANIFEST.exports).reverse()) });
    await describePackage();
    expect(written()).toBe(first);
    expect(readdirSync(project.root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("with --check says what is stale, and writes nothing", async () => {
    source();
    expect((await describePackage(true)).diagnostics.map(({ code, notes }) => ({ code, notes }))).toEqual([
      { code: "plugin/descriptor-stale", notes: ["there is no such file"] },
    ]);
    expect(existsSync(join(project.root, "assay-plugin.json"))).toBe(false);
    await describePackage();
    expect((await describePackage(true)).diagnostics).toEqual([]);
    const before = written();
    project.write({
      "src/args.ts": CHAT_ARGS.replace("@range integer >= 1", "@range integer >= 2"),
      "package.json": JSON.stringify({ ...MANIFEST, version: "2.0.1" }),
    });
    const { diagnostics } = await describePackage(true);
    expect(diagnostics.flatMap(({ notes }) => notes)).toEqual([
      '`version` is "2.0.0", and should be "2.0.1"',
      "the dataset `chat` has another `args`",
    ]);
    expect(written()).toBe(before);
  });

  it("finds all mistakes at once, and writes nothing", async () => {
    source({
      "src/index.ts": `${CHAT.replace("./args.ts", "./args.js")}
export const again = defineDataset({ type: "chat", args: true, yields: [] });
defineDataset({ type: "hidden", args: { type: "object", pattern: "[" }, yields: [] });
`,
      "src/args.ts": CHAT_ARGS.replace("path: string", "path: Date"),
      "src/rules.ts": RULES.replace("*check", "*chek").replace("site/too-many-gpus", "graph/too-many-gpus"),
    });
    const { diagnostics } = await describePackage();
    expect(diagnostics.map(({ code, primary }) => `${code} ${primary?.file}:${primary?.line}`)).toEqual([
      "plugin/type-not-json src/args.ts:3",
      "plugin/defined-twice src/index.ts:11",
      "plugin/not-exported src/index.ts:12",
      "plugin/args-schema src/index.ts:12",
      "plugin/code-area src/rules.ts:11",
      "plugin/hook-method src/rules.ts:12",
    ]);
    expect(existsSync(join(project.root, "assay-plugin.json"))).toBe(false);
  });

  it("runs nothing outside of the isolation, and has an end", async () => {
    source({
      "src/rules.ts": `import { writeFileSync } from "node:fs";\nwriteFileSync("never.txt", "");\nexport const one = 1;\n`,
    });
    expect((await describePackage()).diagnostics.map(({ code }) => code)).toEqual(["evaluate/denied"]);
    project.write({ "src/rules.ts": "for (;;);\n" });
    expect((await describePackage()).diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "plugin/load-failed: the plugin `assay-chat` can't be loaded: it still runs after 10000 ms",
    ]);
  });

  it("makes what a project takes as it is", async () => {
    source();
    await describePackage();
    const descriptor = written();
    project.remove();
    use(
      {
        "package.json": JSON.stringify({ name: "assay-chat", version: "2.0.0", type: "module", exports: "./index.js" }),
        // What the compiler makes of the sources.
        "index.js": CHAT.replace(/^import type.*\n/m, "").replace("<ChatArgs>", ""),
        "assay-plugin.json": descriptor,
      },
      configWith("assay-chat"),
      `chat({ path: "x", maxLength: 0.5 })`,
    );
    expect((await diagnose()).said).toEqual([
      "plugin/args: dataset `chat`: `maxLength` is 0.5, and must be a whole number @ 0.5",
    ]);
  });

  it("describes a backend's options, and a package of plain JavaScript", async () => {
    source(
      {
        "index.js": `import { defineBackend } from "assay/plugin";

export class EngineOptions {
  /** Sequences at a time. @range integer >= 1 */
  maxSequences = 8;
}

/** An engine of one's own. */
export const engine = defineBackend({ type: "engine", role: "generate", args: true, options: EngineOptions, shard: () => ({}) });
`,
      },
      { name: "engine", version: "1.0.0", type: "module", exports: "./index.js" },
    );
    const { diagnostics } = await describePackage();
    expect(diagnostics).toEqual([]);
    expect(JSON.parse(written())).toMatchObject({
      types: [
        {
          kind: "backend",
          description: "An engine of one's own.",
          options: {
            group: "engine",
            schema: [{ path: "maxSequences", help: "Sequences at a time.", range: "integer >= 1", type: "number" }],
          },
        },
      ],
    });
  });

  it("takes the sources that package.json names", async () => {
    const { exports: _exports, ...manifest } = MANIFEST;
    source(
      {},
      {
        ...manifest,
        exports: { ".": { "assay-source": "./src/index.ts", default: "./lib/x.js" }, "./rules": "./lib/y.js" },
        assay: { sources: { "./rules": "./src/rules.ts" }, plugin: "./meta/plugin.json" },
      },
    );
    const report = await describePackage();
    expect(report.diagnostics).toEqual([]);
    expect([report.file, report.types.map(({ type }) => type)]).toEqual(["meta/plugin.json", ["chat", "gpu-limit"]]);
  });

  it.each([
    ["no version", { name: "x", type: "module", exports: "./src/index.ts" }, "its `package.json` has no `version`"],
    ["no module", { name: "x", version: "1.0.0", exports: { "./a.json": "./a.json" } }, "its `exports` has no module"],
    [
      "a descriptor elsewhere",
      { name: "x", version: "1.0.0", type: "module", exports: "./src/index.ts", assay: { plugin: "../x.json" } },
      "`assay.plugin` of its `package.json` names no file of the package",
    ],
  ])("refuses a package with %s", async (_what, manifest, problem) => {
    source({}, manifest);
    const { diagnostics } = await describePackage();
    expect(diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `plugin/package-json: no descriptor can be made for this package: ${problem}`,
    ]);
  });

  it("refuses a folder without a package", async () => {
    project = temporaryProject({});
    const empty = mkdtempSync(join(tmpdir(), "assay-empty-"));
    writeFileSync(join(empty, "x.ts"), "");
    const { diagnostics } = await buildPlugin({ cwd: empty, folder: ".", check: false });
    rmSync(empty, { recursive: true });
    expect(diagnostics.map(({ code, nowhere }) => ({ code, nowhere }))).toEqual([
      { code: "plugin/package-json", nowhere: "there is no `package.json`" },
    ]);
  });
});
