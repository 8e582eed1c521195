import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type Bind,
  checkLaunchHandle,
  checkLaunchRequest,
  FINAL_STATES,
  type GroupStatus,
  LaunchError,
  type LaunchGroup,
  type LaunchHandle,
  type LaunchPreview,
  type LaunchRequest,
  type LaunchStep,
  type LogLine,
  type LogOptions,
  type RunIdentity,
  workerArgv,
  workerEnvironment,
  type WorkerExit,
} from "assay/plugin";
import { FILES, idOf, nameOf, type Plan, type PlannedWorker, readFile, writeWhole } from "./attempt.ts";
import { type Containment, containedBy, hasNamespaces } from "./containment.ts";
import { assignDevices } from "./gpus.ts";
import { followLines } from "./lines.ts";
import { allProcesses, KEEPER, type MachineProcess, MARK, processesOf, processOf, signalTo } from "./processes.ts";

const POLL_MS = 20;
/** Time that the supervisor has to keep how workers ended. */
const KEEPER_GRACE_MS = 2000;
const DEVICES = "CUDA_VISIBLE_DEVICES";

interface LocalSettings {
  readonly graceMs: number;
  readonly containment: Containment | "auto";
}

/** Variables of each group, by its name. */
type Variables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Runs attempts on this machine. Needs Linux: it looks into `/proc`. */
export class LocalEngine {
  readonly #settings: LocalSettings;

  constructor(settings: LocalSettings) {
    this.#settings = settings;
  }

  preview(request: LaunchRequest): LaunchPreview {
    const plan = this.#planOf(request);
    const command = this.#commandOf(plan, request.folder);
    return { steps: [fileStep(plan, request.folder), { ...command, stdin: JSON.stringify(variablesOf(request)) }] };
  }

  async submit(request: LaunchRequest, bind: Bind): Promise<LaunchHandle> {
    const { folder } = request;
    const plan = this.#planOf(request);
    const command = this.#commandOf(plan, folder);
    const variables = boundVariables(variablesOf(request), bind);
    const file = fileStep(plan, folder);
    try {
      // Somebody else's attempt is nothing to overwrite.
      writeFileSync(file.path, file.text, { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST")
        throw engineError("its folder can't be written to", error);
      throw new LaunchError("request", `the attempt in ${folder} was submitted before`);
    }
    const problem = await startSupervisor(command, folder, plan.id, JSON.stringify(variables));
    if (problem !== null) {
      await this.#end(plan.id);
      throw new LaunchError("request", problem);
    }
    return handleOf(plan, folder);
  }

  recall(run: RunIdentity, folder: string): LaunchHandle | null {
    const plan = readFile(folder, FILES.plan) as Plan | null;
    return plan === null || plan.id !== idOf({ run, folder }) ? null : handleOf(plan, folder);
  }

  status(handle: LaunchHandle): readonly GroupStatus[] {
    return statusOf(handle, checkedId(handle));
  }

  async *logs(handle: LaunchHandle, options: LogOptions): AsyncGenerator<LogLine> {
    const id = checkedId(handle);
    const { group, index, follow = false, signal } = options;
    const readers = handle.groups
      .filter(({ name }) => (group ?? name) === name)
      .flatMap(({ name, count }) =>
        Array.from({ length: count }, (_, number) => ({ group: name, index: number })).filter(
          (worker) => (index ?? worker.index) === worker.index,
        ),
      )
      .map((worker) => ({ worker, lines: followLines(join(handle.folder, `${nameOf(worker)}.log`)) }));
    for (;;) {
      // What was written before the last one ended is read after it.
      const isOver = !follow || statusOf(handle, id).every(({ state }) => FINAL_STATES.includes(state));
      for (const { worker, lines } of readers) {
        for (const line of lines(isOver)) {
          if (signal?.aborted === true) return;
          yield { group: worker.group, index: worker.index, line };
        }
      }
      if (isOver || signal?.aborted === true) return;
      await sleep(POLL_MS * 2);
    }
  }

  async cancel(handle: LaunchHandle): Promise<void> {
    const id = checkedId(handle);
    const { folder } = handle;
    if (existsSync(join(folder, FILES.plan))) {
      const open = statusOf(handle, id).filter(({ state }) => !FINAL_STATES.includes(state));
      writeWhole(folder, FILES.cancelled, [...cancelledIn(folder), ...open.map(({ group }) => group)]);
    }
    await this.#end(id);
  }

  /** What the supervisor will do. @throws {LaunchError} `request` for what this machine can't give */
  #planOf(request: LaunchRequest): Plan {
    checkLaunchRequest(request);
    if (process.platform !== "linux")
      throw new LaunchError("request", `this launcher needs Linux, and this is ${process.platform}`);
    const { run, groups } = request;
    for (const group of groups) refuseImpossible(group);
    const id = idOf(request);
    const devices = assignDevices(groups, freeDevices(request, id));
    const workers = groups.flatMap((group, at) =>
      Array.from({ length: group.count }, (_, index): PlannedWorker => ({
        group: group.name,
        index,
        argv: workerArgv(group, index),
        env: { [DEVICES]: devices[at]?.[index] ?? "", ...workerEnvironment(run, group, index) },
      })),
    );
    return { id, containment: this.#containment(), run, workers };
  }

  #containment(): Containment {
    const { containment } = this.#settings;
    if (containment === "processes") return containment;
    const isPossible = hasNamespaces(process.getuid?.() ?? -1);
    if (containment === "auto") return isPossible ? "namespace" : "processes";
    if (!isPossible)
      throw new LaunchError("request", "this machine gives no PID namespace; set `containment` to `processes`");
    return containment;
  }

  #commandOf(plan: Plan, folder: string): CommandStep {
    const supervisor = [process.execPath, programFile("supervisor"), folder];
    const argv = [...containedBy(plan.containment, process.getuid?.() ?? -1), ...supervisor];
    return { kind: "command", argv, folder, env: { [MARK]: plan.id, [KEEPER]: "1" } };
  }

