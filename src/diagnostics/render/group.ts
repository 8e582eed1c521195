import type { Diagnostic } from "../finding.ts";

/** One mistake, and all experiments that have it. */
export interface DiagnosticGroup {
  readonly diagnostic: Diagnostic;
  readonly experiments: readonly string[];
}

/** Joins diagnostics that are equal but for their experiment, in the order in which they first come. */
export function groupDiagnostics(diagnostics: readonly Diagnostic[]): readonly DiagnosticGroup[] {
  const groups = new Map<string, { diagnostic: Diagnostic; experiments: string[] }>();
  for (const diagnostic of diagnostics) {
    const { experiment, ...rest } = diagnostic;
    const key = JSON.stringify(rest);
    let group = groups.get(key);
    if (group === undefined) {
      group = { diagnostic, experiments: [] };
      groups.set(key, group);
    }
    if (experiment !== null && !group.experiments.includes(experiment)) group.experiments.push(experiment);
  }
  return [...groups.values()];
}
