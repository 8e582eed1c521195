import {
  type Dirent,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";

/** Kind of an entry of a folder, links not followed. */
export type PathKind = "file" | "folder" | "link" | "other";

/** What is known of a path without following it. */
export interface PathFacts {
  readonly kind: PathKind;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * The file system as far as outputs need it; tests kill the process between any two of these. All throw Node's system
 * errors, unless the name says otherwise.
 */
export interface FileOperations {
  makeFolder(path: string): void;
  /** Writes a file that must not be there yet. */
  writeNew(path: string, content: string | Uint8Array, mode: number): void;
  /** Makes a second name of the same file. */
  link(from: string, to: string): void;
  symlink(target: string, path: string): void;
  /** Replaces `to` if it is there. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  removeFolder(path: string): void;
  /** Sets the time of the last change to now. */
  touch(path: string): void;
  read(path: string): Buffer;
  /** Entries of a folder, by name; none if it is not there. */
  list(path: string): ReadonlyMap<string, PathKind>;
  /** Target of a symbolic link; `null` if there is no such link. */
  readLinkOrNull(path: string): string | null;
  factsOrNull(path: string): PathFacts | null;
}

/** The real file system. */
export const fileOperations: FileOperations = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  writeNew: (path, content, mode) => writeFileSync(path, content, { flag: "wx", mode }),
  link: linkSync,
  symlink: (target, path) => symlinkSync(target, path),
  rename: renameSync,
  unlink: unlinkSync,
  removeFolder: (path) => rmSync(path, { recursive: true, force: true }),
  touch: (path) => {
    const now = Date.now() / 1000;
    utimesSync(path, now, now);
  },
  read: (path) => readFileSync(path),
  list: (path) =>
    absentAs(
      new Map(),
      () => new Map(readdirSync(path, { withFileTypes: true }).map((one) => [one.name, kindOf(one)])),
    ),
  readLinkOrNull: (path) => absentAs(null, () => readlinkSync(path)),
  factsOrNull: (path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return { kind: kindOf(stats), size: stats.size, mtimeMs: stats.mtimeMs };
  },
};

function kindOf(entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">): PathKind {
  if (entry.isSymbolicLink()) return "link";
  if (entry.isDirectory()) return "folder";
  return entry.isFile() ? "file" : "other";
}

/** The system's code of an error (`ENOENT`, ...), if it has one. */
export function systemCode(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? null;
}

/** Runs `act`; a path that is not there, or is something else than expected, gives `fallback`. */
export function absentAs<T>(fallback: T, act: () => T): T {
  try {
    return act();
  } catch (error) {
    // EINVAL: `readlink` of what is no link.
    if (["ENOENT", "ENOTDIR", "EINVAL"].includes(systemCode(error) ?? "")) return fallback;
    throw error;
  }
}
