import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { readFileSync } from "node:fs";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import { CONFIG_DEFAULTS } from "../config.ts";
import type { HookIdentity } from "../../src/plugin/hook-use.ts";
import { hookLimit, pointOf } from "./hook-findings.ts";
import { transpile } from "../transpile.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import type { Answer, Request, WorkerSettings } from "./messages.ts";
import { Positions } from "./positions.ts";
import {
  Abandoned,
  type ConfigOutcome,
  type EvaluateContext,
  type EvaluateJob,
  type EvaluateOutcome,
  type EvaluationPool,
  type PluginsOutcome,
  type PoolSettings,
} from "./protocol.ts";
import { ThreadProbe } from "./watchdog.ts";

const MAX_WORKERS = 4;
/** Jobs that a worker may have waiting before another worker is started. */
const ENOUGH_WAITING = 8;

/** A job that takes longer has its heap looked at, and how often. */
const PROBE_AFTER_MS = 250;
const PROBE_EVERY_MS = 40;
/**
 * V8 ends the whole process where a single allocation goes far beyond a thread's limit. Its limit is therefore further out
 * than the one that jobs have, which is seen to from here.
 */
const HEADROOM_MIB = 6144;
const YOUNG_MIB = 64;

/** Starts a pool; its first worker boots at once. */
export function openPool(settings: PoolSettings): EvaluationPool {
  return new Pool(settings);
}

/** Something that a worker is asked, and who waits for the answer. */
type Task = {
  readonly id: number;
  readonly limitMs: number;
  readonly reject: (error: Error) => void;
} & (
  | {
      readonly kind: "config";
      readonly file: string;
      readonly namedBy: string | null;
      readonly resolve: (outcome: ConfigOutcome) => void;
    }
  | {
      readonly kind: "plugins";
      readonly modules: readonly string[];
      readonly resolve: (outcome: PluginsOutcome) => void;
    }
  | { readonly kind: "job"; readonly job: EvaluateJob; readonly resolve: (outcome: EvaluateOutcome) => void }
);

