import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bind, GroupStatus, LaunchError, Launcher, LaunchHandle } from "../plugin/launcher.ts";
import {
  type AttemptOutcome,
  type AttemptRecord,
  failureText,
  type RunRecord,
  type RunStatus,
  type WorkerFailure,
} from "./record.ts";
import { beginsFromCheckpoint, triesAgain } from "./recovery.ts";
import type { RequestPlan } from "./request.ts";
import { RUN_FILES, type RunStore } from "./store.ts";
import { failureOf, judge, lastLines, untilAnswered } from "./watch.ts";

/** What a run tells while it goes. */
export type RunEvent =
  | { readonly kind: "submitted"; readonly attempt: AttemptRecord; readonly handle: LaunchHandle }
  | { readonly kind: "silent"; readonly error: LaunchError }
  | { readonly kind: "failed"; readonly failure: WorkerFailure; readonly lines: readonly string[] }
  /** All of the attempt has ended. */
  | { readonly kind: "ended"; readonly attempt: AttemptRecord }
  | { readonly kind: "retry"; readonly round: number; readonly of: number; readonly delaySeconds: number };

/** What keeps a run going. */
export interface Keeper {
  readonly store: RunStore;
  readonly launcher: Launcher;
  /** What an attempt asks for. */
  readonly plan: (attempt: Pick<AttemptRecord, "attempt" | "folder" | "isRecovery">) => RequestPlan;
  readonly bind: Bind;
  /** Resolves when the run shall be stopped by whoever keeps it. */
  readonly stopped: Promise<void>;
  readonly onEvent: (event: RunEvent) => void | Promise<void>;
  /** Time between two questions to the launcher. */
  readonly pollMs: number;
  readonly now: () => Date;
}

/** Time that workers have to end by themselves once the experiment is complete. */
const REST_MS = 5000;

/**
 * Keeps a run to its end: submits, watches, tries again, and writes down all of it. Whoever calls holds the run's lock. What is
 * submitted has been cancelled when this returns, or throws.
 * @param record as it is on disk. If its last attempt is open, this goes on with it.
 * @throws {LaunchError} what a launcher can't do; the record says so, too
 */
export async function keepRun(keeper: Keeper, record: RunRecord): Promise<RunRecord> {
  return new RunKeeper(keeper, record).run();
}

class RunKeeper {
  readonly #keeper: Keeper;
  #record: RunRecord;
  #isStopped = false;
  readonly #wake: Promise<void>;

