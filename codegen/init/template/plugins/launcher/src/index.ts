import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterSpec, Injectable } from "assay";
import {
  type Bind,
  checkLaunchHandle,
  checkLaunchRequest,
  defineLauncher,
  type GroupStatus,
  LaunchError,
  type LaunchGroup,
  type LaunchHandle,
  type LaunchPreview,
  type LaunchRequest,
  type LaunchStep,
  type Launcher,
  type LogLine,
  type LogOptions,
  typed,
  workerArgv,
  workerEnvironment,
  type WorkerExit,
} from "assay/plugin";
import { followLines } from "./lines.js";
import { MARK, processesOf } from "./processes.js";
import { SUPERVISOR } from "./supervisor.js";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Time that processes have to end by themselves, in seconds; 5 unless given. @range >= 0 */
  readonly graceSeconds?: number;
}

const POLL_MS = 20;

/** Starts workers as processes of this machine that go on when whoever started them ends. Needs Linux: it looks into `/proc`. */
@Injectable()
class MyPlugin implements Launcher {
  readonly #graceMs: number;
  readonly #cluster: ClusterSpec;

  constructor({ graceSeconds = 5 }: MyPluginArgs, cluster: ClusterSpec) {
    this.#graceMs = graceSeconds * 1000;
    this.#cluster = cluster;
  }

  preview(request: LaunchRequest): Promise<LaunchPreview> {
    return Promise.resolve().then(() => ({ steps: this.#stepsOf(request) }));
  }

  async submit(request: LaunchRequest, bind: Bind): Promise<LaunchHandle> {
    const steps = this.#stepsOf(request);
    const { run, folder, groups } = request;
    const id = idOf(request);
    // A reference without a value is found before anything is started.
    const bound = steps.map((step) =>
      step.kind === "command"
        ? Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, bind(text)]))
        : {},
    );
    try {
      for (const [index, step] of steps.entries()) {
        // Somebody else's attempt is nothing to overwrite.
        if (step.kind === "file") writeFileSync(step.path, step.text, { flag: "wx" });
        else await this.#start(step, bound[index] ?? {});
      }
    } catch (error) {
      if (isTaken(error)) throw new LaunchError("request", `the attempt in ${folder} was submitted before`);
      await this.#end(id);
      throw error instanceof LaunchError
        ? error
        : new LaunchError("engine", "a worker can't be started", { cause: error });
    }
    return {
      launcher: "my-plugin",
      run,
      folder,
      groups: groups.map(({ name, count }) => ({ name, count })),
      jobs: { id },
    };
  }

