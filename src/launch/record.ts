import type { JsonValue } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import type { GroupStatus, LaunchHandle } from "../plugin/launcher.ts";
import type { TypeArgs } from "../spec/pair.ts";
import { launchDiagnostics } from "./diagnostics.ts";
import type { RecoverySettings } from "./recovery.ts";

/** Version of the record's format; `docs/running.md` describes it. */
export const RUN_VERSION = 1;

/** Status of an experiment's run. It decides whether there is something to recover. */
export type RunStatus = "RUNNING" | "ABORTED" | "COMPLETE";

/** One run, as it stands in `run.json` of its folder: plain JSON, and without a secret. Times are ISO 8601, in UTC. */
export interface RunRecord {
  readonly assayRun: typeof RUN_VERSION;
  readonly experiment: string;
  readonly preset: string | null;
  readonly trial: string;
  readonly user: string;
  /** Values of options that were given on the command line, by path. */
  readonly overrides: Readonly<Record<string, JsonValue>>;
  readonly manifest: {
    /** Absolute path of the run's own copy. */
    readonly file: string;
    /** SHA-256 of that file, in hex. */
    readonly sha256: string;
  };
  readonly launcher: LauncherChoice;
  readonly runtime: string;
  readonly recovery: RecoverySettings;
  readonly status: RunStatus;
  /** Why it ended as it did; `null` while it runs, and where all went well. */
  readonly reason: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly attempts: readonly AttemptRecord[];
}

/** A launcher of the project, by the name that it has there. */
export interface LauncherChoice extends TypeArgs {
  readonly name: string;
  /** What the config names the package by that brings it; `assay` for Assay's own. */
  readonly package: string;
}

/** One attempt of a run. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Absolute. */
  readonly folder: string;
  /** True if workers were told to go on from a checkpoint. */
  readonly isRecovery: boolean;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: AttemptOutcome | null;
  /** `null` until its submission has ended. */
  readonly handle: LaunchHandle | null;
  /** What the launcher said last. */
  readonly groups: readonly GroupStatus[];
  readonly failure: WorkerFailure | null;
}

/** How an attempt ended: `stopped` by somebody's wish, `refused` before anything ran. */
export type AttemptOutcome = "completed" | "failed" | "stopped" | "refused";

/** What ended an attempt. */
export interface WorkerFailure {
  readonly group: string;
  /** `null` if the launcher knows only of the group. */
  readonly index: number | null;
  /** How it ended, in words: `ended with exit code 3`. */
  readonly end: string;
}

/** A worker in a sentence, as it is named in logs: `modelWorker.3`. */
export function workerText({ group, index }: { readonly group: string; readonly index: number | null }): string {
  return index === null ? group : `${group}.${index}`;
}

/** What ended an attempt, in a sentence: `worker modelWorker.3 ended with exit code 2`. */
export function failureText({ group, index, end }: WorkerFailure): string {
  return index === null ? `group ${group} ${end}` : `worker ${workerText({ group, index })} ${end}`;
}

/** How a run is named on command lines: `experiment/trial`. */
export function runName({ experiment, trial }: Pick<RunRecord, "experiment" | "trial">): string {
  return `${experiment}/${trial}`;
}

/**
 * Reads a record.
 * @param file of which it is, for messages.
 * @throws {AssayError} `launch/record-damaged`
 */
export function parseRecord(text: string, file: string): RunRecord {
  const damaged = (problem: string): AssayError =>
    new AssayError([
      launchDiagnostics["record-damaged"]({ file, problem }, { at: { kind: "nowhere", reason: "Assay wrote it" } }),
    ]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged("it is no JSON");
  }
  const record = value as Partial<RunRecord> | null;
  if (typeof record !== "object" || record === null || record.assayRun !== RUN_VERSION) {
    throw damaged(`it has not version ${RUN_VERSION}`);
  }
  const texts = [
    record.experiment,
    record.trial,
    record.user,
    record.runtime,
    record.manifest?.file,
    record.launcher?.type,
  ];
  const isWhole = texts.every((field) => typeof field === "string") && Array.isArray(record.attempts);
  if (!isWhole || !["RUNNING", "ABORTED", "COMPLETE"].includes(record.status ?? "")) throw damaged("it lacks parts");
  return record as RunRecord;
}
