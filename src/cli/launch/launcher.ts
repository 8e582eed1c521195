import { readFileSync } from "node:fs";
import { AssayError } from "../../diagnostics/assay-error.ts";
import { loadLauncher } from "../../dsl/load-launcher.ts";
import { launchDiagnostics } from "../../launch/diagnostics.ts";
import type { LauncherChoice, RunRecord } from "../../launch/record.ts";
import { asLaunchError } from "../../launch/watch.ts";
import { readManifest } from "../../manifest/read.ts";
import type { Launcher } from "../../plugin/launcher.ts";
import type { ClusterSpec } from "../../spec/cluster.ts";
import type { Context } from "../context.ts";
import { nowhere } from "../places.ts";

/** The launcher that is there without any config. */
export const LOCAL: LauncherChoice = { name: "local", type: "local", args: {}, package: "assay" };

/** Makes a launcher. @throws {AssayError} `launch/launcher-failed` if its package does not load */
export async function makeLauncher(
  context: Context,
  root: string,
  choice: LauncherChoice,
  cluster: ClusterSpec,
): Promise<Launcher> {
  try {
    await context.tools.loadPlugin(root, choice.package);
    return loadLauncher({ type: choice.type, args: choice.args }, cluster);
  } catch (error) {
    const problem = `${choice.package} can't be loaded: ${error instanceof Error ? error.message : String(error)}`;
    throw launcherFailed(choice.name, problem);
  }
}

/** The launcher of a run that is on disk. */
export function launcherOf(context: Context, root: string, { launcher, manifest }: RunRecord): Promise<Launcher> {
  const { cluster } = readManifest(readFileSync(manifest.file, "utf8")).authored;
  return makeLauncher(context, root, launcher, cluster);
}

/** Runs what asks a launcher; what it can't do becomes a diagnostic. @throws {AssayError} `launch/refused`, `launch/launcher-failed` */
export async function asking<T>({ name }: LauncherChoice, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const told = asLaunchError(error);
    if (told === null) throw error;
    if (told.problem !== "request") throw launcherFailed(name, told.message);
    const data = { launcher: name, problem: told.message };
    throw new AssayError([launchDiagnostics.refused(data, { at: nowhere("the launcher found it") })]);
  }
}

function launcherFailed(launcher: string, problem: string): AssayError {
  const at = nowhere("the launcher said it");
  return new AssayError([launchDiagnostics["launcher-failed"]({ launcher, problem }, { at })]);
}
