import { UNUSED } from "../src/resolve/acknowledge.ts";
import type { ProjectConfig } from "./config.ts";

/** Codes whose warnings are errors in a project. */
export function raisedCodes({ severities }: Pick<ProjectConfig, "severities">): ReadonlySet<string> {
  return new Set(Object.keys(severities).filter((code) => severities[code] === "error"));
}

/** Those among them that a build by itself can be judged by: an acknowledgement may be used in another one. */
export function raisedInBuilds(config: Pick<ProjectConfig, "severities">): ReadonlySet<string> {
  const codes = new Set(raisedCodes(config));
  codes.delete(UNUSED);
  return codes;
}
