import type { JsonObject } from "type-fest";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { Scheduling } from "../spec/scheduling.ts";

/** Which run it is about. All four together name one attempt; no two attempts have the same name. */
export interface RunIdentity {
  readonly experiment: string;
  readonly preset: string | null;
  readonly trial: string;
  /** 0 for the first attempt, then one more with each recovery; an attempt has a submission and a handle of its own. */
  readonly attempt: number;
}

/** The number of the worker, from 0, as an argument. */
export interface WorkerIndex {
  readonly worker: "index";
}

/** An argument that is each worker's own number in its group. */
export const WORKER_INDEX: WorkerIndex = Object.freeze({ worker: "index" });

/** Workers of one kind that are started together, with the same resources. */
export interface LaunchGroup {
  /** Such as `modelWorker` or `modelWorker-1`; unique in a run. Letters, digits, `-` and `_`. */
  readonly name: string;
  /** Workers, from 1. */
  readonly count: number;
  /** Resources of one worker, its image, nodes and times: final, without references. */
  readonly resources: Omit<Scheduling, "envVars">;
  /**
   * Environment of each worker. Values are texts of the manifest: they may hold references (`${env:NAME}`, `${secret:NAME}`, and
   * those that a manifest has), and `$${` stands for a plain `${`. Only {@link Bind} makes values of them.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Program and arguments of a worker, as the worker gets them, byte for byte: final, without references, and never a shell's text. */
  readonly argv: readonly (string | WorkerIndex)[];
}

/** What is to be started. Plain JSON, and without a secret. */
export interface LaunchRequest {
  readonly run: RunIdentity;
  /** At least one. */
  readonly groups: readonly LaunchGroup[];
  readonly cluster: ClusterSpec;
  /** Absolute folder of the attempt, made before and empty: for logs, and for what a launcher keeps. */
  readonly folder: string;
}

/**
 * Fills in the references of one text of `env`. A launcher calls it while it submits, for all groups before the first worker starts,
 * and hands results to workers as their environment. They go nowhere else: into no file, no argument, no handle, log or message.
 * @throws {AssayError} `manifest/unbound` if a reference has no value: then nothing is started.
 */
export type Bind = (text: string) => string;

/**
 * One thing that `submit` does:
 * - `file`: writes a file, by absolute path;
 * - `command`: runs a program, maybe with text on its standard input;
 * - `http`: sends a request.
 *
 * `env` has texts with their references, as they are in the request.
 */
export type LaunchStep =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  | {
      readonly kind: "command";
      readonly argv: readonly string[];
      readonly stdin?: string;
      readonly folder?: string;
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "http";
      readonly method: string;
      readonly url: string;
      readonly body: JsonObject | null;
      readonly env?: Readonly<Record<string, string>>;
    };

/** What `submit` would do, for a dry run: step by step, byte for byte. */
export interface LaunchPreview {
  readonly steps: readonly LaunchStep[];
}

/** What is needed to find an attempt again, also by another process: plain JSON, and without a secret. */
export interface LaunchHandle {
  /** Type of the launcher. */
  readonly launcher: string;
  readonly run: RunIdentity;
  /** Folder of the attempt. */
  readonly folder: string;
  /** In the order of the request. */
  readonly groups: readonly { readonly name: string; readonly count: number }[];
  /** The launcher's own, such as ids of jobs by group. It comes back from files: a launcher believes none of it unseen. */
  readonly jobs: JsonObject;
}

/**
 * State of a group:
 * - `pending`: accepted, not running yet, or held, or waiting for a restart by the engine;
 * - `running`: at least one worker runs, or is about to end, and none has failed;
 * - `completed`: all workers ended with 0;
 * - `failed`: a worker ended otherwise, or a node, a limit, a deadline or a quota ended it; other workers may run until `cancel`;
 * - `cancelled`: somebody ended it;
 * - `gone`: the engine answers, and does not know it (any more);
 * - `unknown`: the engine knows it, and says what this launcher does not understand: neither success nor failure.
 *
 * An engine that does not answer tells nothing of a group: that is a {@link LaunchError} `unreachable`.
 */