  /**
   * Ends all that runs of an attempt: asks, waits, and then ends what is left until nothing is. The supervisor goes last, so that it
   * can keep how workers ended.
   */
  async #end(id: string): Promise<void> {
    const asked = new Set<number>();
    const late = Date.now() + this.#settings.graceMs;
    for (; ; await sleep(POLL_MS)) {
      const left = processesOf(id).filter(({ pid }) => pid !== process.pid);
      if (left.length === 0) return;
      const now = Date.now();
      for (const { pid, env, argv } of left) {
        const isKeeper = env.has(KEEPER);
        const isLate = now > (isKeeper ? late + KEEPER_GRACE_MS : late);
        // What stands around the supervisor ends with it.
        if (!isLate && (asked.has(pid) || (isKeeper && argv[0] === "unshare"))) continue;
        asked.add(pid);
        signalTo(pid, isLate ? "SIGKILL" : "SIGTERM");
      }
    }
  }
}

type CommandStep = LaunchStep & { readonly kind: "command" };

/** A program beside this module. Programs run compiled, also where this module does not. */
function programFile(name: string): string {
  const own = fileURLToPath(import.meta.url);
  const compiled = join(dirname(own), "../../dist/plugins/launcher-local");
  return join(own.endsWith(".ts") ? compiled : dirname(own), `${name}.js`);
}

function fileStep(plan: Plan, folder: string): LaunchStep & { readonly kind: "file" } {
  return { kind: "file", path: join(folder, FILES.plan), text: `${JSON.stringify(plan)}\n` };
}

function variablesOf({ groups }: LaunchRequest): Variables {
  return Object.fromEntries(groups.map(({ name, env }) => [name, env]));
}

function boundVariables(variables: Variables, bind: Bind): Variables {
  const bound = (env: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(env).map(([name, text]) => [name, bind(text)]));
  return Object.fromEntries(Object.entries(variables).map(([group, env]) => [group, bound(env)]));
}

/** What this machine can't give is refused rather than left out. */
function refuseImpossible({ name, resources, env }: LaunchGroup): void {
  const { nodelist, exclude, containerImage, timeLimit, begin, deadline } = resources;
  const given = Object.entries({ nodelist, exclude, containerImage, timeLimit, begin, deadline }).find(
    ([, value]) => value !== null,
  );
  if (given !== undefined) {
    throw new LaunchError(
      "request",
      `group \`${name}\` has \`${given[0]}\` ${JSON.stringify(given[1])}, which this machine can't give`,
    );
  }
  if (Object.hasOwn(env, DEVICES)) {
    throw new LaunchError("request", `group \`${name}\` sets \`${DEVICES}\`, which is how this launcher gives GPUs`);
  }
}

/** Devices of the cluster's node that no other attempt has, of those that this process may use itself. */
function freeDevices({ cluster, groups }: LaunchRequest, id: string): readonly string[] {
  const visible = process.env[DEVICES];
  const own = visible === undefined ? null : visible.split(",").filter((device) => device !== "");
  const numbers = Array.from({ length: cluster.gpusPerNode }, (_, device) => String(device));
  const all = own?.slice(0, cluster.gpusPerNode) ?? numbers;
  if (groups.every(({ resources }) => resources.gpu === 0)) return all;
  const taken = new Set(
    allProcesses()
      .filter(({ env }) => env.has(MARK) && env.get(MARK) !== id)
      .flatMap(({ env }) => (env.has("ASSAY_INDEX") ? (env.get(DEVICES) ?? "").split(",") : [])),
  );
  return all.filter((device) => !taken.has(device));
}

