import type { Diagnostic, Span } from "../src/diagnostics/finding.ts";
import { UNUSED } from "../src/resolve/acknowledge.ts";
import type { ProjectExperiment } from "./declare.ts";
import { outputName } from "./report.ts";
import type { ExperimentResult } from "./results.ts";

/**
 * Diagnostics with what only all builds together can tell of acknowledgements: one is unused if it matches nothing in any build
 * of any experiment that has it. Each build says so for itself; here it is told once, or, where a build that has it failed, was
 * not looked at, or was given other values than its source's, not at all.
 */
export function judgeAcknowledgements(
  results: readonly ExperimentResult[],
  experiments: readonly ProjectExperiment[],
): readonly Diagnostic[] {
  const whole = new Map(
    results.flatMap((result) => (isLookedAtWhole(result) ? [[result.experiment, result] as const] : [])),
  );
  const isUnusedIn = (experiment: ProjectExperiment, code: string): boolean => {
    const result = whole.get(experiment);
    if (result === undefined) return false;
    const saying = new Set(result.diagnostics.filter((one) => isUnused(one, code)).map((one) => one.experiment));
    return result.builds.every(
      ({ preset, status }) => status === "needs" || saying.has(outputName(experiment.declared.name, preset)),
    );
  };
  return results.flatMap((result) => {
    const told = new Set<string>();
    return result.diagnostics.flatMap((diagnostic): readonly Diagnostic[] => {
      if (!isUnused(diagnostic)) return [diagnostic];
      const code = String(diagnostic.data["acknowledged"]);
      const { experiment } = result;
      const owners = [experiment, ...sharing(experiment, code, experiments)];
      if (told.has(code) || !owners.every((owner) => isUnusedIn(owner, code))) return [];
      told.add(code);
      return [{ ...diagnostic, experiment: experiment.declared.name }];
    });
  });
}

/** True if every build of an experiment was looked at as its source has it, and none failed: errors may hide warnings. */
function isLookedAtWhole({ experiment, presets, overrides, point, builds }: ExperimentResult): boolean {
  return (
    point === null &&
    overrides.length === 0 &&
    presets.length === experiment.presets.length + 1 &&
    builds.length === presets.length &&
    builds.every(({ status }) => status !== "failed")
  );
}

function isUnused({ code, data }: Diagnostic, acknowledged?: string): boolean {
  return code === UNUSED && (acknowledged === undefined || data["acknowledged"] === acknowledged);
}

/** Other experiments that have the same acknowledgement, by a base that they share. */
function sharing(
  experiment: ProjectExperiment,
  code: string,
  experiments: readonly ProjectExperiment[],
): readonly ProjectExperiment[] {
  const placeIn = ({ acknowledgements }: ProjectExperiment): Span | undefined =>
    acknowledgements.find((one) => one.code === code)?.span;
  const own = placeIn(experiment);
  if (own === undefined) return [];
  return experiments.filter((other) => {
    const place = other === experiment ? undefined : placeIn(other);
    return place !== undefined && place.file === own.file && place.line === own.line && place.column === own.column;
  });
}
