import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { TemporaryProject } from "../../compiled-build.ts";

/** Moves the folders of `packages` to `node_modules`, which no scaffold can have: a checkout holds none. */
export function installPackages({ root }: TemporaryProject): void {
  const packages = join(root, "packages");
  for (const name of readdirSync(packages)) renameSync(join(packages, name), join(root, "node_modules", name));
}