function handleOf(plan: Plan, folder: string): LaunchHandle {
  const counts = new Map<string, number>();
  for (const { group } of plan.workers) counts.set(group, (counts.get(group) ?? 0) + 1);
  const groups = [...counts].map(([name, count]) => ({ name, count }));
  return { launcher: "local", run: plan.run, folder, groups, jobs: { id: plan.id } };
}

/** The attempt's id. A handle comes from a file: only the id that its own folder and run give is one. */
function checkedId(handle: LaunchHandle): string {
  checkLaunchHandle(handle, "local");
  if (handle.jobs["id"] === idOf(handle)) return idOf(handle);
  throw new LaunchError("handle", "the handle is damaged: its id is that of another attempt");
}

/** Starts the supervisor, and waits for what it says: why workers can't be started, or `null` if they run. */
async function startSupervisor(
  { argv }: CommandStep,
  folder: string,
  id: string,
  input: string,
): Promise<string | null> {
  const [program = "", ...args] = argv;
  const log = openSync(join(folder, FILES.supervisorLog), "a");
  // A session of its own: the end of ours is none of its business.
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ["pipe", "pipe", log],
    env: { ...process.env, [MARK]: id, [KEEPER]: "1" },
  });
  closeSync(log);
  child.stdin?.on("error", () => undefined).end(input);
  const said = await new Promise<string>((settle) => {
    let output = "";
    child.once("error", ({ message }) => settle(JSON.stringify({ failed: message })));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) settle(output);
    });
    child.stdout?.once("close", () => settle(output));
  });
  child.stdout?.destroy();
  child.unref();
  if (said === "") return `its supervisor ended without a word; see ${join(folder, FILES.supervisorLog)}`;
  return (JSON.parse(said) as { readonly failed?: string }).failed ?? null;
}

function statusOf({ folder, groups }: LaunchHandle, id: string): readonly GroupStatus[] {
  // Looked at first: what ended since then has left its end before.
  const isSupervised = hasSupervisor(id, folder);
  const isKnown = existsSync(join(folder, FILES.plan));
  const isStarted = existsSync(join(folder, FILES.started));
  const cancelled = cancelledIn(folder);
  return groups.map(({ name, count }): GroupStatus => {
    if (!isKnown) return { group: name, state: "gone", raw: "" };
    const exits = Array.from({ length: count }, (_, index) => exitOf(folder, name, index)).flatMap(
      (exit) => exit ?? [],
    );
    const known = { group: name, raw: "", exits };
    const isRunning = isSupervised && exits.length < count;
    if (cancelled.includes(name) && !isRunning) return { ...known, state: "cancelled" };
    if (exits.some((exit) => !("exitCode" in exit) || exit.exitCode !== 0)) return { ...known, state: "failed" };
    if (exits.length === count) return { ...known, state: "completed" };
    if (isSupervised) return { ...known, state: isStarted ? "running" : "pending" };
    return { ...known, state: "failed", reason: "the supervisor of its workers was killed, and they with it" };
  });
}

/** Numbers of supervisors that were found, by attempt: to look at one process is less than to look at all. */
const supervisors = new Map<string, number>();

function hasSupervisor(id: string, folder: string): boolean {
  const isIt = ({ argv, env }: MachineProcess): boolean =>
    env.get(MARK) === id && argv[1]?.endsWith("supervisor.js") === true && argv[2] === folder;
  const known = processOf(supervisors.get(id) ?? 0);
  if (known !== null && isIt(known)) return true;
  const found = allProcesses().find(isIt);
  if (found === undefined) supervisors.delete(id);
  else supervisors.set(id, found.pid);
  return found !== undefined;
}

function exitOf(folder: string, group: string, index: number): WorkerExit | null {
  const end = readFile(folder, `${nameOf({ group, index })}.exit`) as Omit<WorkerExit, "index"> | null;
  return end === null ? null : ({ index, ...end } as WorkerExit);
}

function cancelledIn(folder: string): readonly string[] {
  return (readFile(folder, FILES.cancelled) as readonly string[] | null) ?? [];
}

function engineError(problem: string, cause: unknown): LaunchError {
  return new LaunchError("engine", problem, { cause });
}
