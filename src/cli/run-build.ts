import type { BuildOptions, BuildProgress, BuildReport } from "../../codegen/report.ts";
import { hasErrors } from "../diagnostics/finding.ts";
import { groupDiagnostics } from "../diagnostics/render/group.ts";
import { renderJson } from "../diagnostics/render/json.ts";
import { type Context, reportFindings } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { type ParsedArguments, parseArguments } from "./overrides.ts";
import { placeNames } from "./places.ts";
import { renderBuilds, rowsOf } from "./render/builds.ts";
import { renderClosing, renderReach, renderStatus } from "./render/closing.ts";

/** Runs a build and prints what it found; diagnostics are the data of `check` and `build`. */
export async function runBuild(
  context: Context,
  positional: readonly string[],
  { write, keepGoing }: Pick<BuildOptions, "write" | "keepGoing">,
): Promise<ExitCode> {
  const parsed = parseArguments(positional, context.commandLine);
  if (parsed.findings.length > 0) {
    reportFindings(context, parsed.findings);
    return EXIT.usage;
  }
  const built = await context.tools.build({ ...buildOptions(context, parsed), write, keepGoing });
  const report = { ...built, diagnostics: placeNames(built.diagnostics, parsed.names, context.commandLine) };
  context.output.clearStatus();
  if (context.settings.json || context.settings.format === "json") printJsonReport(context, report);
  else printReport(context, report, write);
  return exitCodeOf(context, report);
}

/** Options of a build as the command line sets them. */
export function buildOptions(context: Context, { names, overrides }: ParsedArguments): BuildOptions {
  const { settings, host, output } = context;
  return {
    cwd: host.cwd,
    config: settings.config,
    write: false,
    keepGoing: false,
    only: names,
    overrides,
    cache: settings.cache,
    ...(settings.quiet || !host.stderr.isTerminal
      ? {}
      : { onProgress: (progress: BuildProgress) => output.status(progressText(progress)) }),
  };
}

function progressText({ stage, done, total }: BuildProgress): string {
  const what = { config: "reading the config", read: "reading sources", evaluate: "proving", write: "writing" }[stage];
  return total === 0 ? what : `${what} ${done}/${total}`;
}

function exitCodeOf({ settings }: Context, { diagnostics }: BuildReport): ExitCode {
  if (hasErrors(diagnostics)) return EXIT.errors;
  return settings.denyWarnings && diagnostics.length > 0 ? EXIT.errors : EXIT.fine;
}

function printJsonReport({ output }: Context, report: BuildReport): void {
  const experiments = report.experiments.map(({ name, file, line, builds }) => ({ name, file, line, builds }));
  const { cached, written } = report;
  output.write("data", renderJson(report.diagnostics, { experiments, output: report.output, cached, written }));
}

function printReport({ output, settings, host }: Context, report: BuildReport, write: boolean): void {
  const { root, diagnostics } = report;
  if (!settings.quiet) {
    for (const [name, text] of Object.entries(report.output)) {
      output.write("aside", `output of ${name}:\n${text.endsWith("\n") ? text : `${text}\n`}`);
    }
  }
  output.diagnostics(diagnostics, { to: "data", root, format: "pretty" });
  if (settings.quiet) return;
  const style = output.style("data");
  const gap = diagnostics.length === 0 ? "" : "\n";
  const body = write
    ? renderBuilds(rowsOf(report.experiments), style, output.columns("data"))
    : renderStatus(report.experiments, style);
  const reach = renderReach(report.experiments, style, output.width("data"));
  const closing = renderClosing(
    { mistakes: groupDiagnostics(diagnostics).map(({ diagnostic }) => diagnostic), elapsedMs: host.elapsedMs() },
    { ...report, write },
    style,
  );
  output.write("data", `${gap}${[body, reach, closing].filter((text) => text !== "").join("\n")}`);
}