  constructor(keeper: Keeper, record: RunRecord) {
    this.#keeper = keeper;
    this.#record = record;
    this.#wake = keeper.stopped.then(() => {
      this.#isStopped = true;
    });
  }

  async run(): Promise<RunRecord> {
    try {
      for (let round = 0; ; round += 1) {
        const { outcome, failure } = await this.#attempt(round);
        if (outcome === "completed") return this.#end("COMPLETE", this.#lateFailure());
        if (outcome === "stopped") return this.#end("ABORTED", "it was stopped");
        const reason = failure === null ? "its workers failed" : failureText(failure);
        const { recovery } = this.#record;
        if (!triesAgain(recovery, round)) return this.#end("ABORTED", reason);
        await this.#tell({
          kind: "retry",
          round: round + 1,
          of: recovery.retries,
          delaySeconds: recovery.delaySeconds,
        });
        await this.#pause(recovery.delaySeconds * 1000);
        if (this.#wantsStop()) return this.#end("ABORTED", "it was stopped");
      }
    } catch (error) {
      this.#end("ABORTED", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async #attempt(round: number): Promise<{ readonly outcome: AttemptOutcome; readonly failure: WorkerFailure | null }> {
    const open = round === 0 ? await this.#openAttempt() : null;
    const { handle, deciding } = open ?? (await this.#submit(round));
    const attempt = this.#lastAttempt();
    await this.#tell({ kind: "submitted", attempt, handle });
    let ended: { readonly outcome: AttemptOutcome; readonly failure: WorkerFailure | null } = {
      outcome: "failed",
      failure: null,
    };
    try {
      ended = await this.#watch(handle, deciding);
      if (ended.failure !== null) {
        const lines = await lastLines(this.#keeper.launcher, handle, ended.failure);
        await this.#tell({ kind: "failed", failure: ended.failure, lines });
      }
      return ended;
    } finally {
      // Nothing of an attempt is left when the next one starts, or when the run has ended, whatever went wrong.
      await this.#cancel(handle);
      this.#noteAttempt({ endedAt: this.#time(), outcome: ended.outcome, failure: ended.failure });
      await this.#tell({ kind: "ended", attempt: this.#lastAttempt() });
    }
  }

  /** An attempt of this run that somebody else submitted, and did not see the end of. */
  async #openAttempt(): Promise<{ readonly handle: LaunchHandle; readonly deciding: readonly string[] } | null> {
    const last = this.#record.attempts.at(-1);
    if (last === undefined || last.outcome !== null) return null;
    const { request, deciding } = this.#keeper.plan(last);
    const handle = last.handle ?? (await this.#keeper.launcher.recall?.(request.run, last.folder)) ?? null;
    if (handle === null) {
      this.#noteAttempt({ endedAt: this.#time(), outcome: "refused" });
      return null;
    }
    this.#noteAttempt({ handle });
    return { handle, deciding };
  }

  async #submit(round: number): Promise<{ readonly handle: LaunchHandle; readonly deciding: readonly string[] }> {
    const { store, launcher, plan, bind } = this.#keeper;
    const hasCheckpoint = isCheckpoint(join(store.folderOf(this.#record), RUN_FILES.recover));
    const isRecovery = beginsFromCheckpoint(this.#record.recovery, round, hasCheckpoint);
    const { attempt, folder } = store.makeAttempt(this.#record);
    const begun: AttemptRecord = {
      attempt,
      folder,
      isRecovery,
      startedAt: this.#time(),
      endedAt: null,
      outcome: null,
      handle: null,
      groups: [],
      failure: null,
    };
    const { request, deciding } = plan(begun);
    this.#write({ attempts: [...this.#record.attempts, begun] });
    try {
      const handle = await launcher.submit(request, bind);
      this.#noteAttempt({ handle });
      return { handle, deciding };
    } catch (error) {
      this.#noteAttempt({ endedAt: this.#time(), outcome: "refused" });
      throw error;
    }
  }

  async #watch(
    handle: LaunchHandle,
    deciding: readonly string[],
  ): Promise<{ readonly outcome: AttemptOutcome; readonly failure: WorkerFailure | null }> {
    for (;;) {
      const groups = await this.#ask(() => this.#keeper.launcher.status(handle));
      if (groups !== null) {
        this.#noteGroups(groups);
        const verdict = judge(groups, deciding);
        if (verdict.kind === "completed") {
          await this.#rest(handle);
          return { outcome: "completed", failure: null };
        }
        if (this.#wantsStop()) return { outcome: "stopped", failure: null };
        if (verdict.kind === "failed") return { outcome: "failed", failure: verdict.failure };
      }
      if (this.#wantsStop()) return { outcome: "stopped", failure: null };
      await this.#pause(this.#keeper.pollMs);
    }
  }

  /** Workers that serve others learn last that all is done. */
  async #rest(handle: LaunchHandle): Promise<void> {
    for (const until = Date.now() + REST_MS; Date.now() < until && !this.#wantsStop();) {
      const groups = await this.#ask(() => this.#keeper.launcher.status(handle));
      if (groups === null) return;
      this.#noteGroups(groups);
      if (groups.every(({ state }) => state !== "running" && state !== "pending")) return;
      await this.#pause(this.#keeper.pollMs);
    }
  }

  /** What did not end well although the experiment is complete; `null` if all did. */
  #lateFailure(): string | null {
    const failed = this.#lastAttempt().groups.find(({ state }) => state === "failed");
    if (failed === undefined) return null;
    const failure = failureOf(failed);
    return `${failureText(failure)} when the others were done`;
  }

  async #cancel(handle: LaunchHandle): Promise<void> {
    const { launcher } = this.#keeper;
    const onSilence = (error: LaunchError) => void this.#tell({ kind: "silent", error });
    // What runs on an engine that does not answer has to be ended when it does.
    const patience = { pause: sleepMs, isStopped: () => false, onSilence };
    await untilAnswered(() => launcher.cancel(handle), patience);
    const groups = await untilAnswered(() => launcher.status(handle), patience);
    if (groups !== null) this.#noteGroups(groups);
  }

  #ask<T>(question: () => Promise<T>): Promise<T | null> {
    return untilAnswered(question, {
      pause: (ms) => this.#pause(ms),
      isStopped: () => this.#wantsStop(),
      onSilence: (error) => void this.#tell({ kind: "silent", error }),
    });
  }

  #wantsStop(): boolean {
    return this.#isStopped || this.#keeper.store.isStopWanted(this.#record);
  }

  async #pause(ms: number): Promise<void> {
    // Somebody else's wish to stop is a file.
    for (const until = Date.now() + ms; Date.now() < until && !this.#wantsStop();) {
      await Promise.race([sleepMs(Math.min(STOP_POLL_MS, until - Date.now())), this.#wake]);
    }
  }

  #lastAttempt(): AttemptRecord {
    const last = this.#record.attempts.at(-1);
    if (last === undefined) throw new Error("the run has no attempt");
    return last;
  }

  #noteAttempt(change: Partial<AttemptRecord>): void {
    const { attempts } = this.#record;
    this.#write({ attempts: [...attempts.slice(0, -1), { ...this.#lastAttempt(), ...change }] });
  }

  #noteGroups(groups: readonly GroupStatus[]): void {
    // What has not changed need not be written.
    if (JSON.stringify(groups) !== JSON.stringify(this.#lastAttempt().groups)) this.#noteAttempt({ groups });
  }

  #end(status: RunStatus, reason: string | null): RunRecord {
    this.#write({ status, reason, endedAt: this.#time() });
    return this.#record;
  }

  #write(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#keeper.store.write(this.#record);
  }

  #time(): string {
    return this.#keeper.now().toISOString();
  }

  async #tell(event: RunEvent): Promise<void> {
    await this.#keeper.onEvent(event);
  }
}

const STOP_POLL_MS = 100;

/** Pauses without keeping a process that has nothing else to do. */
function sleepMs(ms: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, Math.max(0, ms)));
}

/** True if a folder holds a checkpoint that a run can go on from: workers write `checkpoint.json` there last of all. */
function isCheckpoint(folder: string): boolean {
  const file = join(folder, "checkpoint.json");
  if (!existsSync(file)) return false;
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
