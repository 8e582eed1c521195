import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemCode } from "../write/operations.ts";

/** A file to make; one that `replaces` takes the place of what is there. */
export interface FileToMake {
  /** Relative to the folder, POSIX. */
  readonly file: string;
  readonly text: string;
  readonly replaces: boolean;
}

/** Why files were not made. */
export interface NotMade {
  /** The path that could not be made, relative to the folder; empty for the folder itself. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Makes all files, or none: what was made before something fails is removed again, with the folders that it needed. A new
 * file never takes the place of another one. Files that replace come last, by a rename each.
 * @returns `null` if all were made.
 */
export function makeFiles(root: string, files: readonly FileToMake[]): NotMade | null {
  const undo: (() => void)[] = [];
  let path = "";
  try {
    makeFolder(root, undo);
    const sorted = [...files].sort((a, b) => Number(a.replaces) - Number(b.replaces));
    for (const { file, text, replaces } of sorted) {
      path = file;
      const target = join(root, file);
      makeFolder(dirname(target), undo);
      const written = replaces ? `${target}.${randomBytes(4).toString("hex")}.tmp` : target;
      writeFileSync(written, "", { flag: "wx" });
      undo.push(() => unlinkSync(written));
      writeFileSync(written, text);
      if (!replaces) continue;
      renameSync(written, target);
      undo.pop();
    }
    return null;
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    for (const step of undo.reverse()) step();
    return { path, reason: systemReason(error) };
  }
}

/** What the system says of an error, without the path: `EACCES: permission denied`. */
export function systemReason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+( '.*)?$/s, "") : String(error);
}

function makeFolder(folder: string, undo: (() => void)[]): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
}
