import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { outputsOfOneBuild } from "../../codes/outputs.ts";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

/** A program that reads a manifest; what it throws is told by `run.mjs`. */
export default {
  before: outputsOfOneBuild(),
  codes: async ({ root }) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["run.mjs"], { cwd: root });
    return stdout.split("\n").filter((code) => code !== "");
  },
} satisfies ProjectScaffold;
