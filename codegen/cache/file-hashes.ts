import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** What is known of a file from an earlier run. */
export interface HashRow {
  /** Size, times and inode: if any differs, the file is read again. */
  readonly stat: string;
  /** Last change of content or inode, by the file system's clock. */
  readonly changedAtMs: number;
  /** When reading began, by ours. */
  readonly readAtMs: number;
  readonly sha256: string;
}

/** Contents of files, read only if they may have changed since a hash was recorded. */
export interface FileHashes {
  /** SHA-256 (hex) of a file's bytes; `null` if there is no such file. The first answer stays: one build sees one state. */
  hash(file: string): string | null;
  /** Begins another run: every file is looked at anew. */
  renew(): void;
  /** Rows of the files asked for in this run. */
  readonly seen: ReadonlyMap<string, HashRow>;
  /** True if a row is new or differs from the recorded one. */
  readonly isDirty: boolean;
  /** Notes that all rows are recorded. */
  saved(): void;
  /** Number of files that were read. */
  readonly reads: number;
}

/**
 * A change within this time of a reading may leave size and times as they were: file systems count in steps, up to two
 * seconds long.
 */
const RACY_MS = 2000;

/** Opens the table. Files are project-relative POSIX paths; `nowMs` is the clock. Rows of runs that are over go to `recorded`. */
export function fileHashes(root: string, recorded: Map<string, HashRow>, nowMs: () => number): FileHashes {
  const answers = new Map<string, string | null>();
  const seen = new Map<string, HashRow>();
  let isDirty = false;
  let reads = 0;
  const look = (file: string): string | null => {
    const path = pathOf(root, file);
    const stats = statOrNull(path);
    if (stats === null || !stats.isFile()) return null;
    const stat = `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`;
    const row = recorded.get(file);
    if (row !== undefined && row.stat === stat && row.changedAtMs < row.readAtMs - RACY_MS) {
      seen.set(file, row);
      return row.sha256;
    }
    const readAtMs = nowMs();
    const sha256 = hashOfFile(path, stats.size);
    reads += 1;
    if (sha256 === null) return null;
    const changedAtMs = Math.max(Number(stats.mtimeMs), Number(stats.ctimeMs));
    seen.set(file, { stat, changedAtMs, readAtMs, sha256 });
    isDirty = true;
    return sha256;
  };
  return {
    hash(file) {
      const known = answers.get(file);
      if (known !== undefined) return known;
      const answer = look(file);
      answers.set(file, answer);
      return answer;
    },
    renew() {
      for (const [file, row] of seen) recorded.set(file, row);
      seen.clear();
      answers.clear();
    },
    saved() {
      isDirty = false;
    },
    seen,
    get isDirty() {
      return isDirty;
    },
    get reads() {
      return reads;
    },
  };
}

/** Project-relative POSIX path of an absolute one; others come back as they are. */
export function projectName(root: string, path: string): string {
  return isAbsolute(path) ? relative(root, path).split(sep).join("/") : path;
}

/**
 * Absolute path of a file as builds name it. Packages may lie in a folder above the project (a workspace); their modules are
 * named from `node_modules` on.
 */
export function pathOf(root: string, file: string): string {
  const own = resolve(root, file);
  if (!file.startsWith("node_modules/")) return own;
  for (let folder = root; ; folder = dirname(folder)) {
    const path = join(folder, file);
    if (statOrNull(path) !== null) return path;
    if (dirname(folder) === folder) return own;
  }
}

/** `null` for what is not there, also because a folder on the way is none, or can't be looked into. */
function statOrNull(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

const LARGE_BYTES = 16n * 1024n * 1024n;
const CHUNK_BYTES = 1024 * 1024;

function hashOfFile(path: string, size: bigint): string | null {
  try {
    const hash = createHash("sha256");
    if (size <= LARGE_BYTES) return hash.update(readFileSync(path)).digest("hex");
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const file = openSync(path, "r");
    try {
      for (let length = 0; (length = readSync(file, chunk, 0, CHUNK_BYTES, null)) > 0;) {
        hash.update(chunk.subarray(0, length));
      }
    } finally {
      closeSync(file);
    }
    return hash.digest("hex");
  } catch {
    // It vanished, or can't be read: whoever needs it will say so.
    return null;
  }
}
