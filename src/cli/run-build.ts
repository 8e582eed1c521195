import type { BuildOptions, BuildProgress, BuildReport } from "../../codegen/report.ts";
import { type Diagnostic, type Finding, hasErrors } from "../diagnostics/finding.ts";
import { acknowledgedJson, renderJson } from "../diagnostics/render/json.ts";
import { COMMAND_LINE } from "../diagnostics/render/region.ts";
import { printable, printableOutput } from "../diagnostics/render/text-width.ts";
import { withoutSecrets } from "../spec/secrets.ts";
import { type Context, reportFindings } from "./context.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { type ParsedArguments, parseArguments } from "./overrides.ts";
import { placeNames } from "./places.ts";
import { renderBuilds, rowsOf } from "./render/builds.ts";
import { renderClosing, renderReach, renderStatus, tallyOf } from "./render/closing.ts";

/** Runs a build and prints what it found; diagnostics are the data of `check` and `build`. */
export async function runBuild(
  context: Context,
  positional: readonly string[],
  { write, keepGoing }: Pick<BuildOptions, "write" | "keepGoing">,
  own: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const isWatch = own["watch"] === true;
  if (own["multirun"] === true) {
    if (isWatch) return refuseSweep(context);
    return (await import("./run-sweep.ts")).runSweep(context, positional, { write, keepGoing }, own);
  }
  const parsed = parseArguments(positional, context.commandLine);
  const findings = [...sweepOnlyFindings(context, own), ...parsed.findings];
  if (findings.length > 0) {
    reportFindings(context, findings);
    return EXIT.usage;
  }
  const options: BuildOptions = { ...buildOptions(context, parsed), write, keepGoing };
  if (isWatch) {
    return (await import("./run-watch.ts")).runWatch(context, options, (report) => withPlaces(context, report, parsed));
  }
  const report = withPlaces(context, await context.tools.build(options), parsed);
  context.output.clearStatus();
  if (isJson(context)) printJsonReport(context, report);
  else if (context.settings.format === "pretty")
    printReport(context, report, { write, elapsedMs: context.host.elapsedMs() });
  else printDiagnostics(context, report);
  return exitCodeOf(context, report);
}

/** True if reports are printed for programs. */
export function isJson({ settings }: Context): boolean {
  return settings.json || settings.format === "json";
}

/** A report whose findings about arguments have their places in the command line. */
function withPlaces({ commandLine }: Context, report: BuildReport, parsed: ParsedArguments): BuildReport {
  const placed = placeNames(report.diagnostics, parsed.names, commandLine);
  return { ...report, diagnostics: placed.map((diagnostic) => withSweepHelp(diagnostic, parsed)) };
}

function refuseSweep(context: Context): ExitCode {
  const problem =
    "`--watch` does not go with `-m`: every save would build all points of the sweep, and print their bill";
  const help = "watch the experiment without `-m`, and build the sweep when it is proved";
  reportFindings(context, [cliDiagnostics.usage({ problem }, { at: context.commandLine.placeOf("--watch"), help })]);
  return EXIT.usage;
}

/** A value that is none, but looks like several: commas separate only where they are asked to. */
function withSweepHelp(diagnostic: Diagnostic, { overrides }: ParsedArguments): Diagnostic {
  const { code, primary } = diagnostic;
  if (primary?.file !== COMMAND_LINE || !["option/type", "option/choice"].includes(code)) {
    return diagnostic;
  }
  const override = overrides.find(({ span }) => span.column === primary.column);
  const isList = typeof override?.value === "string" && override.value.includes(",");
  return isList
    ? { ...diagnostic, help: "add `-m` if these are several values: each makes a manifest then" }
    : diagnostic;
}

/** What is wrong with options that only a sweep has where there is none. */
function sweepOnlyFindings({ commandLine }: Context, own: Readonly<Record<string, unknown>>): readonly Finding[] {
  return (
    [
      ["duration", "--duration"],
      ["maxPoints", "--max-points"],
    ] as const
  ).flatMap(([key, flag]) =>
    own[key] === undefined
      ? []
      : [
          cliDiagnostics.usage(
            { problem: `\`${flag}\` is about sweeps, and there is none` },
            { at: commandLine.placeOf(flag), help: "add `-m`" },
          ),
        ],
  );
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

/** The code that a build ends with. */
export function exitCodeOf({ settings }: Context, { diagnostics }: BuildReport): ExitCode {
  if (hasErrors(diagnostics)) return EXIT.errors;
  return settings.denyWarnings && diagnostics.length > 0 ? EXIT.errors : EXIT.fine;
}

/** Prints a report as JSON; `line`: as one line of many. */
export function printJsonReport({ output }: Context, report: BuildReport, form: "pretty" | "line" = "pretty"): void {
  const experiments = report.experiments.map(({ name, file, line, builds }) => ({ name, file, line, builds }));
  const { cached, written } = report;
  const acknowledged = acknowledgedJson(report.acknowledged);
  const further = { acknowledged, experiments, output: report.output, cached, written };
  output.write("data", renderJson(withoutSecrets(report.diagnostics, []), further, form));
}

/** Prints diagnostics alone, in a form that other programs read; `line`: a document of many is one line. */
export function printDiagnostics(
  { output, settings: { format } }: Context,
  { root, configFile, diagnostics, acknowledged, pages = {} }: BuildReport,
  form: "pretty" | "line" = "pretty",
): void {
  output.diagnostics(diagnostics, { to: "data", root, format, form, projectFile: configFile, acknowledged, pages });
}

/** What experiments printed, aside of the data. */
export function printOutput({ output, settings }: Context, report: BuildReport): void {
  if (settings.quiet) return;
  for (const [name, text] of Object.entries(report.output)) {
    const shown = printableOutput(text);
    output.write("aside", `output of ${printable(name)}:\n${shown.endsWith("\n") ? shown : `${shown}\n`}`);
  }
}

/** Prints a report for people. */
export function printReport(
  context: Context,
  report: BuildReport,
  { write, elapsedMs }: { readonly write: boolean; readonly elapsedMs: number },
): void {
  const { output, settings } = context;
  const { root, diagnostics } = report;
  printOutput(context, report);
  output.diagnostics(diagnostics, { to: "data", root, format: "pretty" });
  if (settings.quiet) return;
  const style = output.style("data");
  const gap = diagnostics.length === 0 ? "" : "\n";
  const body = write
    ? renderBuilds(rowsOf(report.experiments), style, output.columns("data"))
    : renderStatus(report.experiments, style);
  const reach = renderReach(report.experiments, style, output.width("data"));
  const closing = renderClosing(tallyOf(report, elapsedMs), { ...report, write }, style);
  output.write("data", `${gap}${[body, reach, closing].filter((text) => text !== "").join("\n")}`);
}
