import type { BuildReport } from "../report.ts";
import { type ProjectWatcher, watchProject } from "../watch.ts";
import { Insight } from "./insight.ts";

/** Whom a project tells what happens. */
export interface ProjectEvents {
  /** A run begins; one that is overtaken by changes begins again without a report. */
  readonly onStart: (project: OpenProject) => void;
  readonly onReport: (project: OpenProject, report: BuildReport, elapsedMs: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** One project that is watched and proved again after every change. */
export class OpenProject {
  /** Absolute folder. */
  readonly root: string;
  /** Project-relative path of its config. */
  readonly configFile: string;
  /** What the last run found; `null` before the first has ended. */
  report: BuildReport | null = null;
  readonly #watcher: ProjectWatcher;
  readonly #onFailure: ProjectEvents["onFailure"];
  #insight: Promise<Insight | null> | null = null;
  #isClosed = false;

  constructor(root: string, configFile: string, { onStart, onReport, onFailure }: ProjectEvents) {
    this.root = root;
    this.configFile = configFile;
    this.#onFailure = onFailure;
    this.#watcher = watchProject({
      cwd: root,
      config: null,
      write: false,
      keepGoing: false,
      only: [],
      overrides: [],
      cache: true,
      onStart: () => {
        if (!this.#isClosed) onStart(this);
      },
      onReport: (report, elapsedMs) => {
        if (this.#isClosed) return;
        this.report = report;
        this.#forget();
        onReport(this, report, elapsedMs);
      },
      onCrash: onFailure,
    });
    this.#watcher.ready.catch(onFailure);
  }

  /** Proves the project now; resolves when the run that saw all changes up to now has ended. */
  async check(): Promise<void> {
    try {
      await this.#watcher.check();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Asks what the sources and the last run know; `null` if there is nothing to ask. */
  async ask<T>(question: (insight: Insight) => Promise<T>): Promise<T | null> {
    // What the first run is about to find out must not be found out twice; whether it failed was told elsewhere.
    if (this.report === null) await this.#watcher.ready.catch(() => undefined);
    if (this.#insight === null) {
      // What the last run found out is read from the cache.
      this.#watcher.save();
      this.#insight = Insight.open(this.root);
    }
    const asked = this.#insight;
    try {
      return (await (await asked)?.ask(question)) ?? null;
    } catch (error) {
      if (this.#insight === asked) this.#forget();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forget();
    await this.#watcher.close();
  }

  /** What was known is put away as soon as all that was asked of it is answered. */
  #forget(): void {
    const old = this.#insight;
    this.#insight = null;
    // One that did not open has told so to who asked.
    old?.then((insight) => insight?.close()).catch(() => undefined);
  }
}