class Pool implements EvaluationPool {
  readonly #settings: PoolSettings;
  readonly #threads: Thread[] = [];
  readonly #most = Math.max(1, Math.min(availableParallelism() - 1, MAX_WORKERS));
  #context: EvaluateContext | null = null;
  #nextId = 1;
  #isClosed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#thread();
  }

  config(file: string, namedBy: string | null): Promise<ConfigOutcome> {
    if (this.#isClosed) return Promise.reject(new Abandoned());
    return new Promise((resolve, reject) => {
      const limitMs = this.#settings.limits.timeoutMs;
      this.#thread().add({ kind: "config", id: this.#nextId++, limitMs, file, namedBy, resolve, reject });
    });
  }

  plugins(modules: readonly string[]): Promise<PluginsOutcome> {
    if (this.#isClosed) return Promise.reject(new Abandoned());
    return new Promise((resolve, reject) => {
      const limitMs = this.#settings.limits.timeoutMs;
      this.#thread().add({ kind: "plugins", id: this.#nextId++, limitMs, modules, resolve, reject });
    });
  }

  use(context: EvaluateContext): void {
    this.#context = context;
    for (const thread of this.#threads) thread.use(context);
  }

  renew(): void {
    for (const thread of this.#threads) thread.renew();
  }

  evaluate(job: EvaluateJob): Promise<EvaluateOutcome> {
    const context = this.#context;
    if (context === null) throw new Error("the pool does not know yet what to evaluate with");
    if (this.#isClosed) return Promise.reject(new Abandoned());
    return new Promise((resolve, reject) => {
      const limitMs = context.limits.timeoutMs;
      this.#thread().add({ kind: "job", id: this.#nextId++, limitMs, job, resolve, reject });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#threads.splice(0).map((thread) => thread.end()));
  }

  /** The thread with the least to do; a new one, if all have enough. */
  #thread(): Thread {
    const idlest = [...this.#threads].sort((a, b) => a.waiting - b.waiting)[0];
    if (idlest !== undefined && (idlest.waiting < ENOUGH_WAITING || this.#threads.length >= this.#most)) return idlest;
    const thread = new Thread(this.#settings);
    if (this.#context !== null) thread.use(this.#context);
    this.#threads.push(thread);
    return thread;
  }
}

/** One worker after another: a job that kills its worker takes no other job with it. */
class Thread {
  readonly #settings: PoolSettings;
  #worker: Worker;
  #context: EvaluateContext | null = null;
  #heapMiB = 0;
  /** The hook that the worker is running, as `WorkerSettings` says. */
  #running = new Int32Array(new SharedArrayBuffer(4));
  /** In the order in which the worker does them; the first one is under way. */
  #tasks: Task[] = [];
  #timer: NodeJS.Timeout | null = null;
  #probeTimer: NodeJS.Timeout | null = null;
  #probe: ThreadProbe | null = null;
  #seemsFull = false;
  #isOver = false;
  /** The worker ended with nothing to do; the next task starts another. */
  #isGone = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#worker = this.#start();
  }

  get waiting(): number {
    return this.#tasks.length;
  }

  use(context: EvaluateContext): void {
    // The heap of a thread is fixed when it starts; a config that sets another limit gets another thread.
    const needsOther = context.limits.heapMiB !== this.#heapMiB;
    this.#context = context;
    if (needsOther && this.#tasks.length === 0) this.#replace();
    else this.#send({ kind: "use", context });
  }

  renew(): void {
    this.#send({ kind: "renew" });
  }

  add(task: Task): void {
    if (this.#isGone) this.#worker = this.#start();
    this.#tasks.push(task);
    this.#worker.ref();
    this.#send(requestOf(task));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#unwatch();
    for (const task of this.#tasks.splice(0)) task.reject(new Abandoned());
    await this.#worker.terminate();
  }

  #start(): Worker {
    this.#isGone = false;
    const { limits } = this.#context ?? this.#settings;
    this.#heapMiB = limits.heapMiB;
    this.#running = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      name: "assay evaluation",
      workerData: { ...this.#settings, limits, running: this.#running.buffer } satisfies WorkerSettings,
      env: {},
      execArgv: ["--experimental-vm-modules", "--no-warnings"],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: limits.heapMiB + HEADROOM_MIB,
        maxYoungGenerationSizeMb: YOUNG_MIB,
      },
    });
    worker.unref();
    worker.on("message", (answer: Answer) => this.#answered(answer));
    worker.on("error", (error) => {
      if (worker === this.#worker) this.#died(error);
    });
    worker.on("exit", (exitCode) => {
      if (worker === this.#worker) this.#ended(exitCode);
    });
    if (this.#context !== null) worker.postMessage({ kind: "use", context: this.#context } satisfies Request);
    return worker;
  }

  /** Gives all that waits to a fresh worker. */
  #replace(): void {
    const old = this.#worker;
    this.#worker = this.#start();
    void old.terminate();
    for (const task of this.#tasks) this.#send(requestOf(task));
    if (this.#tasks.length > 0) this.#worker.ref();
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #answered(answer: Answer): void {
    const task = this.#tasks[0];
    if (task === undefined || task.id !== answer.id) return;
    if (answer.kind === "started") {
      this.#watch(task, answer.atMs);
      return;
    }
    this.#tasks.shift();
    this.#unwatch();
    if (this.#tasks.length === 0) this.#worker.unref();
    if (answer.kind === "bug") task.reject(answer.error);
    else if (task.kind === "config" && answer.kind === "config") task.resolve(answer.outcome);
    else if (task.kind === "plugins" && answer.kind === "plugins") task.resolve(answer.outcome);
    else if (task.kind === "job" && answer.kind === "job") task.resolve(answer.outcome);
  }

  /** The clock of a task runs from where its worker began, however late that is heard of. */
  #watch(task: Task, startedMs: number): void {
    this.#unwatch();
    this.#timer = setTimeout(
      () => {
        // Answers that came while this thread was busy go first.
        setImmediate(() => {
          if (this.#tasks[0] === task && !this.#isOver)
            void this.#stop(task, this.#seemsFull ? tooLarge(this.#heapMiB) : tooLong(task));
        });
      },
      Math.max(0, startedMs + task.limitMs - Date.now()),
    );
    this.#probeTimer = setTimeout(() => void this.#watchHeap(task), PROBE_AFTER_MS);
  }

  #unwatch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#probeTimer !== null) clearTimeout(this.#probeTimer);
    this.#timer = null;
    this.#probeTimer = null;
    this.#probe?.close();
    this.#probe = null;
    this.#seemsFull = false;
  }

  /** Looks at the heap until the task is over. */
  async #watchHeap(task: Task): Promise<void> {
    const heapMiB = this.#heapMiB;
    const probe = new ThreadProbe(this.#worker.threadId);
    this.#probe = probe;
    while (probe === this.#probe) {
      const used = (await probe.heapMiB()) ?? 0;
      if (probe !== this.#probe) return;
      // A collection takes its time: if that of the job is over meanwhile, memory was the reason.
      this.#seemsFull = used > heapMiB;
      const isFull = this.#seemsFull && ((await probe.liveMiB()) ?? Infinity) > heapMiB;
      if (probe !== this.#probe) return;
      if (isFull) {
        await this.#stop(task, tooLarge(heapMiB));
        return;
      }
      this.#seemsFull = false;
      await new Promise<void>((done) => {
        setTimeout(done, PROBE_EVERY_MS).unref();
      });
    }
  }

  /** Ends a task that is under way, at the place where it is. */
  async #stop(task: Task, finding: (at: Place) => Finding): Promise<void> {
    const worker = this.#worker;
    this.#probe ??= new ThreadProbe(worker.threadId);
    const frames = await this.#probe.frames();
    if (this.#tasks[0] !== task || worker !== this.#worker) return;
    const { sites, inPackage } = sourcePlaces(this.#settings, frames);
    const at: Place = sites.length === 0 ? { kind: "class" } : { kind: "site", frames: sites, path: [] };
    const found = finding(at);
    const hook = this.#hook(task);
    this.#give(task, hook === null ? found : hookLimit(found, hook, sites.length === 0 ? inPackage : at));
  }

  /** The hook that a task was running, if any. */
  #hook({ kind }: Task): HookIdentity | null {
    const number = Atomics.load(this.#running, 0);
    return kind === "job" && number > 0 ? (this.#context?.hooks[number - 1]?.hook ?? null) : null;
  }

  #died(error: Error): void {
    const task = this.#tasks[0];
    if (task === undefined) {
      this.#isGone = true;
      return;
    }
    if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") {
      const found = tooLarge(this.#heapMiB)({ kind: "class" });
      const hook = this.#hook(task);
      this.#give(task, hook === null ? found : hookLimit(found, hook, null));
      return;
    }
    this.#tasks.shift();
    this.#unwatch();
    this.#replace();
    task.reject(error);
  }

  /** The thread is gone without an error. */
  #ended(exitCode: number): void {
    const task = this.#tasks[0];
    if (this.#isOver) return;
    if (task === undefined) this.#isGone = true;
    else this.#give(task, evaluateDiagnostics.exited({ exitCode }, { at: { kind: "class" } }));
  }

  /** Ends a task by a finding, and goes on with the next one in a fresh worker. */
  #give(task: Task, finding: Finding): void {
    this.#tasks.shift();
    this.#unwatch();
    this.#replace();
    if (task.kind === "config") {
      const findings = [finding];
      task.resolve({ config: CONFIG_DEFAULTS, modules: [], used: [], frames: [], uses: {}, findings });
    } else if (task.kind === "plugins") {
      task.resolve({ modules: [], definitions: [], findings: [finding] });
    } else {
      task.resolve({ name: task.job.name, modules: [], builds: [], findings: [finding], output: "" });
    }
  }
}

function tooLong({ limitMs }: Task): (at: Place) => Finding {
  return (at) => evaluateDiagnostics["time-limit"]({ timeoutMs: limitMs }, { at });
}

function tooLarge(heapMiB: number): (at: Place) => Finding {
  return (at) => evaluateDiagnostics["heap-limit"]({ heapMiB }, { at });
}

function requestOf(task: Task): Request {
  const { id } = task;
  switch (task.kind) {
    case "config":
      return { kind: "config", id, file: task.file, namedBy: task.namedBy };
    case "plugins":
      return { kind: "plugins", id, modules: task.modules };
    case "job":
      return { kind: "job", id, job: task.job };
  }
}

/** Places in the sources of the project, and the nearest one in a package. */
interface SourcePlaces {
  readonly sites: readonly CallSite[];
  readonly inPackage: Place | null;
}

/** Places in the sources: the worker that could tell is the one that does not answer. */
function sourcePlaces({ root, transpile: flags }: PoolSettings, frames: readonly CallSite[]): SourcePlaces {
  const positions = new Positions();
  const own = frames.filter(({ file }) => !file.startsWith("node_modules/"));
  for (const file of new Set(own.map((frame) => frame.file))) {
    try {
      const source = readFileSync(join(root, file), "utf8");
      const { map, code } = transpile(file, source, flags);
      positions.add(file, map, source, code);
    } catch {
      // It is gone: its places stay as they are.
    }
  }
  const [first] = frames.filter((frame) => !own.includes(frame));
  return { sites: positions.sites(own), inPackage: first === undefined ? null : pointOf(first) };
}
