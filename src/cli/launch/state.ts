import { lockHolder, takeLock } from "../../launch/lock.ts";
import type { AttemptRecord, RunRecord } from "../../launch/record.ts";
import type { RunStore } from "../../launch/store.ts";
import { hasEnded, judge } from "../../launch/watch.ts";
import type { Launcher, LaunchHandle, RunIdentity } from "../../plugin/launcher.ts";

/** Groups of workers whose end is that of a run. */
export function isDeciding(group: string): boolean {
  return group.startsWith("masterWorker");
}

/** Which attempt of a run it is. */
export function identityOf({ experiment, preset, trial }: RunRecord, attempt: number): RunIdentity {
  return { experiment, preset, trial, attempt };
}

/** The handle of an attempt, also of one whose submission nobody saw the end of; `null` if nothing was submitted. */
export async function handleOf(
  launcher: Launcher,
  record: RunRecord,
  attempt: AttemptRecord,
): Promise<LaunchHandle | null> {
  if (attempt.handle !== null) return attempt.handle;
  return (await launcher.recall?.(identityOf(record, attempt.attempt), attempt.folder)) ?? null;
}

/** A run as it is now. */
export interface RunState {
  readonly record: RunRecord;
  /** False if whoever started it has ended: then nobody starts its workers anew. */
  readonly isKept: boolean;
}

/**
 * Looks how a run is. What ended while nobody looked is written down: a record does not stay RUNNING when nothing runs.
 * @throws {LaunchError} what the launcher can't tell
 */
export async function stateOf(
  store: RunStore,
  record: RunRecord,
  launcher: () => Promise<Launcher>,
  now: Date,
): Promise<RunState> {
  const folder = store.folderOf(record);
  const last = record.attempts.at(-1);
  if (record.status !== "RUNNING" || lockHolder(folder) !== null) return { record, isKept: true };
  const made = await launcher();
  const handle = last === undefined || last.outcome !== null ? null : await handleOf(made, record, last);
  const groups = handle === null ? [] : await made.status(handle);
  const verdict = judge(groups, groups.map(({ group }) => group).filter(isDeciding));
  const isOver = handle === null || hasEnded(groups);
  const seen = last === undefined ? record : withLast(record, { ...last, handle, groups });
  if (!isOver) return { record: seen, isKept: false };
  const lock = takeLock(folder);
  if (!("release" in lock)) return { record, isKept: true };
  try {
    const endedAt = now.toISOString();
    const isComplete = handle !== null && verdict.kind === "completed";
    const failure = verdict.kind === "failed" ? verdict.failure : null;
    const outcome = isComplete ? ("completed" as const) : handle === null ? ("refused" as const) : ("failed" as const);
    const ended: RunRecord = {
      ...(last === undefined || last.outcome !== null
        ? seen
        : withLast(seen, { ...last, handle, groups, endedAt, outcome, failure })),
      status: isComplete ? "COMPLETE" : "ABORTED",
      reason: isComplete ? null : "it ended while nobody kept it",
      endedAt,
    };
    store.write(ended);
    return { record: ended, isKept: true };
  } finally {
    lock.release();
  }
}

/** A record with another last attempt. */
export function withLast(record: RunRecord, attempt: AttemptRecord): RunRecord {
  return { ...record, attempts: [...record.attempts.slice(0, -1), attempt] };
}
