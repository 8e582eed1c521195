// Program that runs all workers of an attempt: `node supervisor.js FOLDER`. It outlives whoever submitted, keeps how workers ended,
// and ends with the last of them. Variables of groups come by its standard input, as JSON.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { FILES, nameOf, type Plan, type PlannedWorker, readFile, writeWhole } from "./attempt.ts";
import { KEEPER, MARK } from "./processes.ts";

const [, , folder = ""] = process.argv;
const plan = readFile(folder, FILES.plan) as Plan;
const running = new Map<string, ChildProcess>();
let isStarted = false;
let isStopping = false;

// Who ends the whole tree asks everybody: workers end first, and their ends are kept.
process.on("SIGTERM", () => {
  isStopping = true;
  endIfDone();
});
process.on("SIGHUP", () => undefined);

await run();

async function run(): Promise<void> {
  let variables: Readonly<Record<string, Readonly<Record<string, string>>>>;
  try {
    variables = JSON.parse(await text(process.stdin)) as typeof variables;
  } catch {
    // Whoever submitted ended before all was said: nothing is started.
    process.exit(1);
  }
  if (plan.containment === "processes") startGuard();
  for (const worker of plan.workers) {
    if (isStopping) break;
    const problem = await start(worker, variables[worker.group] ?? {});
    if (problem !== null) return refuse(worker, problem);
  }
  writeWhole(folder, FILES.started, { at: new Date().toISOString() });
  isStarted = true;
  answer({ started: true });
  endIfDone();
}

/** Starts one worker; says why it can't be, or `null` when it runs. */
function start(worker: PlannedWorker, variables: Readonly<Record<string, string>>): Promise<string | null> {
  const [program = "", ...args] = worker.argv;
  const name = nameOf(worker);
  const { [KEEPER]: _keeper, ...inherited } = process.env;
  const log = openSync(join(folder, `${name}.log`), "a");
  // Each worker has a session of its own, so that signals to one's group reach no other.
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...inherited, ...variables, ...worker.env, [MARK]: plan.id },
  });
  closeSync(log);
  running.set(name, child);
  child.once("exit", (exitCode, signal) => {
    writeWhole(folder, `${name}.exit`, signal === null ? { exitCode } : { signal });
    running.delete(name);
    endIfDone();
  });
  return new Promise((settle) => {
    child.once("spawn", () => settle(null));
    child.once("error", ({ message }) => {
      running.delete(name);
      settle(message);
    });
  });
}

/** One can't be started: none is. */
function refuse(worker: PlannedWorker, problem: string): void {
  isStopping = true;
  for (const child of running.values()) killTree(child);
  answer({ failed: `worker ${nameOf(worker)} can't be started: ${problem}` });
  endIfDone();
}

function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** The end of this process is that of all that workers left behind: the kernel's business, or the guard's. */
function endIfDone(): void {
  if ((isStarted || isStopping) && running.size === 0) process.exit(0);
}

function startGuard(): void {
  const program = fileURLToPath(new URL("./guard.js", import.meta.url));
  // Its input is the sign of life: it ends with this process, however that ends.
  const guard = spawn(process.execPath, [program, plan.id], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  guard.stdin.on("error", () => undefined);
  guard.once("exit", startGuard);
}

/** Tells whoever submitted, if he still listens. */
function answer(value: object): void {
  process.stdout.on("error", () => undefined);
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
