import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as Engine from "../../plugins/launcher-local/engine.ts";
import type * as Processes from "../../plugins/launcher-local/processes.ts";
import { assignDevices } from "../../plugins/launcher-local/gpus.ts";
import type { LaunchGroup, LaunchHandle, LaunchRequest, LogLine } from "../../src/plugin/launcher.ts";
import { clusterSpec } from "../../src/spec/cluster.ts";
import { compiled } from "./compiled.ts";

const { LocalEngine } = await compiled<typeof Engine>("plugins/launcher-local/engine.js");
const { processesOf, allProcesses, MARK } = await compiled<typeof Processes>("plugins/launcher-local/processes.js");

/** Many times what anything here takes. */
const PATIENCE_MS = 60_000;

let base = "";
let attempts = 0;
const handles: LaunchHandle[] = [];
const engine = new LocalEngine({ graceMs: 500, containment: "auto" });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "assay local "));
});
afterEach(async () => {
  for (const handle of handles.splice(0)) await engine.cancel(handle);
  rmSync(base, { recursive: true, force: true });
});

function group(name: string, script: string, more: Partial<LaunchGroup> = {}): LaunchGroup {
  return { name, count: 1, resources: resourcesOf(0), env: {}, argv: ["bash", "-c", script], ...more };
}

function resourcesOf(gpu: number): LaunchGroup["resources"] {
  const none = { nodelist: null, exclude: null, containerImage: null, timeLimit: null, begin: null, deadline: null };
  return { cpu: 1, gpu, memMiB: 64, partition: null, ...none };
}

function request(...groups: readonly LaunchGroup[]): LaunchRequest {
  attempts += 1;
  const folder = join(base, `attempt ${attempts}`);
  mkdirSync(folder);
  const cluster = clusterSpec({ name: "laptop", type: "local", nodes: 1, gpusPerNode: 4 });
  return { run: { experiment: "e", preset: null, trial: base.slice(-6), attempt: attempts }, groups, cluster, folder };
}

async function submit(wanted: LaunchRequest, by: Engine.LocalEngine = engine): Promise<LaunchHandle> {
  const handle = await by.submit(wanted, (text) => text);
  handles.push(handle);
  return handle;
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !isTrue(); await sleep(20)) {
    if (Date.now() > end) throw new Error("it does not come");
  }
}

async function linesOf(handle: LaunchHandle): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of engine.logs(handle, {})) lines.push(line);
  return lines;
}

const idOf = (handle: LaunchHandle): string => String(handle.jobs["id"]);

/** Processes of an attempt whose arguments hold a text. */
const running = (handle: LaunchHandle, text: string): readonly number[] =>
  processesOf(idOf(handle)).flatMap(({ pid, argv }) => (argv.some((part) => part.includes(text)) ? [pid] : []));

/** A child, one in a session of its own, and one in a session whose parent has ended. */
const FAMILY = "sleep 9001 & setsid sleep 9001 & (setsid sh -c 'sleep 9001; true' &); wait";

const sleepers = (): number => allProcesses().filter(({ argv }) => argv[0] === "sleep" && argv[1] === "9001").length;

describe.each(["namespace", "processes"] as const)("no process outlives its supervisor, by %s", (containment) => {
  const own = new LocalEngine({ graceMs: 500, containment });

  it("when the supervisor is killed", async () => {
    const handle = await submit(request(group("family", FAMILY, { count: 2 })), own);
    await until(() => sleepers() === 6);
    const [supervisor] = processesOf(idOf(handle)).filter(({ argv }) => argv[1]?.endsWith("supervisor.js") === true);
    process.kill(supervisor?.pid ?? 0, "SIGKILL");
    await until(() => processesOf(idOf(handle)).length === 0 && sleepers() === 0);
    expect(own.status(handle)).toEqual([
      {
        group: "family",
        state: "failed",
        raw: "",
        exits: [],
        reason: "the supervisor of its workers was killed, and they with it",
      },
    ]);
  });

  it("when what keeps it is killed", async () => {
    const handle = await submit(request(group("family", FAMILY)), own);
    await until(() => sleepers() === 3);
    const keeper = containment === "namespace" ? "unshare" : "guard.js";
    const [pid] = running(handle, keeper);
    process.kill(pid ?? 0, "SIGKILL");
    if (containment === "processes") {
      // Another one takes its place.
      await until(() => running(handle, keeper).some((other) => other !== pid));
      await own.cancel(handle);
    }
    await until(() => processesOf(idOf(handle)).length === 0 && sleepers() === 0);
  });

  it("when workers end and leave others behind", async () => {
    const handle = await submit(request(group("family", "(setsid sleep 9001 &); exit 0")), own);
    await until(() => own.status(handle)[0]?.state === "completed");
    await until(() => processesOf(idOf(handle)).length === 0 && sleepers() === 0);
  });

  it("when they don't listen", async () => {
    const handle = await submit(request(group("deaf", "trap '' TERM; sleep 9001 & while :; do wait; done")), own);
    await until(() => sleepers() === 1);
    await own.cancel(handle);
    expect(processesOf(idOf(handle))).toEqual([]);
    expect(own.status(handle)[0]).toMatchObject({ state: "cancelled", exits: [{ index: 0, signal: "SIGKILL" }] });
  });
});

it("in a namespace, not even one that left no trace outlives its supervisor", async () => {
  const own = new LocalEngine({ graceMs: 500, containment: "namespace" });
  const handle = await submit(request(group("hidden", "(env -i setsid sleep 9001 &); sleep 9001")), own);
  await until(() => sleepers() === 2);
  const [supervisor] = running(handle, "supervisor.js").slice(-1);
  process.kill(supervisor ?? 0, "SIGKILL");
  await until(() => sleepers() === 0);
});

