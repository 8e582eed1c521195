import type { Diagnostic, Span } from "../src/diagnostics/finding.ts";
import type { ProjectExperiment } from "./declare.ts";
import type { OverrideArgument } from "./evaluate/protocol.ts";
import { pointName } from "../src/manifest/point-name.ts";
import { outputName, type Sweep } from "./report.ts";
import type { ExperimentResult, Wanted } from "./results.ts";

/** Every point of a sweep over builds: in the order of the points, for each build. */
export function wantedPoints(
  builds: readonly { readonly experiment: ProjectExperiment; readonly presets: readonly (string | null)[] }[],
  { points }: Sweep,
): readonly Wanted[] {
  const named = points.map((overrides) => ({ overrides, point: pointName(overrides) }));
  return builds.flatMap(({ experiment, presets }) =>
    presets.flatMap((preset) => named.map((point): Wanted => ({ experiment, presets: [preset], ...point }))),
  );
}

/** A bare experiment that lacks values is built in its presets only, in a sweep as elsewhere: it has no points then. */
export function withoutBare(results: readonly ExperimentResult[]): readonly ExperimentResult[] {
  const lacks = ({ presets, builds }: ExperimentResult) => presets[0] === null && builds[0]?.status === "needs";
  const inPresets = new Set(results.filter((result) => !lacks(result)).map(({ experiment }) => experiment));
  return results.filter((result) => result.point === null || !lacks(result) || !inPresets.has(result.experiment));
}

/**
 * Where values have errors that their argument would not have as one value, says so: then its commas were not meant to
 * separate. Each such argument is tried once.
 * @param probe evaluates something else than the points.
 */
export async function withUnsplitHelp(
  diagnostics: readonly Diagnostic[],
  results: readonly ExperimentResult[],
  { unsplit }: Sweep,
  probe: (wanted: Wanted) => Promise<ExperimentResult>,
): Promise<readonly Diagnostic[]> {
  let helped = diagnostics;
  for (const argument of unsplit) {
    const isItsError = ({ severity, primary }: Diagnostic) => severity === "error" && isInside(primary, argument.span);
    const failed = results.find((result) => result.diagnostics.some(isItsError));
    if (failed === undefined) continue;
    const tried = await probe({ ...failed, overrides: failed.overrides.map((one) => replaced(one, argument)) });
    if (tried.diagnostics.some(isItsError)) continue;
    const name = outputName(failed.experiment.declared.name, failed.presets[0] ?? null);
    const values = failed.overrides.length === 1 ? "" : " (with the other values as they are)";
    const help = `quote it if it is one value, which \`${name}\` takes${values}: ${quoted(argument)}`;
    helped = helped.map((diagnostic) => (isItsError(diagnostic) ? { ...diagnostic, help } : diagnostic));
  }
  return helped;
}

function replaced(override: OverrideArgument, argument: OverrideArgument): OverrideArgument {
  return override.path === argument.path ? argument : override;
}

/** As a shell takes it. */
function quoted({ path, value }: OverrideArgument): string {
  return `${path}='${JSON.stringify(value).replaceAll("'", String.raw`'\''`)}'`;
}

function isInside(span: Span | null, around: Span): boolean {
  return (
    span !== null &&
    span.file === around.file &&
    span.line === around.line &&
    span.column >= around.column &&
    span.column + span.length <= around.column + around.length
  );
}
