import type { BuildReport } from "../report.ts";
import { Insight } from "./insight.ts";
import { type Watching, watchProject } from "./watching.ts";

/** Whom a project tells what happens. */
export interface ProjectEvents {
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
  readonly #watching: Watching;
  readonly #onFailure: ProjectEvents["onFailure"];
  #insight: Promise<Insight | null> | null = null;
  #isClosed = false;

  constructor(root: string, configFile: string, { onReport, onFailure }: ProjectEvents) {
    this.root = root;
    this.configFile = configFile;
    this.#onFailure = onFailure;
    this.#watching = watchProject({
      cwd: root,
      config: null,
      write: false,
      keepGoing: false,
      only: [],
      overrides: [],
      cache: true,
      onReport: (report, elapsedMs) => {
        if (this.#isClosed) return;
        this.report = report;
        this.#forget();
        onReport(this, report, elapsedMs);
      },
    });
    this.#watching.ready.catch(onFailure);
  }

  /** Proves the project now; resolves when the run that saw all changes up to now has ended. */
  async check(): Promise<void> {
    try {
      await this.#watching.check();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** What is known of the sources and the last run; `null` if that can't be had. */
  async insight(): Promise<Insight | null> {
    this.#insight ??= Insight.open(this.root);
    const asked = this.#insight;
    try {
      return await asked;
    } catch (error) {
      if (this.#insight === asked) this.#insight = null;
      this.#onFailure(error);
      return null;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forget();
    await this.#watching.close();
  }

  /** What was known before the last run is closed as soon as nobody asks it any more. */
  #forget(): void {
    const old = this.#insight;
    this.#insight = null;
    old?.then((insight) => insight?.close()).catch(this.#onFailure);
  }
}