export type GroupState = "pending" | "running" | "completed" | "failed" | "cancelled" | "gone" | "unknown";

/** States from which a group does not come back. */
export const FINAL_STATES: readonly GroupState[] = ["completed", "failed", "cancelled", "gone"];

/** A worker that has ended: with an exit code, or by a signal. */
export type WorkerExit =
  | { readonly index: number; readonly exitCode: number }
  | { readonly index: number; readonly signal: string };

export interface GroupStatus {
  readonly group: string;
  readonly state: GroupState;
  /** What the engine itself says, such as `NODE_FAIL`; empty if it says nothing. */
  readonly raw: string;
  /** Why, where it is known. */
  readonly reason?: string;
  /** How often the engine itself started the group anew, within this attempt. */
  readonly restarts?: number;
  /** Workers that have ended, by index. Engines that know only of the whole group leave it out. */
  readonly exits?: readonly WorkerExit[];
}

/** A line of a worker's output, without its end. What is no UTF-8 has become U+FFFD. */
export interface LogLine {
  readonly group: string;
  readonly index: number;
  readonly line: string;
}

/** What of an `AbortSignal` a launcher looks at. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface LogOptions {
  /** Of this group; of all unless given. */
  readonly group?: string;
  /** Of this worker of each group; of all unless given. */
  readonly index?: number;
  /** Goes on until the run has ended and all is told, or the signal fires. Otherwise what is there is told. */
  readonly follow?: boolean;
  /** Ends the lines; that is no error. */
  readonly signal?: AbortSignalLike;
}

/**
 * Why a launcher can't do what it is asked:
 * - `request`: what is asked for is impossible, or the engine refuses it; nothing is started;
 * - `handle`: it is no handle of this launcher's, or damaged; nothing was done;
 * - `unreachable`: the engine does not answer; what runs goes on, and asking again may help;
 * - `engine`: the engine failed otherwise.
 */
export type LaunchProblem = "request" | "handle" | "unreachable" | "engine";

