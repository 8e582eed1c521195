import { readFileSync } from "node:fs";
import { callSites } from "../origin/call-site.ts";
import { currentRealm, lookUpInputs } from "../realm/realm.ts";

/**
 * Text of a file that the config declares under `inputs`. While experiments are built, the path is relative to the project's
 * folder, and no other file is read; in a program it is relative to the working directory.
 * @diagnostic evaluate/undeclared-input
 * @example const mixture = JSON.parse(readInput("data/mixture.json"));
 */
export function readInput(path: string): string {
  const read = lookUpInputs(currentRealm());
  return read === null ? readFileSync(path, "utf8") : read(path, callSites(readInput));
}
