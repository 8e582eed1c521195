import {
  FINAL_STATES,
  type GroupStatus,
  LaunchError,
  type Launcher,
  type LaunchHandle,
  type WorkerExit,
} from "../plugin/launcher.ts";
import type { WorkerFailure } from "./record.ts";

/** What the states of an attempt's groups say of it. */
export type Verdict =
  | { readonly kind: "running" }
  | { readonly kind: "completed" }
  | { readonly kind: "failed"; readonly failure: WorkerFailure };

/**
 * Judges an attempt: it is complete when those that decide are, or all; it has failed when one has, or is gone. What a launcher
 * does not understand is neither.
 */
export function judge(groups: readonly GroupStatus[], deciding: readonly string[]): Verdict {
  const decisive = groups.filter(({ group }) => deciding.includes(group));
  const done = decisive.length > 0 ? decisive : groups;
  if (done.every(({ state }) => state === "completed")) return { kind: "completed" };
  for (const status of groups) {
    if (status.state === "failed" || status.state === "gone" || status.state === "cancelled") {
      return { kind: "failed", failure: failureOf(status) };
    }
  }
  return { kind: "running" };
}

/** What ended a group: the first of its workers that did not end well, else what the launcher says. */
export function failureOf({ group, state, raw, reason, exits = [] }: GroupStatus): WorkerFailure {
  const exit = exits.find((one) => !("exitCode" in one) || one.exitCode !== 0);
  if (exit !== undefined && state === "failed") return { group, index: exit.index, end: exitText(exit) };
  const said = reason ?? (raw === "" ? "" : raw);
  const end =
    { gone: "is not known to the launcher any more", cancelled: "was cancelled by somebody" }[state as "gone"] ??
    "failed";
  return { group, index: null, end: said === "" ? end : `${end}: ${said}` };
}

function exitText(exit: WorkerExit): string {
  return "exitCode" in exit ? `ended with exit code ${exit.exitCode}` : `was ended by ${exit.signal}`;
}

/** How a launcher is asked again while it does not answer. */
export interface Patience {
  /** Waits; returns early when nobody wants to wait any more. */
  readonly pause: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
  /** Is told once each time that a launcher stops answering. */
  readonly onSilence: (error: LaunchError) => void;
}

const SILENCE_MS = 2000;

/** Asks a launcher until it answers: an engine that does not is no news of a run. `null` if nobody wants to know any more. */
export async function untilAnswered<T>(ask: () => Promise<T>, patience: Patience): Promise<T | null> {
  for (let isSilent = false; ;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      if (!isSilent) patience.onSilence(error);
      isSilent = true;
    }
    if (patience.isStopped()) return null;
    await patience.pause(SILENCE_MS);
  }
}

function isUnreachable(error: unknown): error is LaunchError {
  return asLaunchError(error)?.problem === "unreachable";
}

/** The error of a launcher, which may come from another copy of the package; `null` if it is none. */
export function asLaunchError(error: unknown): LaunchError | null {
  if (error instanceof LaunchError) return error;
  return error instanceof Error && error.name === "LaunchError" ? (error as LaunchError) : null;
}

/** Lines of a worker that are kept to be shown when it fails. */
const LAST_LINES = 20;

/** What a worker, or all of a group, printed last. */
export async function lastLines(
  launcher: Launcher,
  handle: LaunchHandle,
  { group, index }: WorkerFailure,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { line } of launcher.logs(handle, { group, ...(index === null ? {} : { index }) })) {
    lines.push(line);
    if (lines.length > LAST_LINES) lines.shift();
  }
  return lines;
}

/** True if nothing of an attempt runs any more. */
export function hasEnded(groups: readonly GroupStatus[]): boolean {
  return groups.every(({ state }) => FINAL_STATES.includes(state));
}
