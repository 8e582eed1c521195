import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { initProject, type InitOptions } from "../../../../codegen/init.ts";
import { makeFiles } from "../../../../codegen/init/make-files.ts";
import { className, nameLike, nameProblem } from "../../../../codegen/init/name.ts";
import { mergePackage } from "../../../../codegen/init/package-json.ts";
import { startingPoints } from "../../../../codegen/init/template.ts";

let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "assay-init-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function init(options: Partial<InitOptions> = {}) {
  return initProject({
    cwd: root,
    folder: ".",
    name: "my-run",
    from: null,
    version: "1.2.3",
    placeOf: (argument) => ({ kind: "nowhere", reason: argument }),
    ...options,
  });
}

function put(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/** All files, with their texts. */
function tree(folder = root): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

const FILES = [
  ".github/workflows/assay.yml",
  ".gitignore",
  ".vscode/extensions.json",
  ".vscode/settings.json",
  "README.md",
  "assay.config.ts",
  "experiments/my-run.ts",
  "package.json",
  "tsconfig.json",
];

describe("a new project", () => {
  it("has all files, and says so", () => {
    const { report, findings } = init();
    expect(findings).toEqual([]);
    expect(Object.keys(tree())).toEqual(FILES);
    expect([...(report?.made ?? [])].sort()).toEqual(FILES);
    expect(report).toMatchObject({ root, name: "my-run", added: [], left: [], installed: false });
  });

  it("is called by its name everywhere", () => {
    init();
    const files = tree();
    expect(Object.values(files).join("\n")).not.toMatch(/my-experiment|MyExperiment/);
    expect(files["experiments/my-run.ts"]).toContain('@Experiment("my-run"');
    expect(files["experiments/my-run.ts"]).toContain("export class MyRun ");
    expect(JSON.parse(files["package.json"] ?? "")).toEqual({
      name: "my-run",
      private: true,
      type: "module",
      scripts: { check: "assay check", build: "assay build", watch: "assay build --watch", types: "tsc -p ." },
      dependencies: { assay: "^1.2.3" },
      devDependencies: { typescript: expect.stringMatching(/^\^\d/) },
    });
  });

  it("has a workflow that checks and builds", () => {
    init();
    const workflow = parse(tree()[".github/workflows/assay.yml"] ?? "") as {
      readonly jobs: { readonly prove: { readonly steps: readonly { readonly run?: string }[] } };
    };
    expect(workflow.jobs.prove.steps.flatMap(({ run }) => run ?? [])).toEqual([
      "npm ci",
      "npx assay check --format github",
      "npx assay build",
      "npx tsc -p .",
    ]);
  });

  it("is made in a folder that is not there yet", () => {
    const { report } = init({ folder: "a/b c", name: null });
    expect(report?.name).toBe("b-c");
    expect(existsSync(join(root, "a/b c/experiments/b-c.ts"))).toBe(true);
  });

  it.each(["async-ppo-math", "math-code-eval", "ppo-math", "sft"])("starts from `%s`", (from) => {
    expect(startingPoints()).toContain(from);
    expect(init({ from }).findings).toEqual([]);
    expect(tree()["experiments/my-run.ts"]).toContain(`preset("${from}", "my-run", {`);
  });
});

describe("what is there", () => {
  it("stays as it is, and is named", () => {
    const own = { "tsconfig.json": "{}", "README.md": "mine", ".vscode/settings.json": "{}" };
    put(own);
    const { report } = init();
    expect(tree()).toMatchObject(own);
    expect(report?.left.map(({ file }) => file).sort()).toEqual(Object.keys(own).sort());
    expect(report?.made).toHaveLength(FILES.length - 3);
  });

  it("is all of a project: then nothing is made", () => {
    init();
    const before = tree();
    const times = FILES.map((file) => statSync(join(root, file)).mtimeMs);
    const { report } = init();
    expect(report).toMatchObject({ made: [], added: [] });
    expect(tree()).toEqual(before);
    expect(FILES.map((file) => statSync(join(root, file)).mtimeMs)).toEqual(times);
  });

  it("may be experiments: then there is a first one only if it is asked for", () => {
    put({ "experiments/deep/own.ts": "export {};\n" });
    expect(init().report?.left).toContainEqual({ file: "experiments/", reason: "it has experiments" });
    expect(init({ from: "sft" }).report?.made).toEqual(["experiments/my-run.ts"]);
  });

  it("may be a link that leads nowhere", () => {
    symlinkSync("gone", join(root, "README.md"));
    expect(init().report?.left).toEqual([{ file: "README.md", reason: "it is there" }]);
    expect(existsSync(join(root, "gone"))).toBe(false);
  });
});

describe("package.json", () => {
  const needs = { library: { name: "assay", version: "1.2.3" }, compiler: { name: "typescript", version: "7.0.2" } };
  const merged = (text: string) => {
    const outcome = mergePackage(text, needs);
    if ("problem" in outcome) throw new Error(outcome.problem);
    return outcome;
  };

  it("keeps its fields, their order and its indentation", () => {
    const text =
      '{\n\t"version": "3.0.0",\n\t"name": "mine",\n\t"scripts": {\n\t\t"build": "make"\n\t},\n\t"x": [1]\n}';
    const { text: after, added, kept } = merged(text);
    expect(after).toBe(
      '{\n\t"version": "3.0.0",\n\t"name": "mine",\n\t"scripts": {\n\t\t"build": "make",\n\t\t"check": "assay check",\n' +
        '\t\t"watch": "assay build --watch",\n\t\t"types": "tsc -p ."\n\t},\n\t"x": [\n\t\t1\n\t],\n' +
        '\t"dependencies": {\n\t\t"assay": "^1.2.3"\n\t},\n\t"devDependencies": {\n\t\t"typescript": "^7.0.2"\n\t}\n}',
    );
    expect(added).toEqual([
      "scripts.check",
      "scripts.watch",
      "scripts.types",
      "dependencies.assay",
      "devDependencies.typescript",
    ]);
    expect(kept).toEqual(["scripts.build"]);
    expect(merged(after)).toEqual({ text: after, added: [], kept });
  });

  it("keeps its line ends, and its byte order mark", () => {
    const { text } = merged('\uFEFF{\r\n  "name": "mine"\r\n}\r\n');
    expect(text.startsWith('\uFEFF{\r\n  "name": "mine",\r\n  "scripts": {\r\n')).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  it.each(["dependencies", "devDependencies", "peerDependencies"])("may have the library among its %s", (field) => {
    const own = { assay: "file:../assay.tgz", typescript: "~5.9" };
    const { text, added } = merged(JSON.stringify({ [field]: own }));
    expect(added).toEqual(["scripts.check", "scripts.build", "scripts.watch", "scripts.types"]);
    expect(JSON.parse(text)).toMatchObject({ [field]: own });
  });

  it("gives the project its name", () => {
    put({ "package.json": '{"name":"@lab/Math_Runs"}' });
    expect(init({ name: null }).report?.name).toBe("math-runs");
    expect(JSON.parse(tree()["package.json"] ?? "")).toMatchObject({ name: "@lab/Math_Runs" });
    expect(JSON.parse(tree()["package.json"] ?? "")).not.toHaveProperty("type");
  });

  it.each([
    ["{", "it is no JSON object"],
    ["[]", "it is no JSON object"],
    ['{"name":"assay"}', "it is Assay's own"],
    ['{"scripts":[]}', "its `scripts` are no object"],
    ['{"devDependencies":[]}', "its `devDependencies` are no object"],
    ['{"dependencies":"assay"}', "its `dependencies` are no object"],
  ])("that is `%s` is refused, and nothing is made", (text, problem) => {
    put({ "package.json": text });
    const { report, findings } = init();
    expect(report).toBeNull();
    expect(findings.map(({ code, data }) => [code, data["problem"]])).toEqual([["cli/init-package", problem]]);
    expect(tree()).toEqual({ "package.json": text });
  });

  it("that is a folder is refused", () => {
    mkdirSync(join(root, "package.json"));
    expect(init().findings[0]?.message).toContain("it can't be read: EISDIR");
  });
});

describe("the package manager", () => {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }
  const steps = (): readonly Step[] => {
    const workflow = parse(tree()[".github/workflows/assay.yml"] ?? "") as {
      readonly jobs: { readonly prove: { readonly steps: readonly Step[] } };
    };
    return workflow.jobs.prove.steps;
  };
  const runs = () => steps().flatMap(({ run }) => run ?? []);
  const cacheOf = () => steps().find(({ uses }) => uses?.startsWith("actions/setup-node"))?.with?.["cache"];

  it.each([
    ["package-lock.json", "npm", "npm install", "npx"],
    ["pnpm-lock.yaml", "pnpm", "pnpm install", "pnpm exec"],
    ["yarn.lock", "yarn", "yarn install", "yarn"],
    ["bun.lock", "bun", "bun install", "bunx"],
    ["bun.lockb", "bun", "bun install", "bunx"],
  ])("of %s is %s, also in README.md and in the workflow", (lock, name, install, execute) => {
    put({ [lock]: "" });
    expect(init().report?.packageManager).toEqual({ name, install, execute });
    expect(runs().slice(-3)).toEqual([
      `${execute} assay check --format github`,
      `${execute} assay build`,
      `${execute} tsc -p .`,
    ]);
    expect(cacheOf()).toBe(name === "bun" ? undefined : name);
    expect(tree()["README.md"]).toContain(`\n${install} `);
    expect(tree()["README.md"]).toContain(`\n${name} run check `);
    expect(tree()["README.md"]).toContain(`\`${execute} assay list\``);
  });

  it("comes before the rest: an action brings it", () => {
    put({ "pnpm-lock.yaml": "" });
    init();
    expect(steps()[1]).toEqual({ uses: "pnpm/action-setup@v4", with: { version: 10 } });
    expect(runs()[0]).toBe("pnpm install --frozen-lockfile");
    rmSync(join(root, ".github"), { recursive: true });
    put({ "package.json": '{"packageManager":"pnpm@9.1.0"}' });
    init();
    expect(steps()[1]).toEqual({ uses: "pnpm/action-setup@v4" });
  });

  it("of Yarn has other options since its second version", () => {
    put({ "yarn.lock": "" });
    init();
    expect(runs()[0]).toBe("yarn install --frozen-lockfile");
    for (const told of [{ ".yarnrc.yml": "" }, { "package.json": '{"packageManager":"yarn@4.1.0+sha224.1"}' }]) {
      rmSync(join(root, ".github"), { recursive: true });
      put(told);
      init();
      expect(runs().slice(0, 2)).toEqual(["corepack enable", "yarn install --immutable"]);
      rmSync(join(root, ".yarnrc.yml"), { force: true });
    }
  });

  it("is that of the workspace around, but not of what lies around the repository", () => {
    put({ "pnpm-lock.yaml": "", "packages/one/package.json": "{}" });
    expect(init({ folder: "packages/one" }).report?.packageManager.name).toBe("pnpm");
    mkdirSync(join(root, "packages/.git"), { recursive: true });
    put({ "packages/two/package.json": "{}" });
    expect(init({ folder: "packages/two" }).report?.packageManager.name).toBe("npm");
  });
});

describe("a repository around the project", () => {
  it("has its workflow run in the project's folder", () => {
    mkdirSync(join(root, ".git"));
    const { report } = init({ folder: "my runs/one" });
    expect(report?.inRepository).toBe("my runs/one");
    const workflow = parse(tree()["my runs/one/.github/workflows/assay.yml"] ?? "") as {
      readonly defaults: unknown;
      readonly jobs: { readonly prove: { readonly steps: readonly { readonly with?: unknown }[] } };
    };
    expect(workflow.defaults).toEqual({ run: { "working-directory": "my runs/one" } });
    expect(workflow.jobs.prove.steps[1]?.with).toEqual({
      "node-version": 22,
      cache: "npm",
      "cache-dependency-path": "my runs/one/package-lock.json",
    });
    // A workspace has its lock file at the top.
    put({ "pnpm-lock.yaml": "", "packages/two/package.json": "{}" });
    expect(init({ folder: "packages/two" }).report?.inRepository).toBe("packages/two");
    const inWorkspace = tree()["packages/two/.github/workflows/assay.yml"];
    expect(inWorkspace).toContain("    working-directory: packages/two\n");
    expect(inWorkspace).not.toContain("cache-dependency-path");
    expect(init().report?.inRepository).toBe("");
    expect(tree()[".github/workflows/assay.yml"]).not.toContain("working-directory");
  });
});

describe("names", () => {
  it("are made of folders", () => {
    expect(["My Runs", "@lab/runs", "runs_2026.1", "--x--", "Läufe", "走"].map(nameLike)).toEqual([
      "my-runs",
      "runs",
      "runs-2026-1",
      "x",
      "laufe",
      "",
    ]);
    expect(className("my-run2-x")).toBe("MyRun2X");
  });

  it.each(["", "2nd", "a--b", "a-", "A", "a_b", "assay", "sft", "ppo-math", "a".repeat(65), "../a"])(
    "can't be `%s`",
    (name) => {
      expect(nameProblem(name)).not.toBeNull();
      const { report, findings } = init({ name });
      expect([report, findings.map(({ code }) => code)]).toEqual([null, ["cli/init-name"]]);
      expect(tree()).toEqual({});
    },
  );

  it.each([
    ["123", "my-123"],
    ["sft", "my-sft"],
    ["assay", "my-assay"],
    ["走", "my-experiment"],
    ["a".repeat(70), "my-experiment"],
  ])("of a folder `%s` that can't be one become `%s`", (folder, name) => {
    const { report, findings } = init({ folder, name: null });
    expect([report?.name, findings]).toEqual([name, []]);
    expect(existsSync(join(root, folder, `experiments/${name}.ts`))).toBe(true);
  });

  it("and starting points that are wrong are told together", () => {
    const { findings } = init({ name: "2nd", from: "ppo-maths" });
    expect(findings.map(({ code, help }) => [code, help?.includes("ppo-math")])).toEqual([
      ["cli/init-name", false],
      ["cli/init-from", true],
    ]);
  });
});

describe("a failure", () => {
  const files = ["a/b/one.txt", "a/two.txt", "in-the-way/three.txt"].map((file) => ({
    file,
    text: file,
    replaces: false,
  }));

  it("leaves nothing behind", () => {
    put({ "in-the-way": "a file", "package.json": "old" });
    const replaced = { file: "package.json", text: "new", replaces: true };
    const failed = makeFiles(root, [replaced, ...files]);
    expect(failed?.path).toBe("in-the-way/three.txt");
    expect(failed?.reason).toMatch(/^E[A-Z]+: [a-z ]+$/);
    expect(readdirSync(root).sort()).toEqual(["in-the-way", "package.json"]);
    expect(tree()).toEqual({ "in-the-way": "a file", "package.json": "old" });
  });

  it("never takes a file that came meanwhile", () => {
    put({ "a/two.txt": "theirs" });
    expect(makeFiles(root, files)?.reason).toBe("EEXIST: file already exists");
    expect(tree()).toEqual({ "a/two.txt": "theirs" });
    expect(existsSync(join(root, "a/b"))).toBe(false);
  });

  it("of a folder whose place is taken is told, and the folder is not made", () => {
    put({ taken: "a file" });
    const { report, findings } = init({ folder: "taken/new" });
    expect([report, findings.map(({ code }) => code)]).toEqual([null, ["cli/init-not-writable"]]);
    expect(tree()).toEqual({ taken: "a file" });
  });
});
