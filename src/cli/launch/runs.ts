import { join } from "node:path";
import { AssayError } from "../../diagnostics/assay-error.ts";
import { hasErrors } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { launchDiagnostics } from "../../launch/diagnostics.ts";
import { type RunRecord, runName } from "../../launch/record.ts";
import { RUNS, RunStore } from "../../launch/store.ts";
import { type Context, reportAside } from "../context.ts";
import { nowhere } from "../places.ts";

/** A project's runs, and where the project is. */
export interface ProjectRuns {
  readonly root: string;
  readonly store: RunStore;
}

/** The runs of the project that the command stands in; `null` after saying why there is none. */
export async function projectRuns(context: Context): Promise<ProjectRuns | null> {
  const { tools, host, settings } = context;
  const { root, outDir, diagnostics } = await tools.folders({ cwd: host.cwd, config: settings.config });
  reportAside(context, diagnostics, root);
  if (root === null || outDir === null || hasErrors(diagnostics)) return null;
  return { root, store: new RunStore(join(outDir, RUNS)) };
}

/**
 * The run that is meant: `experiment/trial`, the latest of an experiment, or the latest of all.
 * @throws {AssayError} `launch/no-such-run`
 */
export function findRun(context: Context, store: RunStore, named: string | undefined): RunRecord {
  const runs = store.list();
  const found = runs.find((run) => named === undefined || runName(run) === named || run.experiment === named);
  if (found !== undefined) return found;
  const run = named ?? "";
  const at = named === undefined ? nowhere("no command has started one") : context.commandLine.placeOf(named);
  const near = didYouMean(run, runs.map(runName));
  const help = runs.length === 0 ? "start one by `assay run`" : near;
  throw new AssayError([launchDiagnostics["no-such-run"]({ run }, help === undefined ? { at } : { at, help })]);
}
