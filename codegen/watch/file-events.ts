import { dirname, join, resolve, sep } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import type { FilePatterns } from "../project-files.ts";

/** What is watched. Paths are absolute. */
export interface WatchedFiles {
  /** Folder of the project. */
  readonly root: string;
  /** Single files, those that are not there yet, too. */
  readonly files: ReadonlySet<string>;
  /** Files that may appear. */
  readonly globs: readonly FilePatterns[];
}

/** Events of a file system about files that are watched. */
export interface FileEvents {
  /** Watches these from now on; resolves when all of them are looked at. */
  watch(files: WatchedFiles): Promise<void>;
  close(): Promise<void>;
}

/** Systems limit how much a process may watch; beyond that, files are looked at every so often. */
const EXHAUSTED = new Set(["ENOSPC", "EMFILE", "ENFILE"]);
const POLL_MS = 300;

/**
 * Opens a watch. `onEvent` is told the path of whatever seems to have appeared, changed or gone.
 * @param watchPaths what the system tells of files: tests hand in one that has come to its limits.
 */
export function openFileEvents(onEvent: (path: string) => void, watchPaths: typeof watch = watch): FileEvents {
  let scope = scopeOf({ root: sep, files: new Set(), globs: [] });
  let usePolling = false;
  let folders = new Set<string>();
  let isClosed = false;
  let becomeReady = (): void => undefined;
  // One that is closed before it is ready never gets there, and one that polls gets there in the place of the first.
  const ready = new Promise<void>((done) => (becomeReady = done));
  let watcher = open();

  function open(): FSWatcher {
    const opened = watchPaths([], {
      ignored: (path) => !scope.isInside(resolve(path)),
      ignoreInitial: true,
      ignorePermissionErrors: true,
      usePolling,
      interval: POLL_MS,
    });
    opened.on("all", (_event, path) => onEvent(resolve(path)));
    opened.on("ready", () => {
      if (opened === watcher) becomeReady();
    });
    opened.on("error", (error) => {
      if (usePolling || isClosed || !EXHAUSTED.has((error as NodeJS.ErrnoException).code ?? "")) return;
      usePolling = true;
      void opened.close();
      watcher = open();
      const again = [...folders];
      watcher.add(again);
    });
    return opened;
  }

  return {
    async watch(files) {
      if (isClosed) return;
      const next = scopeOf(files);
      const fresh = [...next.folders].filter((folder) => !folders.has(folder));
      scope = next;
      folders = new Set([...folders, ...next.folders]);
      if (fresh.length === 0) return;
      watcher.add(fresh);
      await ready;
    },
    close() {
      isClosed = true;
      becomeReady();
      return watcher.close();
    },
  };
}

interface Scope {
  /** Folders to be watched, so that files in them may come and go. */
  readonly folders: ReadonlySet<string>;
  isInside(path: string): boolean;
}

/** Which paths matter for what is watched. */
function scopeOf({ root, files, globs }: WatchedFiles): Scope {
  const bases = globs.flatMap(({ patterns, out }) =>
    patterns.flatMap((pattern) =>
      pattern.startsWith("!") ? [] : [{ base: join(root, baseOf(pattern)), out: join(root, out) }],
    ),
  );
  const folders = new Set<string>();
  // A folder that is removed and made anew is seen from the one around it only.
  const above = dirname(root);
  for (const path of [...files, ...bases.map(({ base }) => join(base, "*"))]) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      folders.add(folder);
      if (!isWithin(folder, root) || folder === above || folder === dirname(folder)) break;
    }
  }
  return {
    folders,
    isInside: (path) =>
      files.has(path) ||
      folders.has(path) ||
      bases.some(
        ({ base, out }) =>
          isWithin(path, base) && !isWithin(path, out) && !/[/\\](?:node_modules|\.git)(?:[/\\]|$)/.test(path),
      ),
  };
}

/** True for a folder itself and all that is in it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The folders in front of a pattern's first special character. */
function baseOf(pattern: string): string {
  const segments = pattern.split("/");
  const special = segments.findIndex((segment) => /[*?[\]{}()!+@]/.test(segment));
  return segments.slice(0, special < 0 ? segments.length - 1 : special).join("/");
}