/** Thrown by launchers. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
  readonly problem: LaunchProblem;

  /** @param message one plain line that makes sense alone; without a secret. */
  constructor(problem: LaunchProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/**
 * Starts workers on an engine. All that it must remember lies in handles, in the attempt's folder and with the engine: any other
 * process, with an instance of its own, can go on where one ended, however that ended.
 *
 * Each worker finds what it is in its environment, beside what its group says: {@link workerEnvironment}.
 */
export interface Launcher {
  /** What `submit` would do. Does nothing of it, and binds no reference. */
  preview(request: LaunchRequest): Promise<LaunchPreview>;
  /**
   * Starts all groups, or none: what was started when one can't be is ended before the error is thrown. A resource or a time that the
   * engine can't give is refused rather than left out, and so is an attempt that was submitted before.
   * @throws {LaunchError} `request`, `unreachable` or `engine`
   */
  submit(request: LaunchRequest, bind: Bind): Promise<LaunchHandle>;
  /**
   * State of every group now, in the order of the request.
   * @throws {LaunchError} `handle`, `unreachable` or `engine`
   */
  status(handle: LaunchHandle): Promise<readonly GroupStatus[]>;
  /**
   * Lines of each worker in their order, those of several workers as they come.
   * @throws {LaunchError} `handle`, `unreachable` or `engine`, also in the middle
   */
  logs(handle: LaunchHandle, options?: LogOptions): AsyncIterable<LogLine>;
  /**
   * Ends all workers and all that they started, and takes back what is pending; returns when nothing runs any more. What has ended
   * already is no mistake, and stays what it was.
   * @throws {LaunchError} `handle`, `unreachable` or `engine`
   */
  cancel(handle: LaunchHandle): Promise<void>;
}

/** A launcher's class: constructed with the arguments of the config, further parameters are injected. */
export type LauncherClass<A> = new (args: A, ...injected: never[]) => Launcher;

/** What every launcher sets for a worker; a group's own `env` does not replace it. */
export function workerEnvironment(
  run: RunIdentity,
  group: Pick<LaunchGroup, "name" | "count">,
  index: number,
): Readonly<Record<string, string>> {
  return {
    ASSAY_EXPERIMENT: run.experiment,
    ASSAY_PRESET: run.preset ?? "",
    ASSAY_TRIAL: run.trial,
    ASSAY_ATTEMPT: String(run.attempt),
    ASSAY_GROUP: group.name,
    ASSAY_COUNT: String(group.count),
    ASSAY_INDEX: String(index),
  };
}

/** Arguments of one worker. */
export function workerArgv({ argv }: Pick<LaunchGroup, "argv">, index: number): readonly string[] {
  return argv.map((part) => (typeof part === "string" ? part : String(index)));
}

/**
 * Refuses a request that no engine can start as it is meant: no groups, names that are twice or odd, counts, empty or null bytes.
 * @throws {LaunchError} `request`
 */
export function checkLaunchRequest({ run, groups, folder }: LaunchRequest): void {
  const refuse = (message: string): never => {
    throw new LaunchError("request", message);
  };
  if (groups.length === 0) refuse("a run needs at least one group of workers");
  if (!Number.isSafeInteger(run.attempt) || run.attempt < 0) refuse(`attempt ${run.attempt} is no whole number from 0`);
  if (!folder.startsWith("/")) refuse(`the folder ${JSON.stringify(folder)} is not absolute`);
  const names = new Set<string>();
  for (const { name, count, argv, env } of groups) {
    if (!GROUP_NAME.test(name)) refuse(`${JSON.stringify(name)} is no name of a group`);
    if (names.has(name)) refuse(`two groups are named \`${name}\``);
    names.add(name);
    if (!Number.isSafeInteger(count) || count < 1) refuse(`group \`${name}\` has ${count} workers: at least 1`);
    if (argv.length === 0 || argv[0] === "") refuse(`group \`${name}\` names no program`);
    for (const part of argv) {
      if (typeof part === "string" && part.includes("\0")) refuse(`an argument of group \`${name}\` has a null byte`);
    }
    for (const [variable, value] of Object.entries(env)) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
        refuse(`${JSON.stringify(variable)} is no name of an environment variable (group \`${name}\`)`);
      }
      if (value.includes("\0")) refuse(`\`${variable}\` of group \`${name}\` has a null byte`);
    }
  }
}

const GROUP_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/**
 * Refuses what is no handle of a launcher, before anything is done with it. `jobs` is the launcher's own to check.
 * @throws {LaunchError} `handle`
 */
export function checkLaunchHandle(handle: LaunchHandle, launcher: string): void {
  const refuse = (message: string): never => {
    throw new LaunchError("handle", message);
  };
  if (!isObject(handle)) refuse("it is no handle of a run");
  if (handle.launcher !== launcher) {
    refuse(`it is a handle of the launcher ${JSON.stringify(handle.launcher)}, not of \`${launcher}\``);
  }
  const { run, folder, groups, jobs } = handle;
  const isRun = isObject(run) && typeof run.experiment === "string" && Number.isSafeInteger(run.attempt);
  const isKnown = isRun && typeof folder === "string" && folder.startsWith("/") && isObject(jobs);
  if (!isKnown || !Array.isArray(groups)) refuse("the handle is damaged");
  const names = new Set<string>();
  for (const group of groups as LaunchHandle["groups"]) {
    const { name, count } = (isObject(group) ? group : {}) as Partial<LaunchHandle["groups"][number]>;
    const isGroup = typeof name === "string" && GROUP_NAME.test(name) && Number.isSafeInteger(count) && count! >= 1;
    if (!isGroup || names.has(name)) refuse("the handle is damaged: its groups are none");
    names.add(name!);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
