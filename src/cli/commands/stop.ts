import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { takeLock } from "../../launch/lock.ts";
import { type RunRecord, runName } from "../../launch/record.ts";
import { RUN_FILES, type RunStore, writeAtomically } from "../../launch/store.ts";
import type { Launcher } from "../../plugin/launcher.ts";
import { type Command, type Context, printJson } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { asking, launcherOf } from "../launch/launcher.ts";
import { findRun, projectRuns } from "../launch/runs.ts";
import { handleOf } from "../launch/state.ts";

/** Time that whoever keeps a run has to end it; then it is ended from here. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Ends a run, all of it. */
export const stop: Command = async (context, [name]) => {
  const runs = await projectRuns(context);
  if (runs === null) return EXIT.errors;
  const { root, store } = runs;
  const record = findRun(context, store, name);
  if (record.status !== "RUNNING") return tell(context, record, `${runName(record)} has ended already`);
  // Whoever keeps it sees this, and ends it itself.
  writeAtomically(join(store.folderOf(record), RUN_FILES.stop), `${JSON.stringify({ at: context.host.now() })}\n`);
  const lock = await keptLock(store, record);
  try {
    const latest = store.read(record) ?? record;
    if (latest.status !== "RUNNING") return tell(context, latest, `${runName(latest)} is stopped`);
    const launcher = await launcherOf(context, root, latest);
    const ended = await asking(latest.launcher, () => endedRun(launcher, latest, context.host.now()));
    store.write(ended);
    return tell(context, ended, `${runName(ended)} is stopped`);
  } finally {
    lock?.release();
  }
};

/** The run's lock, once whoever keeps it has ended; `null` if that takes too long. */
async function keptLock(store: RunStore, record: RunRecord): Promise<{ release(): void } | null> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const lock = takeLock(store.folderOf(record));
    if ("release" in lock) return lock;
    if (Date.now() > until) return null;
  }
}

/** Ends all attempts of a run that nobody keeps. */
async function endedRun(launcher: Launcher, record: RunRecord, now: Date): Promise<RunRecord> {
  const endedAt = now.toISOString();
  const attempts = [];
  for (const attempt of record.attempts) {
    if (attempt.outcome !== null) {
      attempts.push(attempt);
      continue;
    }
    const handle = await handleOf(launcher, record, attempt);
    if (handle !== null) await launcher.cancel(handle);
    const groups = handle === null ? [] : await launcher.status(handle);
    attempts.push({ ...attempt, handle, groups, endedAt, outcome: "stopped" as const });
  }
  return { ...record, attempts, status: "ABORTED", reason: "it was stopped", endedAt };
}

function tell(context: Context, record: RunRecord, text: string): 0 {
  if (context.settings.json) printJson(context, record);
  else if (!context.settings.quiet) context.output.write("data", `${text}\n`);
  return EXIT.fine;
}
