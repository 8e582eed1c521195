import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AssayError } from "../../src/diagnostics/assay-error.ts";
import type * as Lock from "../../src/launch/lock.ts";
import { lockHolder, takeLock } from "../../src/launch/lock.ts";
import { parseRecord } from "../../src/launch/record.ts";
import { beginsFromCheckpoint, type RecoverMode, savesCheckpoints, triesAgain } from "../../src/launch/recovery.ts";
import { referencesIn, requestOf } from "../../src/launch/request.ts";
import { type RuntimeRun, runtimeOf } from "../../src/launch/runtimes.ts";
import { asLaunchError, judge, untilAnswered } from "../../src/launch/watch.ts";
import { type GroupState, type GroupStatus, LaunchError, workerArgv } from "../../src/plugin/launcher.ts";
import { parseTemplate } from "../../src/spec/runtime.ts";
import { tasksGroup, scheduling } from "../../src/spec/scheduling.ts";
import { sftManifest } from "../unit/cli/run.ts";
import { compiled } from "./compiled.ts";

describe("a command of a runtime", () => {
  it.each([
    ["plain", [{ text: "plain" }]],
    ["", []],
    ["--m={manifest}!", [{ text: "--m=" }, { placeholder: "manifest" }, { text: "!" }]],
    ["{workerIndex}", [{ placeholder: "workerIndex" }]],
    ["{{x}} {trial}", [{ text: "{" }, { text: "x" }, { text: "}" }, { text: " " }, { placeholder: "trial" }]],
    ["--i={workerIndex}", "`{workerIndex}` is an argument of its own"],
    ["{manifests}", "`{manifests}` is no placeholder"],
    ["{__proto__}", "`{__proto__}` is no placeholder"],
    ["{}", "`{}` is no placeholder"],
    ["a } b", "`}` stands alone"],
    ["a { b", "`{` stands alone"],
  ])("%s", (argument, parts) => expect(parseTemplate(argument)).toEqual(parts));
});

describe("recovery", () => {
  const settings = (mode: RecoverMode) => ({ mode, retries: 2, delaySeconds: 0 });

  it.each([
    ["disabled", false, [false, false], [false, false], false],
    ["fault", true, [false, false], [true, true], true],
    ["auto", true, [false, true], [true, true], true],
    ["resume", true, [true, true], [true, true], false],
  ] as const)("by %s", (mode, saves, [fresh, checkpoint], _later, again) => {
    expect(savesCheckpoints(settings(mode))).toBe(saves);
    expect(beginsFromCheckpoint(settings(mode), 0, false)).toBe(fresh);
    expect(beginsFromCheckpoint(settings(mode), 0, true)).toBe(checkpoint);
    expect([0, 1, 2].map((round) => triesAgain(settings(mode), round))).toEqual([again, again, false]);
    if (again) expect(beginsFromCheckpoint(settings(mode), 1, false)).toBe(true);
  });
});

