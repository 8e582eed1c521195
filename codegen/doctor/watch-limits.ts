import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Check, ok, type Setup, warning } from "./check.ts";

const LIMIT = "/proc/sys/fs/inotify/max_user_watches";
/** Editors and other tools watch the same files: a project should need no more than this part of all watches. */
const OWN_PART = 0.5;
const USUAL_LIMIT = 524_288;
/** Not watched. */
const LEFT_OUT: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/** Linux bounds how many files one user may watch. */
export const watchLimits: Check = {
  name: "watching",
  about: "the system lets `assay build --watch` watch as many files as the project has",
  ofProject: true,
  look: (setup) => {
    const { machine } = setup;
    const limit = Number.parseInt(machine.systemFile(LIMIT) ?? "", 10);
    if (machine.platform !== "linux" || Number.isNaN(limit)) return [ok("the system tells no limit of watched files")];
    const most = Math.floor(limit * OWN_PART);
    const files = countFiles(setup, most);
    if (files <= most) return [ok(`the project has ${files} files and folders, and ${limit} may be watched`)];
    const target = Math.max(USUAL_LIMIT, limit * 2);
    return [
      warning(
        `the project has more than ${most} files and folders, and all programs together may watch ${limit}`,
        `raise the limit: \`sudo sysctl fs.inotify.max_user_watches=${target}\`, and in /etc/sysctl.d for good`,
      ),
    ];
  },
};

/** Files and folders of the project, counted until there are more than `most`. */
function countFiles({ root, config }: Setup, most: number): number {
  const out = join(root, config.out);
  const waiting = [root];
  let count = 0;
  for (let folder = waiting.pop(); folder !== undefined && count <= most; folder = waiting.pop()) {
    let entries;
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (LEFT_OUT.has(entry.name) || path === out) continue;
      count += 1;
      if (entry.isDirectory()) waiting.push(path);
    }
  }
  return count;
}
