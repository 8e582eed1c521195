import { REINSTALL } from "../../src/diagnostics/missing-package.ts";
import { type Check, failure, ok, type Said } from "./check.ts";
import type { Machine } from "./machine.ts";
import { missingPackages, missingRow } from "./needed-packages.ts";

/** What Assay needs is installed; what reads and transpiles sources loads and works, with its parts for this machine. */
export const nativeModules: Check = {
  name: "packages",
  about: "all packages that Assay needs are installed; `ts-morph` and `oxc-transform` work on this machine",
  ofProject: false,
  look: async ({ machine, library }) => [
    ...missingPackages(library.root)
      .filter((name) => !Object.hasOwn(machine.tries, name))
      .map((name) => missingRow(name)),
    await tried("ts-morph", machine),
    await tried("oxc-transform", machine),
  ],
};

/** True if a package loads and works. */
export async function works(name: keyof Machine["tries"], { tries }: Machine): Promise<boolean> {
  try {
    await tries[name]();
    return true;
  } catch {
    return false;
  }
}

async function tried(name: keyof Machine["tries"], { tries, platform, arch }: Machine): Promise<Said> {
  try {
    await tries[name]();
    return ok(`\`${name}\` works on ${platform} ${arch}`);
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    // An installation that was copied from another machine, or made without optional packages, lacks the native part.
    return failure(`\`${name}\` does not load on ${platform} ${arch}: ${reason}`, REINSTALL);
  }
}
