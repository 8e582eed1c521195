import { build } from "../build.ts";
import type { BuildOptions, BuildReport } from "../report.ts";

/** A project that is proved again after every change. */
export interface Watching {
  readonly ready: Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export type WatchOptions = BuildOptions & {
  readonly onReport: (report: BuildReport, elapsedMs: number) => void;
  readonly onStart?: () => void;
};

/** Proves a project when it is asked to: one run at a time, and one more for all that asked meanwhile. */
export function watchProject({ onReport, onStart, ...options }: WatchOptions): Watching {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    onStart?.();
    const startMs = performance.now();
    onReport(await build(options), performance.now() - startMs);
  };
  const check = (): Promise<void> => {
    if (running === null) {
      running = run().finally(() => (running = null));
      return running;
    }
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return check();
      });
    return next;
  };
  return { ready: check(), check, close: async () => void (await running?.catch(() => undefined)) };
}
