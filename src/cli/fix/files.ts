import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** A source as it is on disk. */
export interface SourceFile {
  /** Path of the file itself, links followed. */
  readonly path: string;
  readonly sha256: string;
  /** Its text, a mark at its beginning and its line ends included. */
  readonly text: string;
}

/** Where the sources of a project lie. */
export interface ProjectFolders {
  readonly root: string;
  /** Folder of outputs. */
  readonly outDir: string | null;
}

/**
 * One of a project's own sources, which may be edited; `null` for packages, outputs, generated files, declarations, what lies
 * outside of the project (also by a link), and what is no text.
 *
 * @param file as spans name it
 */
export function ownSource(file: string, { root, outDir }: ProjectFolders): SourceFile | null {
  if (isAbsolute(file) || file.includes("\0") || NOT_OWN.test(file) || !SOURCE.test(file)) return null;
  try {
    const path = realpathSync(resolve(root, file));
    const inside = nameInside(realpathSync(root), path);
    if (inside === null || NOT_OWN.test(inside)) return null;
    if (outDir !== null && nameInside(outDir, resolve(root, file)) !== null) return null;
    const bytes = readFileSync(path);
    const text = bytes.toString("utf8");
    // What is no UTF-8 would not come back as it was.
    return Buffer.from(text, "utf8").equals(bytes) ? { path, sha256: sha256Of(bytes), text } : null;
  } catch {
    return null;
  }
}

/**
 * Replaces the text of a source at once: whoever reads it finds the old text or the new one. False, and nothing is written,
 * if it is no more what was read.
 *
 * @throws the system's error if the folder can't be written
 */
export function replaceSource({ path, sha256 }: SourceFile, text: string): boolean {
  const temporary = `${path}.${process.pid}.assay-fix`;
  const { mode } = statSync(path);
  try {
    writeFileSync(temporary, text, { flag: "wx", mode });
    const file = openSync(temporary, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (sha256Of(readFileSync(path)) !== sha256) {
      rmSync(temporary, { force: true });
      return false;
    }
    renameSync(temporary, path);
    return true;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const NOT_OWN = /(?:^|[\\/])(?:node_modules|\.\.)(?:[\\/]|$)|\.gen\.[cm]?tsx?$|\.d\.[cm]?ts$/;
const SOURCE = /\.[cm]?tsx?$/;

function nameInside(folder: string, path: string): string | null {
  const name = relative(folder, path);
  return name === "" || name === ".." || name.startsWith(`..${sep}`) || isAbsolute(name) ? null : name;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
