import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildOn, type ObservedBuild, warmUp } from "./build.ts";
import type { Glob } from "./cache.ts";
import { fileHashes, pathOf } from "./cache/file-hashes.ts";
import { CONFIG_NAME } from "./config.ts";
import { Abandoned } from "./evaluate/protocol.ts";
import { projectFiles } from "./project-files.ts";
import type { BuildOptions, BuildReport } from "./report.ts";
import { NOT_KEPT } from "./results.ts";
import { openFileEvents } from "./watch/file-events.ts";
import { Workbench } from "./workbench.ts";

/** What to build again and again, and who is told. */
export interface WatchOptions extends BuildOptions {
  /**
   * Is told what a build found. A report that is out of date before it is there is left out: the next one follows.
   * @param elapsedMs from the notice of the change to now.
   */
  readonly onReport: (report: BuildReport, elapsedMs: number) => void;
  /** A build begins. */
  readonly onStart?: () => void;
  /** A build failed by a bug of Assay's own; the watch goes on. Without it, nobody catches such an error. */
  readonly onCrash?: (error: unknown) => void;
}

/** A project that is built again whenever something changes that it depends on. */
export interface ProjectWatcher {
  /** Resolves when the first report is given and all that it depends on is watched. */
  readonly ready: Promise<void>;
  /** Number of files that the last build depends on. */
  readonly files: number;
  /** Builds now, whatever has changed; resolves when a report of the present state is given. */
  check(): Promise<void>;
  /** Writes what is new in the cache now, for others who read it; it is written a little later in any case. */
  save(): void;
  /** Ends the watch and its workers; no report is given from now on. */
  close(): Promise<void>;
}

/** Builds a project, and again after every change of what it depends on; what is costly to make is kept at hand. */
export function watchProject(options: WatchOptions): ProjectWatcher {
  return new Watcher(options);
}

/** A change of many files comes in many events: this long after the last one they are looked at. */
const DEBOUNCE_MS = 8;
/** An endless flood of events puts that off no longer than this. */
const MOST_DEBOUNCE_MS = 400;
/** Events may be late, and one that closely follows another may be left out: this long after a build all files are looked at. */
const LOOK_AGAIN_MS = 150;
/** A build that a change has made worthless may go on for so long: most of what it finds out is still good for the next. */
const PATIENCE_MS = 500;
/** What is new in the cache is written when nothing has happened for so long. */
const SAVE_MS = 1000;

/** What a build depended on, by absolute path: the SHA-256 (hex) of a file, `null` if it is not there. */
interface Seen {
  readonly root: string;
  readonly files: ReadonlyMap<string, string | null>;
  readonly globs: readonly Glob[];
  /** What it left for readers (absolute paths): a build brings back what others delete of it. */
  readonly outputs: readonly string[];
}

