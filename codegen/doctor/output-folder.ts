import { existsSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemReason } from "../init/make-files.ts";
import { SETS } from "../write/layout.ts";
import { systemCode } from "../write/operations.ts";
import { type Check, failure, ok, type Said } from "./check.ts";

/** A build writes a folder of its own and switches a link: that must work where the outputs go. */
export const outputFolder: Check = {
  name: "output",
  about: "the output folder can be written to, has links, and is one file system; it is not inside of `node_modules`",
  ofProject: true,
  look: ({ root, config: { out } }) => {
    if (join(root, out).split(/[/\\]/).includes("node_modules")) {
      return [failure(`\`${out}\` is inside of \`node_modules\`, which installing empties`, OTHER_FOLDER)];
    }
    return [tried(root, out)];
  },
};

const OTHER_FOLDER = "set another folder as `out` in the config";

/** Does what a build does, with names that no build uses, and takes it away again. */
function tried(root: string, out: string): Said {
  const folder = nearest(join(root, out));
  const sets = existsSync(join(root, out, SETS)) ? join(root, out, SETS) : folder;
  if (!statSync(folder).isDirectory()) return failure(`\`${out}\` is a file`, OTHER_FOLDER);
  const made: string[] = [];
  let step: keyof typeof FAILED = "write";
  try {
    const [from, to] = [sets, folder].map((place) => {
      const temporary = mkdtempSync(join(place, ".doctor-"));
      made.push(temporary);
      return join(temporary, "link");
    }) as [string, string];
    step = "link";
    symlinkSync("nowhere", from);
    step = "switch";
    renameSync(from, to);
    return ok(`\`${out}\` can be written to, and switched in one step`);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return FAILED[step](out, systemReason(error));
  } finally {
    for (const temporary of made) rmSync(temporary, { recursive: true, force: true });
  }
}

/** What is wrong if a step fails. */
const FAILED = {
  write: (out: string, reason: string) =>
    failure(`\`${out}\` can't be written to: ${reason}`, `make the folder writable, or ${OTHER_FOLDER}`),
  link: (out: string, reason: string) =>
    failure(`the file system of \`${out}\` has no symbolic links: ${reason}`, OTHER_FOLDER),
  switch: (out: string, reason: string) =>
    failure(
      `outputs can't be switched in one step: from \`${out}/${SETS}\` to \`${out}\` no rename leads: ${reason}`,
      `take the mount away, or mount all of \`${out}\`; or ${OTHER_FOLDER}`,
    ),
} as const;

/** The folder itself, or the nearest around it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
