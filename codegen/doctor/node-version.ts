import { type Check, failure, ok } from "./check.ts";
import { isInRange } from "./version-range.ts";

/** The version of Node against what the package admits. */
export const nodeVersion: Check = {
  name: "node",
  about: "the version of Node is one that Assay runs on",
  ofProject: false,
  look: ({ machine, library }) => {
    const text = `Node ${machine.nodeVersion}; Assay ${library.version} needs ${library.engines}`;
    if (isInRange(machine.nodeVersion, library.engines) === true) return [ok(text)];
    return [failure(text, "install a newer Node, such as the current long-term version (https://nodejs.org)")];
  },
};