  status(handle: LaunchHandle): Promise<readonly GroupStatus[]> {
    return Promise.resolve().then(() => statusOf(handle, this.#idOf(handle)));
  }

  async *logs(
    handle: LaunchHandle,
    { group, index, follow = false, signal }: LogOptions = {},
  ): AsyncGenerator<LogLine> {
    const id = this.#idOf(handle);
    const wanted = workersOf(handle).filter(
      (worker) => (group ?? worker.group) === worker.group && (index ?? worker.index) === worker.index,
    );
    const readers = wanted.map((worker) => ({
      worker,
      lines: followLines(join(handle.folder, `${nameOf(worker)}.log`)),
    }));
    for (;;) {
      // What was written before the last one ended is read after it.
      const isOver = !follow || processesOf(id).length === 0;
      for (const { worker, lines } of readers) {
        for (const line of lines(isOver)) {
          if (signal?.aborted === true) return;
          yield { group: worker.group, index: worker.index, line };
        }
      }
      if (isOver || signal?.aborted === true) return;
      await sleep(POLL_MS);
    }
  }

  async cancel(handle: LaunchHandle): Promise<void> {
    const id = this.#idOf(handle);
    if (existsSync(join(handle.folder, "run.json"))) {
      const open = statusOf(handle, id).filter(({ state }) => state === "pending" || state === "running");
      const names = new Set([...cancelledIn(handle.folder), ...open.map(({ group }) => group)]);
      writeFileSync(join(handle.folder, "cancelled.json"), JSON.stringify([...names]));
    }
    await this.#end(id);
  }

  /** What `submit` does, in order. */
  #stepsOf(request: LaunchRequest): readonly LaunchStep[] {
    checkLaunchRequest(request);
    const { run, folder, groups } = request;
    const supervisor = join(folder, "supervisor.mjs");
    const commands = groups.flatMap((group) => {
      const seconds = this.#delayOf(group);
      return Array.from({ length: group.count }, (_, index): LaunchStep => ({
        kind: "command",
        argv: [
          process.execPath,
          supervisor,
          nameOf({ group: group.name, index }),
          String(seconds),
          "--",
          ...workerArgv(group, index),
        ],
        folder,
        env: {
          PATH: escaped(process.env["PATH"] ?? ""),
          ...group.env,
          ...escapedAll(workerEnvironment(run, group, index)),
          [MARK]: idOf(request),
        },
      }));
    });
    return [
      { kind: "file", path: join(folder, "run.json"), text: `${JSON.stringify({ id: idOf(request), run })}\n` },
      { kind: "file", path: supervisor, text: SUPERVISOR },
      ...commands,
    ];
  }

  /** Seconds to wait before a group starts. What this machine can't give is refused. */
  #delayOf({ name, resources }: LaunchGroup): number {
    const { nodelist, exclude, containerImage, timeLimit, deadline, begin, gpu } = resources;
    const given = Object.entries({ nodelist, exclude, containerImage, timeLimit, deadline }).find(
      ([, value]) => value !== null,
    );
    if (given !== undefined)
      throw new LaunchError("request", `group \`${name}\` has \`${given[0]}\`, which this launcher can't give`);
    if (gpu > this.#cluster.gpusPerNode) {
      throw new LaunchError(
        "request",
        `group \`${name}\` asks for ${gpu} GPUs; ${this.#cluster.name} has ${this.#cluster.gpusPerNode}`,
      );
    }
    if (begin === null) return 0;
    const [, count, unit = "seconds"] = /^now\+(\d{1,6})(seconds|minutes|hours)?$/.exec(begin) ?? [];
    if (count === undefined)
      throw new LaunchError("request", `this launcher knows \`begin\` as now+COUNT only, found ${begin}`);
    return Number(count) * { seconds: 1, minutes: 60, hours: 3600 }[unit as "seconds"];
  }

  async #start(step: LaunchStep, env: Readonly<Record<string, string>>): Promise<void> {
    if (step.kind !== "command") return;
    const [program = "", ...args] = step.argv;
    const child = spawn(program, args, {
      cwd: step.folder,
      env,
      // A session of its own: the end of ours is none of its business.
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const failed = await answerOf(child);
    child.unref();
    if (failed !== null) throw new LaunchError("request", `a worker can't be started: ${failed}`);
  }

  /** Ends all that runs of an attempt: asks, waits, and then ends what is left until nothing is. */
  async #end(id: string): Promise<void> {
    const asked = new Set<number>();
    for (const until = Date.now() + this.#graceMs; ; await sleep(POLL_MS)) {
      const left = processesOf(id);
      if (left.length === 0) return;
      const isLate = Date.now() > until;
      for (const { pid } of left) {
        if (!isLate && asked.has(pid)) continue;
        asked.add(pid);
        signalTo(pid, isLate ? "SIGKILL" : "SIGTERM");
      }
    }
  }

  /** The attempt's id. A handle comes from a file: only the id that its own folder and run give is one. */
  #idOf(handle: LaunchHandle): string {
    checkLaunchHandle(handle, "my-plugin");
    if (handle.jobs["id"] !== idOf(handle))
      throw new LaunchError("handle", "the handle is damaged: its id is that of another attempt");
    return idOf(handle);
  }
}

