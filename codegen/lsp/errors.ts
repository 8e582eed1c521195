import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import { outputName } from "../report.ts";

/** How many errors keep a build from being proved: its own or else those of its experiment, or of the project as a whole. */
export function errorsOf(diagnostics: readonly Diagnostic[], experiment: string, preset: string | null): number {
  const count = (about: string | null) =>
    diagnostics.filter((one) => one.severity === "error" && one.experiment === about).length;
  return count(outputName(experiment, preset)) || count(experiment) || count(null);
}