it("workers that are asked to end have time to", async () => {
  const handle = await submit(
    request(group("polite", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done")),
  );
  await until(() => statSync(join(handle.folder, "polite.0.log")).size > 0);
  await engine.cancel(handle);
  // A shell says besides that what it waited for was ended.
  expect((await linesOf(handle)).at(-1)?.line).toBe("bye");
  expect(engine.status(handle)[0]).toMatchObject({ state: "cancelled", exits: [{ index: 0, exitCode: 7 }] });
});

it("a submission that was interrupted is found again", async () => {
  const wanted = request(group("one", "sleep 9001"));
  expect(engine.recall(wanted.run, wanted.folder)).toBe(null);
  const handle = await submit(wanted);
  expect(engine.recall(wanted.run, wanted.folder)).toEqual(handle);
  expect(engine.recall({ ...wanted.run, attempt: 99 }, wanted.folder)).toBe(null);
});

it("what is previewed is what runs", async () => {
  const wanted = request(group("one", "sleep 9001", { env: { TOKEN: "${secret:TOKEN}" } }));
  const { steps } = engine.preview(wanted);
  const [file, command] = steps;
  const handle = await engine.submit(wanted, (text) => text.replace("${secret:TOKEN}", "open sesame"));
  handles.push(handle);
  expect(JSON.stringify(steps)).not.toContain("open sesame");
  expect(file?.kind === "file" && readFileSync(file.path, "utf8")).toBe(file?.kind === "file" && file.text);
  const argv = processesOf(idOf(handle)).map((process) => process.argv);
  expect(command?.kind === "command" && argv).toContainEqual(command?.kind === "command" && command.argv);
  const files = readdirSync(wanted.folder).map((name) => readFileSync(join(wanted.folder, name), "utf8"));
  expect(files.filter((text) => text.includes("open sesame"))).toEqual([]);
});

describe("GPUs", () => {
  const free = ["0", "1", "2", "3"];
  const gpus = (name: string, count: number, gpu: number): LaunchGroup =>
    group(name, "", { count, resources: resourcesOf(gpu) });

  it("are given whole to one worker alone", () => {
    expect(assignDevices([gpus("a", 2, 1), gpus("b", 1, 2), gpus("c", 1, 0)], free)).toEqual([
      ["0", "1"],
      ["2,3"],
      [""],
    ]);
  });

  it("are shared by workers of one group that take a fraction", () => {
    expect(assignDevices([gpus("a", 3, 0.5), gpus("b", 4, 0.33)], free)).toEqual([
      ["0", "0", "1"],
      ["2", "2", "2", "3"],
    ]);
    expect(assignDevices([gpus("a", 2, 0.75)], free)).toEqual([["0", "1"]]);
  });

  it("are refused where there are too few, or an amount means nothing", () => {
    expect(() => assignDevices([gpus("a", 2, 2), gpus("b", 1, 1)], free)).toThrow(
      "the workers need 5 GPUs (a 2 x 2, b 1 x 1), and 4 are free",
    );
    for (const gpu of [1.5, -1, Number.NaN])
      expect(() => assignDevices([gpus("a", 1, gpu)], free)).toThrow(`asks for ${gpu} GPUs`);
  });

  it("that another attempt has are not given twice, and are free when it has ended", async () => {
    const wanted = group("a", "echo $CUDA_VISIBLE_DEVICES; sleep 9001", { count: 3, resources: resourcesOf(1) });
    const first = await submit(request(wanted));
    const ours = process.env[MARK];
    expect(ours).toBe(undefined);
    await expect(submit(request(wanted))).rejects.toThrow("the workers need 3 GPUs (a 3 x 1), and 1 is free");
    const second = await submit(request({ ...wanted, count: 1 }));
    await until(() => statSync(join(second.folder, "a.0.log")).size > 0);
    expect((await linesOf(second)).map(({ line }) => line)).toEqual(["3"]);
    await engine.cancel(first);
    await submit(request(wanted));
  });
});

it("what this machine can't give is refused", async () => {
  const refused = { nodelist: "n1", containerImage: "x.sif", timeLimit: "10", begin: "now+1", deadline: "23:00" };
  for (const [field, value] of Object.entries(refused)) {
    const wanted = request(group("a", "true", { resources: { ...resourcesOf(0), [field]: value } }));
    await expect(engine.submit(wanted, String)).rejects.toThrow(
      `group \`a\` has \`${field}\` "${value}", which this machine can't give`,
    );
  }
  await expect(
    engine.submit(request(group("a", "true", { env: { CUDA_VISIBLE_DEVICES: "7" } })), String),
  ).rejects.toThrow("which is how this launcher gives GPUs");
});

it("leaves no zombie behind where workers leave orphans", async () => {
  const own = new LocalEngine({ graceMs: 500, containment: "namespace" });
  const handle = await submit(
    request(group("orphans", "for i in 1 2 3 4 5; do (setsid sleep 0.01 &) ; done; sleep 1; echo up; sleep 9001")),
    own,
  );
  await until(() => statSync(join(handle.folder, "orphans.0.log")).size > 0);
  const [init] = processesOf(idOf(handle)).filter(({ argv }) => argv[0] === "sh");
  const { stdout } = spawnSync("ps", ["--ppid", String(init?.pid), "-o", "stat="], { encoding: "utf8" });
  expect(stdout).not.toContain("Z");
});
