import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, EmptyProject, packBoth, run, sound, tsc } from "./project.ts";

let folder = "";
let project: EmptyProject;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-init-packed-"));
  project = new EmptyProject([packBoth(folder).assay.tarball]);
});
afterAll(() => {
  project?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The command as npm installed it, in a folder of the project. */
function assay(inside: string, ...args: readonly string[]): Ended {
  return run(join(project.root, "node_modules/.bin/assay"), args, join(project.root, inside));
}

/** Texts of all files below a folder, by path. */
function tree(inside: string): Readonly<Record<string, string>> {
  const root = join(project.root, inside);
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(root.length + 1), readFileSync(path, "utf8")]),
  );
}

/** A project is sound if it checks without a word, builds and compiles. */
function proved(inside: string): string {
  const checked = JSON.parse(sound(assay(inside, "check", "--json", "--deny-warnings")).stdout) as {
    readonly diagnostics: readonly unknown[];
  };
  expect(checked.diagnostics).toEqual([]);
  const { stdout } = sound(assay(inside, "build"));
  sound(tsc(join(project.root, inside), "-p", "."));
  return stdout;
}

describe("a project made in an empty folder", () => {
  it("is proved, built and compiled at once", () => {
    mkdirSync(join(project.root, "fresh-run"));
    const { stdout } = sound(assay("fresh-run", "init"));
    expect(stdout).toContain("made the project fresh-run");
    expect(stdout).toContain("  made    experiments/fresh-run.ts\n");
    expect(stdout.slice(stdout.indexOf("Next:"))).toBe(
      // The compiler is not there yet; the library is, so that the rest works at once.
      "Next:\n  npm install\n  npx assay check\n  npx assay build\n",
    );
    const built = proved("fresh-run");
    expect(built).toContain("fresh-run.two-nodes  proved");
    const manifest = JSON.parse(project.read("fresh-run/.assay/fresh-run.one-node.manifest.json")) as {
      readonly authored: { readonly setups: readonly { readonly modelWorker: { readonly count: number } }[] };
    };
    expect(manifest.authored.setups.map(({ modelWorker }) => modelWorker.count)).toEqual([8]);
  });

  it("is left as it is the second time, and that is said", () => {
    const before = tree("fresh-run");
    const { stdout } = sound(assay("fresh-run", "init"));
    expect(stdout).toContain("nothing to make");
    expect(tree("fresh-run")).toEqual(before);
  });

  it.each(["sft", "ppo-math", "async-ppo-math", "math-code-eval"])("may start from %s", (from) => {
    const { stdout } = sound(assay(".", "init", `runs/my-${from}`, "--from", from, "--json"));
    expect(JSON.parse(stdout)).toMatchObject({
      name: `my-${from}`,
      left: [],
      next: [`cd runs/my-${from}`, "npm install", "npx assay check", "npx assay build"],
    });
    expect(proved(`runs/my-${from}`)).toMatch(new RegExp(`^my-${from} +proved`, "m"));
  });
});

