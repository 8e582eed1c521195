import type { JsonObject } from "type-fest";
import type { BuildIndex, IndexedBuild, IndexedExperiment } from "../../codegen/report.ts";
import { hasErrors } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { buildName } from "./build-name.ts";
import { type Context, reportAside, reportFindings } from "./context.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { nowhere } from "./places.ts";
import type { Outputs } from "./tools.ts";

/** Outputs that are there. */
export type LastOutputs = Outputs & { readonly index: BuildIndex };

/** One build of the index, with the experiment that it is of. */
export interface FoundBuild {
  readonly experiment: IndexedExperiment;
  readonly build: IndexedBuild;
  /** If it is a point of a sweep: the values that it sets. */
  readonly overrides: JsonObject | null;
}

/** Reads what the last build left; `null` after saying why there is nothing. */
export async function lastOutputs(context: Context, name: string | null): Promise<LastOutputs | null> {
  const { tools, host, settings } = context;
  const outputs = await tools.outputs({ cwd: host.cwd, config: settings.config }, (file) => belongsTo(file, name));
  reportAside(context, outputs.diagnostics, outputs.root);
  const { index, outDir } = outputs;
  if (index !== null) return { ...outputs, index };
  if (!hasErrors(outputs.diagnostics)) {
    const folder = outDir ?? host.cwd;
    reportFindings(context, [cliDiagnostics["no-outputs"]({ folder }, { at: nowhere("no build wrote them") })]);
  }
  return null;
}

/** Manifest and spans of a build, and those of its bare experiment. */
function belongsTo(file: string, name: string | null): boolean {
  if (name === null) return false;
  const bare = name.split(".", 1)[0] ?? name;
  return [`${name}.manifest.json`, `${name}.spans.json`, `${bare}.spans.json`].includes(file);
}

/** The build with this name in the index. */
export function findBuild({ experiments }: BuildIndex, name: string): FoundBuild | null {
  for (const experiment of experiments) {
    const build = experiment.builds.find(({ preset }) => buildName(experiment.name, preset) === name);
    if (build !== undefined) return { experiment, build, overrides: null };
    const point = experiment.points?.find((one) => buildName(experiment.name, one.preset, one.point) === name);
    if (point !== undefined) return { experiment, build: point, overrides: point.overrides };
  }
  return null;
}

/** Says that a build is not among the outputs. */
export function reportNotBuilt(context: Context, name: string, { experiments }: BuildIndex): void {
  const found = findBuild({ assayIndex: 1, experiments }, name);
  const known = experiments.flatMap((experiment) => [
    ...experiment.builds.map(({ preset }) => buildName(experiment.name, preset)),
    ...(experiment.points ?? []).map(({ preset, point }) => buildName(experiment.name, preset, point)),
  ]);
  const status = found === null ? "" : statusText(found.build);
  const help = found === null ? didYouMean(name, known) : "run `assay check` to see why";
  const at = context.commandLine.placeOf(name);
  reportFindings(context, [cliDiagnostics["not-built"]({ name, status }, help === undefined ? { at } : { at, help })]);
}

function statusText({ status, needs }: IndexedBuild): string {
  return status === "needs" ? `it needs values for ${needs.join(", ")}` : "it has errors";
}
