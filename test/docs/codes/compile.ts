import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../../compiled-build.ts";
import type { Example } from "./pages.ts";
import { moduleProject } from "./run.ts";

/** What the compiler says of examples that are modules: nothing, if they have no errors of types. */
export async function compileModules(examples: readonly Example[]): Promise<string> {
  const project = await moduleProject(examples);
  try {
    const types = join("node_modules", "@types");
    symlinkSync(join(CHECKOUT, types), join(project.root, types), "dir");
    const tsc = join(CHECKOUT, "node_modules", "typescript", "bin", "tsc");
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", project.root], { encoding: "utf8" });
    return stdout + stderr;
  } finally {
    project.remove();
  }
}