describe("the verdict on an attempt", () => {
  const status = (group: string, state: GroupState, more: Partial<GroupStatus> = {}): GroupStatus => ({
    group,
    state,
    raw: "",
    ...more,
  });
  const deciding = ["masterWorker"];

  it("is that of the master, whatever servers do", () => {
    const groups = [status("generationServer", "running"), status("masterWorker", "completed")];
    expect(judge(groups, deciding)).toEqual({ kind: "completed" });
    expect(judge([status("a", "completed"), status("b", "running")], [])).toEqual({ kind: "running" });
    expect(judge([status("a", "completed"), status("b", "completed")], [])).toEqual({ kind: "completed" });
  });

  it("names the worker that ended it", () => {
    const exits = [
      { index: 0, exitCode: 0 },
      { index: 3, signal: "SIGBUS" },
    ];
    const failed = [status("masterWorker", "running"), status("modelWorker", "failed", { exits })];
    expect(judge(failed, deciding)).toEqual({
      kind: "failed",
      failure: { group: "modelWorker", index: 3, end: "was ended by SIGBUS" },
    });
    const node = [status("modelWorker", "failed", { raw: "NODE_FAIL" })];
    expect(judge(node, deciding)).toMatchObject({ failure: { index: null, end: "failed: NODE_FAIL" } });
    const gone = [status("modelWorker", "gone"), status("masterWorker", "running")];
    expect(judge(gone, deciding)).toMatchObject({ failure: { end: "is not known to the launcher any more" } });
    const cancelled = [status("modelWorker", "cancelled"), status("masterWorker", "running")];
    expect(judge(cancelled, deciding)).toMatchObject({ failure: { end: "was cancelled by somebody" } });
  });

  it("is none on what a launcher does not understand", () => {
    for (const state of ["pending", "unknown"] as const)
      expect(judge([status("modelWorker", state), status("masterWorker", "running")], deciding)).toEqual({
        kind: "running",
      });
  });

  it("waits for an engine that does not answer", async () => {
    const silences: string[] = [];
    let asked = 0;
    const ask = () => {
      asked += 1;
      return asked < 4 ? Promise.reject(new LaunchError("unreachable", "no answer")) : Promise.resolve(asked);
    };
    const patience = {
      pause: () => Promise.resolve(),
      isStopped: () => false,
      onSilence: ({ message }: LaunchError) => void silences.push(message),
    };
    expect(await untilAnswered(ask, patience)).toBe(4);
    expect(silences).toEqual(["no answer"]);
    asked = 0;
    expect(await untilAnswered(ask, { ...patience, isStopped: () => true })).toBe(null);
    const broken = () => Promise.reject(new LaunchError("engine", "broken"));
    await expect(untilAnswered(broken, patience)).rejects.toThrow("broken");
  });

  it("knows errors of another copy of the package", () => {
    const other = Object.assign(new Error("x"), { name: "LaunchError", problem: "engine" });
    expect(asLaunchError(other)?.problem).toBe("engine");
    expect(asLaunchError(new Error("x"))).toBe(null);
  });
});

describe("a lock", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "assay-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is held by one, until it is released", () => {
    const first = takeLock(folder);
    expect(takeLock(folder)).toMatchObject({ pid: process.pid, host: hostname() });
    expect(lockHolder(folder)?.pid).toBe(process.pid);
    if ("release" in first) first.release();
    expect(lockHolder(folder)).toBe(null);
    const again = takeLock(folder);
    expect("release" in again).toBe(true);
    if ("release" in again) again.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is nobody's when its process has ended, even if another one has its number", () => {
    const { pid } = spawnSync("true");
    const stale = [
      { host: hostname(), pid, birth: "x" },
      { host: hostname(), pid: process.pid, birth: "another boot 1" },
    ];
    for (const holder of [...stale.map((one) => JSON.stringify(one)), "", "{", '{"host":1}', "null"]) {
      writeFileSync(join(folder, "lock"), holder);
      expect(lockHolder(folder), holder).toBe(null);
      const lock = takeLock(folder);
      if (!("release" in lock)) throw new Error(`it is held: ${holder}`);
      lock.release();
    }
  });

  it("of another machine is held: nobody here can know", () => {
    writeFileSync(join(folder, "lock"), JSON.stringify({ host: "another-machine", pid: 1, birth: "" }));
    expect(takeLock(folder)).toMatchObject({ host: "another-machine" });
  });

  it("is taken by one of many that find a stale one", async () => {
    const { takeLock: _compiled } = await compiled<typeof Lock>("src/launch/lock.js");
    expect(typeof _compiled).toBe("function");
    const module = new URL("../../dist/src/launch/lock.js", import.meta.url).href;
    const script = `import { takeLock } from ${JSON.stringify(module)};
const lock = takeLock(process.argv[1]);
process.stdout.write("release" in lock ? "got\\n" : "held\\n");
process.stdin.resume();`;
    for (let round = 0; round < 3; round += 1) {
      writeFileSync(join(folder, "lock"), JSON.stringify({ host: hostname(), pid: spawnSync("true").pid, birth: "x" }));
      const children = Array.from({ length: 8 }, () =>
        spawn(process.execPath, ["--input-type=module", "-e", script, folder]),
      );
      const said = await Promise.all(
        children.map(
          (child) =>
            new Promise<string>((settle) =>
              child.stdout.setEncoding("utf8").once("data", (text: string) => settle(text.trim())),
            ),
        ),
      );
      expect(said.filter((text) => text === "got")).toEqual(["got"]);
      await Promise.all(
        children.map((child) => {
          child.kill("SIGKILL");
          return new Promise((settle) => child.once("exit", settle));
        }),
      );
    }
  });
});

