import { type Check, failure, ok, type Said } from "./check.ts";
import type { Machine } from "./machine.ts";

/** The packages that read and transpile sources load and work, with their parts for this machine. */
export const nativeModules: Check = {
  name: "packages",
  about: "`ts-morph` and `oxc-transform` load and work, with their parts for this machine",
  ofProject: false,
  look: async ({ machine }) => [await tried("ts-morph", machine), await tried("oxc-transform", machine)],
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
    const cure =
      "delete `node_modules` and run `npm install` on this machine, without `--omit=optional`; if the lock file was made on another one, delete it, too";
    return failure(`\`${name}\` does not load on ${platform} ${arch}: ${reason}`, cure);
  }
}
