import { printable } from "../../diagnostics/render/text-width.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { workerText } from "../../launch/record.ts";
import type { LogLine, LogOptions } from "../../plugin/launcher.ts";
import { type Command, type Context, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT } from "../exit-code.ts";
import { asking, launcherOf } from "../launch/launcher.ts";
import { findRun, projectRuns } from "../launch/runs.ts";
import { handleOf } from "../launch/state.ts";

/** Prints what workers of a run printed. */
export const logs: Command = async (context, [name], own) => {
  const runs = await projectRuns(context);
  if (runs === null) return EXIT.errors;
  const record = findRun(context, runs.store, name);
  const { attempts } = record;
  const asked = own["attempt"] === undefined ? attempts.at(-1)?.attempt : Number(own["attempt"]);
  const attempt = attempts.find((one) => one.attempt === asked);
  if (attempt === undefined) {
    const problem = `the run has no attempt \`${String(own["attempt"] ?? "")}\``;
    reportFindings(context, [cliDiagnostics.usage({ problem }, { at: context.commandLine.placeOf("--attempt") })]);
    return EXIT.usage;
  }
  const worker = workerOf(own["worker"]);
  if (worker === null) {
    const problem = "`--worker` takes a group, such as modelWorker, or one worker, such as modelWorker.3";
    reportFindings(context, [cliDiagnostics.usage({ problem }, { at: context.commandLine.placeOf("--worker") })]);
    return EXIT.usage;
  }
  const launcher = await launcherOf(context, runs.root, record);
  const handle = await asking(record.launcher, () => handleOf(launcher, record, attempt));
  if (handle === null) return EXIT.fine;
  const stop = new AbortController();
  const follow = own["follow"] === true;
  if (follow) void context.host.interrupted().then(() => stop.abort());
  await asking(record.launcher, async () => {
    for await (const line of launcher.logs(handle, { ...worker, follow, signal: stop.signal }))
      printLine(context, line);
  });
  return EXIT.fine;
};

/** A line of a worker, behind its name; with `--json`, as a line of JSON. */
export function printLine({ output, settings }: Context, line: LogLine): void {
  if (settings.json) output.write("data", `${JSON.stringify(line)}\n`);
  else {
    const style = output.style("data");
    output.write("data", `${paint(`${workerText(line)} |`, "dim", style)} ${printable(line.line)}\n`);
  }
}

/** What `--worker` names; `null` if it is nothing of the kind. */
function workerOf(given: unknown): Pick<LogOptions, "group" | "index"> | null {
  if (given === undefined) return {};
  const [, group, index] = /^([A-Za-z0-9][A-Za-z0-9_-]*)(?:\.(\d{1,9}))?$/.exec(String(given)) ?? [];
  if (group === undefined) return null;
  return index === undefined ? { group } : { group, index: Number(index) };
}
