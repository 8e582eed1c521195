import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bind as bindValues } from "../../../manifest/bindings.ts";
import {
  type Bind,
  FINAL_STATES,
  type GroupState,
  type GroupStatus,
  type Launcher,
  type LaunchGroup,
  type LaunchHandle,
  type LaunchRequest,
  type LogLine,
  type LogOptions,
} from "../../../plugin/launcher.ts";
import type { ClusterSpec } from "../../../spec/cluster.ts";
import { ContractError } from "../case.ts";
import { WORKER } from "./worker.ts";

/** What the stage needs to know of an engine. */
export interface StageSetup {
  readonly launcher: () => Launcher;
  readonly cluster: ClusterSpec;
  readonly node: string;
  readonly resources: Partial<LaunchGroup["resources"]>;
  readonly isAlive: (pid: number, folder: string) => boolean | Promise<boolean>;
  /** Folder that the engine's machines see, too. */
  readonly folder: string;
  readonly patienceMs: number;
}

/** Secrets that references are bound to. */
export const SECRETS: Readonly<Record<string, string>> = {
  CONTRACT: 'open sesame; "it\'s" $(nothing) ä測\nsecond line',
};

const POLL_MS = 30;

/** One case: attempts with folders of their own, and nothing of them left afterwards. */
export class Stage {
  readonly launcher: Launcher;
  readonly base: string;
  readonly #setup: StageSetup;
  readonly #handles: LaunchHandle[] = [];
  #attempts = 0;

  constructor(setup: StageSetup) {
    this.#setup = setup;
    this.launcher = setup.launcher();
    mkdirSync(setup.folder, { recursive: true });
    this.base = mkdtempSync(join(setup.folder, "assay contract ä測 "));
    mkdirSync(this.marks);
    mkdirSync(this.otherMarks);
  }

  /** Folder in which workers tell what they started. */
  get marks(): string {
    return join(this.base, "marks");
  }

  /** The same for workers that are told apart. */
  get otherMarks(): string {
    return join(this.base, "other marks");
  }

  /** A group of workers of the suite. */
  group(
    name: string,
    mode: string,
    args: readonly (string | { readonly worker: "index" })[],
    more: Partial<LaunchGroup> = {},
  ): LaunchGroup {
    return {
      name,
      count: 1,
      resources: {
        cpu: 1,
        gpu: 0,
        memMiB: 256,
        nodelist: null,
        exclude: null,
        containerImage: null,
        timeLimit: null,
        begin: null,
        deadline: null,
        partition: null,
        ...this.#setup.resources,
      },
      env: {},
      argv: [this.#setup.node, "-e", WORKER, "--", mode, ...args],
      ...more,
    };
  }

  /** A request for an attempt of its own, in a folder with a blank and letters beyond ASCII. */
  request(...groups: readonly LaunchGroup[]): LaunchRequest {
    const attempt = this.#attempts;
    this.#attempts += 1;
    const folder = join(this.base, `attempt ${attempt} ü`);
    mkdirSync(folder);
    return {
      run: { experiment: "contract", preset: null, trial: this.base.slice(-6), attempt },
      groups,
      cluster: this.#setup.cluster,
      folder,
    };
  }

  async submit(request: LaunchRequest, bind: Bind = bindText): Promise<LaunchHandle> {
    const handle = await this.launcher.submit(request, bind);
    this.#handles.push(handle);
    // What is kept of a handle is its JSON.
    return JSON.parse(JSON.stringify(handle)) as LaunchHandle;
  }

  /** Handles that another process got, for the end of the case. */
  note(handle: LaunchHandle): void {
    this.#handles.push(handle);
  }

  async lines(handle: LaunchHandle, options: LogOptions = {}): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of this.launcher.logs(handle, options)) lines.push(line);
    return lines;
  }

  /** Waits until groups have these states, which none can come to from another final one, or from those in `never`. */
  async reaches(
    handle: LaunchHandle,
    ...wanted: readonly (GroupState | { readonly never: readonly GroupState[] })[]
  ): Promise<readonly GroupStatus[]> {
    const states = wanted.filter((state) => typeof state === "string");
    const dead = [...FINAL_STATES, ...wanted.flatMap((state) => (typeof state === "string" ? [] : state.never))];
    let last: readonly GroupStatus[] = [];
    const isReached = async (): Promise<boolean> => {
      last = await this.launcher.status(handle);
      const over = last.find(({ state }, index) => dead.includes(state) && state !== states[index]);
      if (over === undefined) return last.map(({ state }) => state).join() === states.join();
      throw new ContractError(`groups come to be ${states.join(", ")}`, over, "see why it is in another state");
    };
    await this.until(`groups are ${states.join(", ")}`, isReached, () => last);
    return last;
  }

  /** Waits for something; @throws {ContractError} if it does not come. */
  async until(promise: string, isTrue: () => boolean | Promise<boolean>, found: () => unknown): Promise<void> {
    const { patienceMs } = this.#setup;
    for (const end = Date.now() + patienceMs; !(await isTrue()); await sleep(POLL_MS)) {
      if (Date.now() > end) {
        throw new ContractError(
          promise,
          found() ?? null,
          `see why it does not come within ${patienceMs / 1000} seconds`,
        );
      }
    }
  }

  /** Processes that workers told of. */
  pids(folder = this.marks): readonly number[] {
    return existsSync(folder) ? readdirSync(folder).map(Number) : [];
  }

  async living(folder = this.marks): Promise<readonly number[]> {
    const alive = await Promise.all(
      this.pids(folder).map(async (pid) => ((await this.#setup.isAlive(pid, folder)) ? [pid] : [])),
    );
    return alive.flat();
  }

  /** Waits until this many of the processes that workers tell of are up. */
  async up(count: number, folder = this.marks): Promise<void> {
    await this.until(
      `${count} workers and processes of theirs run`,
      async () => (await this.living(folder)).length === count,
      () => this.pids(folder),
    );
  }

  /** Files of the attempts that hold a text. */
  holding(text: string): readonly string[] {
    return filesBelow(this.base).filter((file) => readFileSync(file).includes(text));
  }

  /** Ends what still runs, and takes the folders away. */
  async close(): Promise<void> {
    for (const handle of this.#handles) await this.launcher.cancel(handle).catch(() => undefined);
    // What a launcher left of the suite's own workers is ended here, so that a failing case leaves nothing. Numbers of another
    // machine's processes, or of another namespace's, mean somebody else here.
    for (const folder of this.#setup.isAlive === isAliveHere ? [this.marks, this.otherMarks] : []) {
      for (const pid of await this.living(folder)) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended.
        }
      }
    }
    rmSync(this.base, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Fills in references as whoever starts a run does. */
export function bindText(text: string): string {
  const scope = {
    trial: "t",
    user: "u",
    experiment: "contract",
    fileroot: "/",
    env: { CONTRACT: "from outside" },
    secrets: SECRETS,
  };
  return bindValues(text, scope) as string;
}

/** All files below a folder. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

/** True for a process of this machine that has not ended. */
export function isAliveHere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // One that has ended and that nobody asked for is still listed.
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return !existsSync("/proc/self/stat");
  }
}

/** Where attempts have their folders unless a setup says otherwise. */
export const DEFAULT_FOLDER = tmpdir();
