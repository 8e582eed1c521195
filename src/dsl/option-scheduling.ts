import { withOrigin } from "../origin/call-site.ts";
import type { Scheduling } from "../spec/scheduling.ts";

/** A scheduling whose values are those of options, by field; those of every worker have their option's name. */
export function fromOptions(
  made: Scheduling,
  fieldOptions: Readonly<Partial<Record<keyof Scheduling, string>>> = {},
): Scheduling {
  const shared = { nodelist: "nodelist", exclude: "exclude", envVars: "envVars" };
  return withOrigin({ ...made }, { frames: [], fieldOptions: { ...shared, ...fieldOptions } });
}