class Watcher implements ProjectWatcher {
  readonly ready: Promise<void>;
  readonly #options: WatchOptions;
  readonly #bench: Workbench;
  readonly #events = openFileEvents((path) => this.#notice(path));
  readonly #hashes = fileHashes("/", new Map(), Date.now);
  readonly #timers = { debounce: new Timer(), again: new Timer(), patience: new Timer(), save: new Timer() };
  #seen: Seen = { root: "", files: new Map(), globs: [], outputs: [] };
  /** Files as they were when the build under way began. */
  #atStart: ReadonlyMap<string, string | null> = new Map();
  /** Paths of events that are not looked at yet, and when the first of them came. */
  readonly #paths = new Set<string>();
  #noticedMs = 0;
  /** Since when a build is due; `null` if none is. */
  #dueMs: number | null = null;
  #building: Promise<void> | null = null;
  /** What makes things at hand while nothing is built. */
  #warming: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#bench = new Workbench(options);
    this.ready = this.check();
  }

  get files(): number {
    return [...this.#seen.files.values()].filter((sha256) => sha256 !== null).length;
  }

  check(): Promise<void> {
    return this.#isClosed ? Promise.resolve() : this.#request(performance.now());
  }

  save(): void {
    if (!this.#isClosed) this.#bench.save();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of Object.values(this.#timers)) timer.stop();
    await Promise.all([this.#events.close(), this.#bench.abandon()]);
    // Who asked for the build hears of its failure.
    await this.#building?.catch(() => undefined);
    await this.#bench.close();
  }

  #notice(path: string): void {
    if (this.#isClosed) return;
    if (this.#paths.size === 0) this.#noticedMs = performance.now();
    this.#paths.add(path);
    const left = this.#noticedMs + MOST_DEBOUNCE_MS - performance.now();
    this.#timers.debounce.start(Math.max(0, Math.min(DEBOUNCE_MS, left)), () => this.#lookAtPaths());
  }

  /** Looks at what events were about. */
  #lookAtPaths(): void {
    const paths = [...this.#paths];
    const sinceMs = this.#noticedMs;
    this.#paths.clear();
    if (this.#building === null) {
      if (
        this.#isChanged(paths, this.#seen.files) ||
        (!paths.every((path) => this.#seen.files.has(path)) && this.#isOtherList())
      ) {
        this.#begin(sinceMs);
      } else if (this.#isOutputGone()) {
        // Whoever deletes a folder is let finish.
        this.#timers.again.start(LOOK_AGAIN_MS, () => this.#lookAtAll());
      }
      return;
    }
    this.#mindWorthless(paths);
    this.#timers.again.start(LOOK_AGAIN_MS, () => this.#lookAtAll());
  }

  /** Looks at everything: no event is relied upon alone. */
  #lookAtAll(): void {
    if (this.#building !== null) this.#mindWorthless(this.#atStart.keys());
    else if (this.#isStale()) this.#begin(performance.now());
  }

  /** Whether a build saw a change is known when it is over. One that takes long is not waited for. */
  #mindWorthless(paths: Iterable<string>): void {
    if (this.#timers.patience.isRunning || !this.#isChanged(paths, this.#atStart)) return;
    this.#timers.patience.start(PATIENCE_MS, () => void this.#bench.abandon());
  }

  /** True if anything is not as the last build saw it. */
  #isStale(): boolean {
    return this.#isChanged(this.#seen.files.keys(), this.#seen.files) || this.#isOtherList() || this.#isOutputGone();
  }

  #isOutputGone(): boolean {
    return this.#seen.outputs.some((path) => !existsSync(path));
  }

  #isChanged(paths: Iterable<string>, before: ReadonlyMap<string, string | null>): boolean {
    this.#hashes.renew();
    return [...paths].some((path) => before.has(path) && this.#hashes.hash(path) !== before.get(path));
  }

  #isOtherList(): boolean {
    const { root, globs } = this.#seen;
    return globs.some(({ query, files }) => !isSameList(projectFiles(root, query), files));
  }

  #begin(sinceMs: number): void {
    this.#request(sinceMs).catch((error: unknown) => this.#crash(error));
  }

  /** A build that begins from now on; if one is under way, another one follows it. */
  #request(sinceMs: number): Promise<void> {
    this.#dueMs ??= sinceMs;
    this.#building ??= this.#buildUntilCurrent();
    return this.#building;
  }

  async #buildUntilCurrent(): Promise<void> {
    try {
      // Who asks for a build has its answer in hand before anything is told.
      await Promise.resolve();
      while (this.#dueMs !== null && !this.#isClosed) {
        const sinceMs = this.#dueMs;
        this.#dueMs = null;
        await this.#buildOnce(sinceMs);
      }
    } finally {
      this.#building = null;
    }
  }

  async #buildOnce(sinceMs: number): Promise<void> {
    const { onStart, onReport } = this.#options;
    this.#timers.save.stop();
    this.#timers.again.start(LOOK_AGAIN_MS, () => this.#lookAtAll());
    onStart?.();
    await this.#warming;
    this.#bench.renew();
    this.#hashes.renew();
    this.#atStart = new Map([...this.#seen.files.keys()].map((file) => [file, this.#hashes.hash(file)]));
    const built = await this.#build();
    this.#timers.patience.stop();
    if (this.#isClosed) return;
    if (built !== null) this.#seen = this.#seenBy(built);
    if (built === null || this.#isStale()) this.#dueMs ??= sinceMs;
    else if (this.#dueMs === null) onReport(built.report, performance.now() - sinceMs);
    const { root, files, globs, outputs } = this.#seen;
    await this.#events.watch({
      root,
      files: new Set([...files.keys(), ...outputs]),
      globs: globs.map(({ query }) => query),
    });
    this.#timers.again.start(LOOK_AGAIN_MS, () => this.#lookAtAll());
    this.#timers.save.start(SAVE_MS, () => this.#bench.save());
    if (built !== null && this.#dueMs === null && this.#bench.loadedReader === null) this.#warming = this.#warm();
  }

  /** A build that found nothing changed has loaded nothing: the first save would wait for all of it. */
  async #warm(): Promise<void> {
    try {
      await warmUp(this.#bench, this.#options);
    } catch {
      // Workers were ended, or the next build meets the same and tells it.
    }
  }

  /** `null` if the build was given up. */
  async #build(): Promise<ObservedBuild | null> {
    try {
      return await buildOn(this.#bench, this.#options);
    } catch (error) {
      if (error instanceof Abandoned) return null;
      throw error;
    }
  }

  #seenBy({ root, files, globs, outputs, report }: ObservedBuild): Seen {
    const folder = root ?? resolve(this.#options.cwd);
    const seen = new Map(this.#naming(folder).map((file) => [file, this.#hashes.hash(file)]));
    for (const { file, sha256 } of files) seen.set(pathOf(folder, file), sha256);
    // What had to be ended did not tell what it imports.
    if (report.diagnostics.some(({ code }) => NOT_KEPT.has(code))) {
      for (const [file, sha256] of this.#atStart) if (!seen.has(file)) seen.set(file, sha256);
    }
    return { root: folder, files: seen, globs, outputs };
  }

  /** Files that decide which project it is. */
  #naming(root: string): readonly string[] {
    const { cwd, config } = this.#options;
    if (config !== null) return [resolve(cwd, config)];
    const folders: string[] = [];
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
      folders.push(folder);
      if (folder === root || folder === dirname(folder)) break;
    }
    return folders.flatMap((folder) => [join(folder, "package.json"), join(folder, CONFIG_NAME)]);
  }

  #crash(error: unknown): void {
    const { onCrash } = this.#options;
    if (onCrash === undefined) throw error;
    onCrash(error);
  }
}

/** At most one call that is put off. */
class Timer {
  #timeout: NodeJS.Timeout | null = null;

  get isRunning(): boolean {
    return this.#timeout !== null;
  }

  start(delayMs: number, act: () => void): void {
    this.stop();
    this.#timeout = setTimeout(() => {
      this.#timeout = null;
      act();
    }, delayMs);
  }

  stop(): void {
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#timeout = null;
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