describe("the setup of a project", () => {
  interface Report {
    readonly root: string;
    readonly rows: readonly { readonly check: string; readonly verdict: string; readonly cure: string | null }[];
  }
  const examined = (...args: readonly string[]) => {
    const { status, stdout } = assay("fresh-run", "doctor", "--json", ...args);
    const { root, rows } = JSON.parse(stdout) as Report;
    expect(root).toBe(join(project.root, "fresh-run"));
    return {
      status,
      wrong: rows.flatMap(({ check, verdict, cure }) => (cure === null ? [] : [[check, verdict, cure]])),
    };
  };

  it("is fine as it was made", () => {
    expect(examined("--deny-warnings")).toEqual({ status: 0, wrong: [] });
  });

  it("is told what is wrong with it", () => {
    const files = ["tsconfig.json", "assay.config.ts", "assay.gen.ts"];
    const texts = Object.fromEntries(files.map((file) => [`fresh-run/${file}`, project.read(`fresh-run/${file}`)]));
    const change = (file: string, from: string, to: string) => {
      const text = texts[`fresh-run/${file}`] ?? "";
      expect(text).toContain(from);
      project.write({ [`fresh-run/${file}`]: text.replace(from, to) });
    };
    change("tsconfig.json", '"strict": true', '"strict": false');
    change("assay.gen.ts", "fresh-run", "old-run");
    expect(examined().status).toBe(0);
    expect(examined("--deny-warnings").status).toBe(1);
    change("assay.config.ts", "nodes: 2", "nodes: -2");
    const { status, wrong } = examined();
    expect(status).toBe(1);
    expect(wrong.map(([check, verdict]) => [check, verdict])).toEqual([
      ["config", "error"],
      ["strict", "warning"],
      ["generated", "warning"],
    ]);
    project.write(texts);
    expect(examined()).toEqual({ status: 0, wrong: [] });
  });

  it.each([
    [
      "@oxc-transform",
      [
        ["packages", "error"],
        ["config", "warning"],
        ["generated", "warning"],
      ],
    ],
    [
      "ts-morph",
      [
        ["packages", "error"],
        ["generated", "warning"],
      ],
    ],
  ])("may lack %s: then the rest is told nevertheless", (name, expected) => {
    const [there, away] = ["node_modules", "taken-away"].map((folder) => join(project.root, folder, name)) as [
      string,
      string,
    ];
    mkdirSync(join(project.root, "taken-away"), { recursive: true });
    renameSync(there, away);
    try {
      const { status, wrong } = examined();
      expect(status).toBe(1);
      expect(wrong.map(([check, verdict]) => [check, verdict])).toEqual(expected);
      expect(wrong[0]?.[2]).toContain("npm install");
    } finally {
      renameSync(away, there);
    }
    expect(examined()).toEqual({ status: 0, wrong: [] });
  });

  it.each(["tsyringe", "get-tsconfig", "picomatch"])("may lack %s, which the checks need themselves", (name) => {
    const [there, away] = [join(project.root, "node_modules", name), join(project.root, `without-${name}`)] as const;
    renameSync(there, away);
    try {
      const { status, wrong } = examined();
      expect([status, wrong.map(([check, verdict]) => [check, verdict])]).toEqual([
        1,
        [
          ["packages", "error"],
          ["packages", "warning"],
        ],
      ]);
      // What is kept of the last build would answer without it.
      const checked = assay("fresh-run", "check", "--no-cache");
      expect(checked.status).toBe(1);
      expect(checked.stderr).toContain(`package \`${name}\`, which Assay needs, is not installed`);
    } finally {
      renameSync(away, there);
    }
  });

  it("may lack what the command line itself needs: that is said by every command", () => {
    const [there, away] = [join(project.root, "node_modules/commander"), join(project.root, "no-commander")] as const;
    renameSync(there, away);
    try {
      const { status, stderr } = assay("fresh-run", "doctor");
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: package `commander`.*\n.*\n {2}help: /)]);
    } finally {
      renameSync(away, there);
    }
  });

  it("is not that of a command of another installation", () => {
    project.write({ "other/package.json": '{ "name": "other" }', "other/assay.config.ts": "export default {};\n" });
    cpSync(join(project.root, "node_modules/assay"), join(project.root, "other/node_modules/assay"), {
      recursive: true,
    });
    const { stdout, status } = assay("other", "doctor");
    expect(status).toBe(1);
    expect(stdout).toMatch(/error +one-copy +this command is Assay/);
    expect(stdout).toContain("2 copies of `assay`");
    project.delete("other");
  });
});

describe("a folder with a package.json", () => {
  it("keeps its fields, and is a project", () => {
    const own = JSON.parse(project.read("package.json")) as Readonly<Record<string, object>>;
    const { stdout } = sound(assay(".", "init", "--name", "kept"));
    expect(stdout).toContain(
      "  added   package.json: scripts.check, scripts.build, scripts.watch, scripts.types, devDependencies.typescript\n",
    );
    const { scripts, devDependencies, ...rest } = JSON.parse(project.read("package.json")) as Readonly<
      Record<string, object>
    >;
    expect(rest).toEqual(own);
    expect(Object.keys(scripts ?? {})).toEqual(["check", "build", "watch", "types"]);
    expect(devDependencies).toEqual({ typescript: expect.stringMatching(/^\^\d+\.\d+\.\d+$/) });
    expect(proved(".")).toContain("kept.one-node");
  });

  it("whose modules are no ES modules is a project, too", () => {
    project.write({ "old/package.json": '{ "name": "old-package", "type": "commonjs" }\n' });
    sound(assay("old", "init"));
    expect(JSON.parse(project.read("old/package.json"))).toMatchObject({ name: "old-package", type: "commonjs" });
    expect(proved("old")).toContain("old-package.one-node");
  });
});

describe("what can't be made", () => {
  it("is told at the argument, and nothing is made", () => {
    const before = tree(".");
    const { status, stderr, stdout } = assay(".", "init", "new", "--from", "ppo-mth", "--name=Mine");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("error[cli/init-from]");
    expect(stderr).toContain("use `ppo-math`");
    expect(stderr).toContain("error[cli/init-name]");
    expect(tree(".")).toEqual(before);
  });
});
