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
      scripts: { check: "assay check", build: "assay build", watch: "assay build --watch" },
      dependencies: { assay: "^1.2.3" },
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
  const library = { name: "assay", version: "1.2.3" };
  const merged = (text: string) => {
    const outcome = mergePackage(text, library);
    if ("problem" in outcome) throw new Error(outcome.problem);
    return outcome;
  };

  it("keeps its fields, their order and its indentation", () => {
    const text =
      '{\n\t"version": "3.0.0",\n\t"name": "mine",\n\t"scripts": {\n\t\t"build": "make"\n\t},\n\t"x": [1]\n}';
    const { text: after, added, kept } = merged(text);
    expect(after).toBe(
      '{\n\t"version": "3.0.0",\n\t"name": "mine",\n\t"scripts": {\n\t\t"build": "make",\n\t\t"check": "assay check",\n' +
        '\t\t"watch": "assay build --watch"\n\t},\n\t"x": [\n\t\t1\n\t],\n\t"dependencies": {\n\t\t"assay": "^1.2.3"\n\t}\n}',
    );
    expect(added).toEqual(["scripts.check", "scripts.watch", "dependencies.assay"]);
    expect(kept).toEqual(["scripts.build"]);
    expect(merged(after)).toEqual({ text: after, added: [], kept });
  });

  it("keeps its line ends, and its byte order mark", () => {
    const { text } = merged('\uFEFF{\r\n  "name": "mine"\r\n}\r\n');
    expect(text.startsWith('\uFEFF{\r\n  "name": "mine",\r\n  "scripts": {\r\n')).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  it.each(["dependencies", "devDependencies", "peerDependencies"])("may have the library among its %s", (field) => {
    const { text, added } = merged(JSON.stringify({ [field]: { assay: "file:../assay.tgz" } }));
    expect(added).toEqual(["scripts.check", "scripts.build", "scripts.watch"]);
    expect(JSON.parse(text)).toMatchObject({ [field]: { assay: "file:../assay.tgz" } });
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
