import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT, type Ended, EmptyProject, pack, type Packed, packAssay, run, sound } from "./project.ts";

const FIXTURES = join(CHECKOUT, "test/fixtures");

let folder = "";
/** Where the packages are made, each with the library that they are developed with. */
let workshop: EmptyProject;
let tasks: Packed;
let nohup: Packed;
/** Where they are used: nothing but tarballs was installed. */
let project: EmptyProject;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-third-parties-"));
  const assay = packAssay(folder).tarball;
  workshop = new EmptyProject([assay]);
  workshop.linkTools();
  for (const name of ["assay-lab-tasks", "assay-launcher-nohup"]) {
    cpSync(join(FIXTURES, "packages", name), join(workshop.root, name), { recursive: true });
  }
  cpSync(join(FIXTURES, "launchers/nohup"), join(workshop.root, "assay-launcher-nohup/src"), { recursive: true });
  tasks = pack(join(workshop.root, "assay-lab-tasks"), folder, { scripts: true });
  nohup = pack(join(workshop.root, "assay-launcher-nohup"), folder, { scripts: true });
  project = new EmptyProject([assay, tasks.tarball, nohup.tarball]);
  project.linkTools();
  project.copy("lab-run");
}, 180_000);
afterAll(() => {
  project?.remove();
  workshop?.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly help: string | null;
  readonly primary: { readonly file: string; readonly line: number; readonly column: number; readonly length: number };
}

const EXPERIMENT = "experiments/lab-run.ts";
const CONFIG = "assay.config.ts";

/** What is said with changes to the project, which are taken back. */
function withChanges<T>(changes: readonly (readonly [file: string, from: string, to: string])[], act: () => T): T {
  const before: Record<string, string> = {};
  for (const [file, from, to] of changes) {
    const text = project.read(file);
    before[file] ??= text;
    expect(text).toContain(from);
    project.write({ [file]: text.replace(from, to) });
  }
  try {
    return act();
  } finally {
    project.write(before);
  }
}

/** Diagnostics of a check, and the source text at each. */
function check(): { readonly ended: Ended; readonly told: readonly (Told & { readonly at: string })[] } {
  const ended = project.assay("check", "--json");
  const { diagnostics } = JSON.parse(ended.stdout) as { readonly diagnostics: readonly Told[] };
  const told = diagnostics.map((diagnostic) => {
    const { file, line, column, length } = diagnostic.primary;
    const text = project.read(file).split("\n")[line - 1] ?? "";
    // Where a value comes from is woven in.
    const message = diagnostic.message.replace(/ \([\w./-]+:\d+\)$/, "");
    return { ...diagnostic, message, at: text.slice(column - 1, column - 1 + length) };
  });
  return { ended, told };
}

/** Complaints of the compiler: the file, and what it says. */
function compile(): readonly string[] {
  const { stdout } = project.tsc("-p", ".", "--noEmit");
  return stdout.split("\n").filter((line) => line.includes("error TS"));
}

describe("the packages", () => {
  it("are described by their sources, as they are kept", () => {
    for (const name of ["assay-lab-tasks", "assay-launcher-nohup"]) {
      const { stdout } = sound(run("npm", ["run", "build"], join(workshop.root, name)));
      expect(stdout).toContain("nothing to write: assay-plugin.json");
      expect(workshop.read(`${name}/assay-plugin.json`)).toBe(
        readFileSync(join(FIXTURES, "packages", name, "assay-plugin.json"), "utf8"),
      );
    }
  });

  it("hold what their users need, and no tests", () => {
    const modules = (names: readonly string[]) =>
      names.flatMap((name) => [
        `dist/src/${name}.d.ts`,
        `dist/src/${name}.d.ts.map`,
        `dist/src/${name}.js`,
        `src/${name}.ts`,
      ]);
    const alone = ["README.md", "assay-plugin.json", "package.json"];
    expect(tasks.files.toSorted()).toEqual([...alone, ...modules(["index", "reward", "rules", "tasks"])].sort());
    expect(nohup.files.toSorted()).toEqual(
      [...alone, ...modules(["lines", "plugin", "processes", "supervisor"])].sort(),
    );
  });

  it("share the library with the project", () => {
    for (const name of ["@lab/assay-tasks", "assay-launcher-nohup"]) {
      expect(project.has(`node_modules/${name}/node_modules`)).toBe(false);
    }
  });

  it.each([
    ["@lab/assay-tasks", "assay-lab-tasks", 60],
    ["assay-launcher-nohup", "assay-launcher-nohup", 38],
  ])(
    "keep the promises of their kinds where they are installed: %s",
    (_name, made, least) => {
      project.write({ [`suites/${made}.js`]: workshop.read(`${made}/dist/suite/contract.js`) });
      const { stdout } = sound(project.node("--test", `suites/${made}.js`));
      const count = (what: string) => Number(new RegExp(`^(?:#|ℹ) ${what} (\\d+)$`, "m").exec(stdout)?.[1]);
      expect([count("pass") >= least, count("fail"), count("skipped")]).toEqual([true, 0, 0]);
    },
    300_000,
  );
});

describe("a project that uses them", () => {
  it("is proved, built and compiled", () => {
    const { ended, told } = check();
    expect([ended.status, told]).toEqual([0, []]);
    expect(sound(project.assay("check", "--deny-warnings")).stdout).toMatch(
      /rules:\s+house-rules of @lab\/assay-tasks/,
    );
    sound(project.assay("build", "--deny-warnings"));
    const manifest = project.read(".assay/lab-run.one-node.manifest.json");
    for (const type of ["task_prompts", "test_reward"]) expect(manifest).toContain(`"${type}"`);
    expect(compile()).toEqual([]);
    expect(sound(project.assay("doctor")).stdout).toContain("`assay-launcher-nohup` 1.0.0 is made for `assay` ^0.1.0");
  });

  it("is told of wrong arguments at each of them", () => {
    const { ended, told } = withChanges(
      [
        [EXPERIMENT, `{ path: "/data/tasks.jsonl" }`, `{ path: "/data/tasks.jsonl", share: 1.5 }`],
        [EXPERIMENT, "maxLength: this.maxLength })", `maxLength: 0, languages: ["python", "cobol" as "rust"] })`],
        [EXPERIMENT, `testsPath: "/data/tests.jsonl"`, `testsPath: "/data/tests.jsonl", timeoutSecond: 5`],
      ],
      check,
    );
    expect(ended.status).toBe(1);
    expect(told.map(({ code, message, at }) => [code, message, at])).toEqual([
      ["plugin/args", "dataset `task_prompts`: `sources.0.share` is 1.5, and must be at most 1", "1.5"],
      ["plugin/args", "dataset `task_prompts`: `maxLength` is 0, and must be at least 1", "0"],
      [
        "plugin/args",
        'dataset `task_prompts`: `languages.1` is "cobol", and must be "python" or "rust" or "typescript"',
        `"cobol" as "rust"`,
      ],
      ["plugin/args", "interface `test_reward`: `timeoutSecond` is no argument of it", "timeoutSecond"],
    ]);
  });

  it("does not compile with a name that is none, in the words of the build", () => {
    const wrong = [
      [EXPERIMENT, `testsPath: "/data/tests.jsonl"`, `testsPath: "/data/tests.jsonl", timeoutSecond: 5`],
    ] as const;
    const { errors, told } = withChanges(wrong, () => ({ errors: compile(), told: check().told }));
    expect(told.map(({ code }) => code)).toEqual(["plugin/args"]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`"✗ ${told[0]?.message}"`);
    const line =
      project
        .read(EXPERIMENT)
        .split("\n")
        .findIndex((text) => text.includes("testReward({")) + 1;
    expect(errors[0]?.startsWith(`${EXPERIMENT}(${line},`)).toBe(true);
  });

  it("does not compile with a value of another type", () => {
    const errors = withChanges(
      [
        [EXPERIMENT, `{ path: "/data/tasks.jsonl" }`, `{ path: 7 }`],
        [EXPERIMENT, "maxLength: this.maxLength })", `maxLength: 8, languages: ["cobol"] })`],
      ],
      compile,
    );
    expect(errors.map((error) => /error (TS\d+): (Type '[^']+' is not assignable)/.exec(error)?.slice(1))).toEqual([
      ["TS2322", "Type 'number' is not assignable"],
      ["TS2322", `Type '"cobol"' is not assignable`],
    ]);
  });

  it("does not compile with a dataset that lacks keys which are read, in the words of the build", () => {
    const { errors, told } = withChanges(
      [
        [EXPERIMENT, "import { ppoActor }", "import { ppoActor, promptAnswer }"],
        [EXPERIMENT, "import { taskPrompts, testReward }", "import { testReward }"],
        [
          EXPERIMENT,
          `taskPrompts({ sources: [{ path: "/data/tasks.jsonl" }]`,
          `promptAnswer({ datasetPath: "/data/a.jsonl"`,
        ],
      ],
      () => ({ errors: compile(), told: check().told }),
    );
    const messages = (call: string) =>
      ["packed_prompts", "task_ids"].map(
        (key) => `call \`${call}\` reads \`${key}\`, which no call and no dataset yields`,
      );
    expect(told.map(({ code, message }) => `${code}: ${message}`)).toEqual(
      ["answer", "test"].flatMap(messages).map((message) => `graph/unproduced-key: ${message}`),
    );
    expect(errors).toHaveLength(2);
    for (const [index, call] of ["answer", "test"].entries()) {
      for (const message of messages(call)) expect(errors[index]).toContain(`"✗ ${message}"`);
    }
  });
});

describe("the rule of a package", () => {
  const misnamed = [EXPERIMENT, `experimentName: "lab-tasks"`, `experimentName: "tasks"`] as const;
  const ownerless = [EXPERIMENT, `tags: ["owner:ada"]`, "tags: []"] as const;
  const strict = [CONFIG, "ownerAbove: 8", "ownerAbove: 4"] as const;

  it("finds by its own codes, at the author's lines", () => {
    const { ended, told } = withChanges([misnamed, ownerless, strict], check);
    expect(ended.status).toBe(1);
    expect(told.map(({ code, severity, message, help, at }) => [code, severity, message, help, at])).toEqual([
      [
        "lab/no-owner",
        "error",
        "lab-run takes 8 GPUs, more than 4, and nobody owns it",
        "add a tag `owner:<name>`, or take fewer GPUs",
        `"sglang.d4p1m1+d4p1m1"`,
      ],
      ["lab/run-name", "warning", `the run's name "tasks" does not begin with "lab-"`, "write `lab-tasks`", `"tasks"`],
    ]);
  });

  it("weighs what the config says", () => {
    const weighed = (severities: string) =>
      withChanges(
        [misnamed, ownerless, strict, [CONFIG, "  launchers:", `  severities: ${severities},\n  launchers:`]],
        () => {
          const { ended, told } = check();
          return [ended.status, told.map(({ code, severity }) => `${severity} ${code}`)];
        },
      );
    expect(weighed(`{ "lab/run-name": "error", "lab/no-owner": "warning" }`)).toEqual([
      1,
      ["warning lab/no-owner", "error lab/run-name"],
    ]);
    expect(weighed(`{ "lab/no-owner": "off" }`)).toEqual([0, ["warning lab/run-name"]]);
    expect(weighed(`{ "lab/no-owner": "off", "lab/run-name": "off" }`)).toEqual([0, []]);
  });

  it("is explained", () => {
    const { stdout } = sound(project.assay("explain", "lab/run-name"));
    expect(stdout).toContain("The name of a run does not begin with its team.");
    expect(stdout).toContain("Operators look at names alone when the cluster is full");
    expect(stdout).toContain("Found by rule `house-rules` of @lab/assay-tasks, version 2.1.0.");
    expect(sound(project.assay("explain", "lab")).stdout).toMatch(/lab\/no-owner.*A large experiment has no owner/s);
  });

  it("has its fix applied", () => {
    const right = project.read(EXPERIMENT);
    withChanges([misnamed], () => {
      const { stdout } = sound(project.assay("fix"));
      expect(stdout).toContain(`+@Preset("one-node"`);
      expect(project.read(EXPERIMENT)).toBe(right);
    });
    expect(check().told).toEqual([]);
  });

  it("leaves no trace in a manifest", () => {
    const file = ".assay/lab-run.one-node.manifest.json";
    sound(project.assay("build"));
    const withRule = project.read(file);
    withChanges([[CONFIG, `  rules: [houseRules({ team: "lab", ownerAbove: 8 })],\n`, ""]], () => {
      sound(project.assay("build"));
      expect(project.read(file)).toBe(withRule);
    });
    sound(project.assay("build"));
  });

  it("and a launcher are told of wrong arguments at the property of the config", () => {
    const wrong = [
      [CONFIG, `team: "lab"`, `team: "The Lab"`],
      [CONFIG, "graceSeconds: 1", "graceSeconds: -1"],
    ] as const;
    const { ended, told } = withChanges(wrong, check);
    expect(ended.status).toBe(1);
    expect(told.map(({ code, message, at, primary }) => [code, message, at, primary.file])).toEqual([
      ["plugin/args", expect.stringContaining('rule `house-rules`: `team` is "The Lab"'), `"The Lab"`, CONFIG],
      ["plugin/args", "launcher `nohup`: `graceSeconds` is -1, and must be at least 0", "-1", CONFIG],
    ]);
    const names = [
      [CONFIG, `team: "lab"`, `team: "lab", teem: "lab"`],
      [CONFIG, "graceSeconds: 1", "graceSecond: 1"],
    ] as const;
    const { errors, messages } = withChanges(names, () => ({
      errors: compile(),
      messages: check().told.map(({ message }) => message),
    }));
    expect(messages).toEqual([
      "rule `house-rules`: `teem` is no argument of it",
      "launcher `nohup`: `graceSecond` is no argument of it",
    ]);
    expect(errors).toHaveLength(2);
    for (const [index, message] of messages.entries()) expect(errors[index]).toContain(`"✗ ${message}"`);
  });
});

/** Starts, follows and ends two workers by the launcher that the config names, and tells of it in JSON. */
const LAUNCH = `import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { loadLauncher } from "assay/testing";
import config from "./dist/assay.config.js";

const [folder, secret] = process.argv.slice(2);
mkdirSync(folder);
const cluster = config.clusters[0];
const launcher = loadLauncher(config.launchers.here, cluster);
const program = \`console.log("worker", process.argv[1], process.env.ASSAY_GROUP, process.env.TOKEN.length, process.pid);
setInterval(() => {}, 1000);\`;
const resources = { cpu: 1, gpu: 0, memMiB: 64, nodelist: null, exclude: null, containerImage: null, timeLimit: null, begin: null, deadline: null, partition: null };
const group = { name: "modelWorker", count: 2, resources, env: { TOKEN: "\${secret:TOKEN}" }, argv: [process.execPath, "-e", program, { worker: "index" }] };
const request = { run: { experiment: "lab-run", preset: "one-node", trial: "t", attempt: 0 }, groups: [group], cluster, folder };
const preview = await launcher.preview(request);
const handle = JSON.parse(JSON.stringify(await launcher.submit(request, (text) => text.replace("\${secret:TOKEN}", secret))));
const lines = [];
for await (const { group, index, line } of launcher.logs(handle, { follow: true })) {
  lines.push({ group, index, line });
  if (lines.length === 2) break;
}
const [running] = await launcher.status(handle);
const pids = lines.map(({ line }) => Number(line.split(" ").at(-1)));
const isAlive = (pid) => { try { process.kill(pid, 0); return true; } catch { return false; } };
const before = pids.map(isAlive);
await launcher.cancel(handle);
await sleep(100);
const [ended] = await launcher.status(handle);
console.log(JSON.stringify({ steps: preview.steps.length, handle, lines, running: running.state, before, after: pids.map(isAlive), ended: ended.state }));
`;

describe("the launcher of a package", () => {
  it("is loaded from the config, and starts, follows and ends processes", () => {
    sound(project.tsc("-p", "."));
    project.write({ "launch.mjs": LAUNCH });
    const secret = "s3cret-of-the-lab";
    const attempt = join(project.root, "attempt 0");
    const { stdout } = sound(project.node("launch.mjs", attempt, secret));
    const told = JSON.parse(stdout) as {
      readonly steps: number;
      readonly lines: readonly { readonly group: string; readonly index: number; readonly line: string }[];
    };
    expect(told).toMatchObject({
      handle: { launcher: "nohup", folder: attempt, groups: [{ name: "modelWorker", count: 2 }] },
      running: "running",
      before: [true, true],
      after: [false, false],
      ended: "cancelled",
    });
    expect(told.steps).toBe(4);
    const lines = told.lines.toSorted((a, b) => a.index - b.index).map(({ line }) => line.replace(/ \d+$/, ""));
    expect(lines).toEqual([0, 1].map((index) => `worker ${index} modelWorker ${secret.length}`));
    expect(stdout).not.toContain(secret);
  });
});
