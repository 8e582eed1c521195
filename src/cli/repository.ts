import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import type { Host } from "./host.ts";

/**
 * The folder that services name files from: what GitHub Actions checked out, else the repository around the working folder. Where
 * there is none it is the working folder itself.
 */
export function repositoryRoot({ cwd, env }: Pick<Host, "cwd" | "env">): string {
  const workspace = env["GITHUB_WORKSPACE"];
  if (workspace !== undefined && isAbsolute(workspace) && isInside(cwd, workspace)) return workspace;
  for (let folder = cwd; ; folder = dirname(folder)) {
    // A worktree and a submodule have a file of that name.
    if (existsSync(join(folder, ".git"))) return folder;
    if (folder === dirname(folder)) return cwd;
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[\\/]/, 1)[0] !== "..";
}