describe("a request", () => {
  const { manifest } = sftManifest();
  const run: RuntimeRun = {
    experiment: "sft",
    trial: "t1",
    manifest: { file: "/runs/m.json", sha256: "0".repeat(64) },
    runFolder: "/runs",
    projectFolder: "/project",
    launcher: "slurm",
    isRecovery: true,
    savesCheckpoints: true,
  };
  const input = (runtime: string, configured = {}) => {
    const found = runtimeOf(runtime, configured);
    if (found === null) throw new Error("there is no such runtime");
    return {
      manifest,
      runtime: found,
      run,
      identity: { experiment: "sft", preset: "one-node", trial: "t1", attempt: 2 },
      user: "ada",
      folder: "/runs/attempts/2",
      recoverFolder: "/runs/recover",
    };
  };

  it("of the reference's workers has its commands, and a controller", () => {
    const { request, deciding } = requestOf(input("realhf"));
    expect(request.groups.map(({ name, count }) => [name, count])).toEqual([
      ["controller", 1],
      ["modelWorker", 8],
      ["masterWorker", 1],
    ]);
    expect(deciding).toEqual(["masterWorker"]);
    const [controller, worker] = request.groups;
    expect(controller?.argv.join(" ")).toBe(
      "python3 -O -m realhf.apps.remote controller -e sft -f t1 --raise_worker_error --type zmq",
    );
    expect(workerArgv(worker ?? { argv: [] }, 5).join(" ")).toBe(
      "python3 -O -m realhf.apps.remote worker -w model_worker -e sft -f t1 -i 5 -g 8 -r 0 -p 1 -j 8 -o 0",
    );
    expect(worker?.env).toMatchObject({ REAL_MODE: "SLURM", REAL_RECOVER_RUN: "1", REAL_SAVE_RECOVER_STATES: "1" });
    expect(worker?.resources.gpu).toBe(1);
  });

  it("numbers workers of a kind through its groups", () => {
    const each = scheduling({ cpu: 1, gpu: 1, memMiB: 1, envVars: { A: "b" } });
    const groups = [tasksGroup(3, each), tasksGroup(5, each)];
    const authored = { ...manifest.authored, scheduling: { ...manifest.authored.scheduling, modelWorker: groups } };
    const command = ["w", "{workerType}", "{workerIndex}", "{workerCount}", "{{{trial}}}"];
    const { request } = requestOf({ ...input("own", { own: { command } }), manifest: { ...manifest, authored } });
    const [first, second] = request.groups;
    expect([first?.name, second?.name]).toEqual(["modelWorker", "modelWorker-1"]);
    expect(workerArgv(first ?? { argv: [] }, 2)).toEqual(["w", "modelWorker", "2", "8", "{t1}"]);
    expect(workerArgv(second ?? { argv: [] }, 0)).toEqual(["w", "modelWorker", "3", "8", "{t1}"]);
    expect(second?.env).toMatchObject({ A: "b", ASSAY_WORKER_OFFSET: "3", ASSAY_RECOVER: "1", ASSAY_USER: "ada" });
  });

  it("of a runtime that needs nothing asks for nothing", () => {
    const { request } = requestOf(input("rehearsal"));
    expect(
      request.groups.map(({ resources: { gpu, containerImage, nodelist } }) => [gpu, containerImage, nodelist]),
    ).toEqual(request.groups.map(() => [0, null, null]));
  });

  it("hands late values to workers by reference", () => {
    const value = { a: "${secret:KEY} ${env:HOME}", b: ["$${secret:NOT}", "${secret:KEY}", "${trial}"] };
    expect(referencesIn(value)).toEqual([
      { kind: "secret", name: "KEY" },
      { kind: "env", name: "HOME" },
    ]);
    const authored = { ...manifest.authored, launch: value };
    const { request } = requestOf({ ...input("rehearsal"), manifest: { ...manifest, authored } });
    expect(request.groups[0]?.env).toMatchObject({ ASSAY_SECRET_KEY: "${secret:KEY}", ASSAY_ENV_HOME: "${env:HOME}" });
  });
});

it.each(["{", "null", "[]", '{"assayRun":2}', '{"assayRun":1}'])("a record that is none is refused: %s", (text) => {
  expect(() => parseRecord(text, "run.json")).toThrow(AssayError);
});
