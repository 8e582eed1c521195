import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/**
 * Path of a folder below the top of the git repository that it is in, POSIX; empty at the top itself and outside of any
 * repository. GitHub reads workflows at the top only.
 */
export function pathInRepository(root: string): string {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    // A file in a worktree or a submodule.
    if (existsSync(join(folder, ".git"))) return relative(folder, resolve(root)).split(sep).join("/");
    if (folder === dirname(folder)) return "";
  }
}
