import type { JsonObject } from "type-fest";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { Scheduling } from "../spec/scheduling.ts";

/** Which run it is about. Together with the group's name it is unique among all runs of a project. */
export interface RunIdentity {
  readonly experiment: string;
  readonly preset: string | null;
  readonly trial: string;
  /** 0 for the first attempt, then one more with each recovery. */
  readonly attempt: number;
}

/** Workers of one kind that are started together, with the same resources. */
export interface LaunchGroup {
  /** Such as `modelWorker` or `modelWorker-1`; unique in a run. */
  readonly name: string;
  readonly count: number;
  /** Resources of one worker, its environment, image, nodes and times. */
  readonly scheduling: Scheduling;
  /** Program and arguments of a worker; never a shell's text. `{index}` in an argument is the worker's number, from 0. */
  readonly argv: readonly string[];
}

/** What is to be started. */
export interface LaunchRequest {
  readonly run: RunIdentity;
  readonly groups: readonly LaunchGroup[];
  readonly cluster: ClusterSpec;
  /** Absolute folder of the run, made before: logs, and what a launcher keeps. */
  readonly folder: string;
}

/** What a launcher would send, for `--dry-run`: byte for byte. */
export interface LaunchPreview {
  readonly steps: readonly {
    /** Program and arguments. */
    readonly argv: readonly string[];
    /** What it is given on standard input. */
    readonly stdin?: string;
    /** Files that are written before, by absolute path. */
    readonly files?: Readonly<Record<string, string>>;
  }[];
}

/** What is needed to find a run again, also by another process: plain JSON. */
export interface LaunchHandle {
  readonly launcher: string;
  readonly run: RunIdentity;
  /** The launcher's own, such as job ids by group. */
  readonly jobs: Readonly<Record<string, JsonObject>>;
}

/**
 * State of a group:
 * - `pending`: accepted, not running yet;
 * - `completed`: all workers ended with 0;
 * - `failed`: a worker ended otherwise, or a node, a limit or a quota ended it;
 * - `gone`: nobody knows it any more;
 * - `unknown`: somebody knows it, and says what this launcher does not understand: neither success nor failure.
 */
export type GroupState = "pending" | "running" | "completed" | "failed" | "cancelled" | "gone" | "unknown";

export interface GroupStatus {
  readonly group: string;
  readonly state: GroupState;
  /** What the engine itself says, such as `NODE_FAIL`. */
  readonly raw: string;
  /** Why, where it is known. */
  readonly reason?: string;
  /** Workers that ended, with their exit codes. */
  readonly exits?: readonly { readonly index: number; readonly exitCode: number | null; readonly signal?: string }[];
}

/** A line of a worker's output. */
export interface LogLine {
  readonly group: string;
  readonly index: number;
  readonly line: string;
}

export interface LogOptions {
  readonly group?: string;
  readonly index?: number;
  /** Goes on until the run has ended or the signal fires. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Starts workers on an engine. All it must remember lies in handles and in the run's folder, so another process can go on. */
export interface Launcher {
  /** What `submit` would send. Changes nothing. */
  preview(request: LaunchRequest): Promise<LaunchPreview>;
  /** Starts all groups, or none: what was started when one can't be is ended before the error is thrown. */
  submit(request: LaunchRequest): Promise<LaunchHandle>;
  /** State of every group now, in the order of the request. */
  status(handle: LaunchHandle): Promise<readonly GroupStatus[]>;
  logs(handle: LaunchHandle, options?: LogOptions): AsyncIterable<LogLine>;
  /** Ends all workers and all that they started; returns when nothing runs any more. What has ended is no mistake. */
  cancel(handle: LaunchHandle): Promise<void>;
}

/** A launcher's class: constructed with the arguments of the config, further parameters are injected. */
export type LauncherClass<A> = new (args: A, ...injected: never[]) => Launcher;
