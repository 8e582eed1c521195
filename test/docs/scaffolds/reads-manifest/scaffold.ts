import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compiledBuild } from "../../../compiled-build.ts";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

/** A program that reads a manifest; what it throws is told by `run.mjs`. */
export default {
  before: async ({ root }) => {
    await compiledBuild(root, { write: true });
  },
  codes: async ({ root }) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["run.mjs"], { cwd: root });
    return stdout.split("\n").filter((code) => code !== "");
  },
} satisfies ProjectScaffold;
