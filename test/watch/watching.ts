import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildReport } from "../../codegen/report.ts";
import type { ProjectWatcher, WatchOptions } from "../../codegen/watch.ts";
import { compiledFolder } from "../crash/compiled.ts";

/** Patience with a report: far longer than any takes. */
const PATIENCE_MS = 40_000;

/** A watch of the compiled library, and the reports that it has given. */
export interface Watching {
  readonly watcher: ProjectWatcher;
  readonly reports: readonly BuildReport[];
  /** The first report from now on that `holds`; reports of earlier calls don't count. */
  next(holds: (report: BuildReport) => boolean): Promise<BuildReport>;
  /** The first report that `holds` after `act`. */
  after(act: () => void, holds: (report: BuildReport) => boolean): Promise<BuildReport>;
}

/** Opens a watch, and waits for its first report. Proves with the cache, and writes nothing unless told otherwise. */
export async function watching(cwd: string, options: Partial<WatchOptions> = {}): Promise<Watching> {
  const { watchProject } = (await import(pathToFileURL(join(compiledFolder(), "codegen/watch.js")).href)) as {
    readonly watchProject: (options: WatchOptions) => ProjectWatcher;
  };
  const reports: BuildReport[] = [];
  let wake: () => void = () => undefined;
  const watcher = watchProject({
    cwd,
    config: null,
    write: false,
    keepGoing: false,
    only: [],
    overrides: [],
    cache: true,
    ...options,
    onReport: (report, elapsedMs) => {
      reports.push(report);
      options.onReport?.(report, elapsedMs);
      wake();
    },
  });
  await watcher.ready;
  const next = async (holds: (report: BuildReport) => boolean): Promise<BuildReport> => {
    const until = Date.now() + PATIENCE_MS;
    for (let seen = reports.length; ;) {
      for (; seen < reports.length; seen += 1) {
        const report = reports[seen];
        if (report !== undefined && holds(report)) return report;
      }
      const left = until - Date.now();
      if (left <= 0) throw new Error(`no such report in time; the last: ${JSON.stringify(codesOf(reports.at(-1)))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return {
    watcher,
    reports,
    next,
    after(act, holds) {
      const found = next(holds);
      act();
      return found;
    },
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Codes of a report's diagnostics. */
export function codesOf(report: BuildReport | undefined): readonly string[] {
  return (report?.diagnostics ?? []).map(({ code }) => code);
}

/** True for a report without diagnostics. */
export function isClean(report: BuildReport): boolean {
  return report.diagnostics.length === 0;
}