function idOf({ run, folder }: Pick<LaunchRequest, "run" | "folder">): string {
  const { experiment, preset, trial, attempt } = run;
  return createHash("sha256")
    .update(JSON.stringify([folder, experiment, preset, trial, attempt]))
    .digest("hex")
    .slice(0, 32);
}

interface Worker {
  readonly group: string;
  readonly index: number;
}

function nameOf({ group, index }: Worker): string {
  return `${group}.${index}`;
}

function workersOf({ groups }: LaunchHandle): readonly Worker[] {
  return groups.flatMap(({ name, count }) => Array.from({ length: count }, (_, index) => ({ group: name, index })));
}

function statusOf({ folder, groups }: LaunchHandle, id: string): readonly GroupStatus[] {
  const running = new Set(
    processesOf(id).map(({ env }) => `${env.get("ASSAY_GROUP") ?? ""}.${env.get("ASSAY_INDEX") ?? ""}`),
  );
  const isKnown = existsSync(join(folder, "run.json"));
  const cancelled = cancelledIn(folder);
  return groups.map(({ name, count }): GroupStatus => {
    if (!isKnown) return { group: name, state: "gone", raw: "" };
    const workers = Array.from({ length: count }, (_, index) => {
      const file = nameOf({ group: name, index });
      const end = readJson(join(folder, `${file}.exit`)) as Omit<WorkerExit, "index"> | null;
      return {
        exit: end === null ? null : ({ index, ...end } as WorkerExit),
        isStarted: existsSync(join(folder, `${file}.started`)),
        isAlive: running.has(file),
      };
    });
    const exits = workers.flatMap(({ exit }) => (exit === null ? [] : [exit]));
    const isRunning = workers.some(({ isAlive, exit }) => isAlive && exit === null);
    const known = { group: name, raw: "", exits };
    if (cancelled.includes(name) && !isRunning) return { ...known, state: "cancelled" };
    if (exits.some((exit) => !("exitCode" in exit) || exit.exitCode !== 0)) return { ...known, state: "failed" };
    if (exits.length === count) return { ...known, state: "completed" };
    const lost = workers.findIndex(({ exit, isAlive }) => exit === null && !isAlive);
    if (lost >= 0) return { ...known, state: "failed", reason: `worker ${lost} is gone and left no exit code` };
    return { ...known, state: workers.some(({ isStarted }) => isStarted) ? "running" : "pending" };
  });
}

function cancelledIn(folder: string): readonly string[] {
  return (readJson(join(folder, "cancelled.json")) as readonly string[] | null) ?? [];
}

function readJson(file: string): unknown {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown) : null;
}

/** What a supervisor tells of its worker: why it can't be started, or `null` if it runs or waits. */
function answerOf(child: ChildProcess): Promise<string | null> {
  return new Promise((settle) => {
    child.once("message", (answer) => settle((answer as { readonly failed?: string }).failed ?? null));
    child.once("error", (error) => settle(error.message));
    // Its end may be told before what it said; the end of the channel comes after all that was said on it.
    child.once("disconnect", () => settle("its supervisor ended without a word"));
  });
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Text that is no reference, whatever it is. */
function escaped(text: string): string {
  return text.replaceAll("${", () => "$${");
}

function escapedAll(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, escaped(text)]));
}

function isTaken(error: unknown): boolean {
  return (error as { readonly code?: string }).code === "EEXIST";
}

/** Steps that a submission really made and that still run, as the machine tells them. */
export function performedSteps({ run, folder }: LaunchHandle): readonly LaunchStep[] {
  return processesOf(idOf({ run, folder })).flatMap(({ argv }): readonly LaunchStep[] =>
    argv[1] === join(folder, "supervisor.mjs") ? [{ kind: "command", argv }] : [],
  );
}

/** Runs workers as processes of this machine that outlive whoever started them. */
export const myPlugin = defineLauncher({ type: "my-plugin", args: typed<MyPluginArgs>(), launcher: MyPlugin });
