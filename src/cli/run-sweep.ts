import type { BuildOptions, BuildReport } from "../../codegen/report.ts";
import { type Finding, hasErrors } from "../diagnostics/finding.ts";
import { acknowledgedJson, renderJson } from "../diagnostics/render/json.ts";
import { parseDuration } from "../spec/slurm-time.ts";
import { type Context, reportFindings } from "./context.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { nowhere, placeNames, spanAt, toDiagnostic } from "./places.ts";
import { renderBill } from "./render/bill.ts";
import { renderClosing, renderReach, tallyOf } from "./render/closing.ts";
import { buildOptions, exitCodeOf, printDiagnostics, printOutput } from "./run-build.ts";
import { withoutSecrets } from "../spec/secrets.ts";
import { billOf } from "./sweep/bill.ts";
import { type Axis, countPoints, type ParsedSweep, parseSweep, pointsOf } from "./sweep/points.ts";

/** Points of a sweep that are built without asking for more. */
const MOST_POINTS = 1000;

/** Builds one manifest for every combination of values, and prints the bill before anything is written. */
export async function runSweep(
  context: Context,
  positional: readonly string[],
  { write, keepGoing }: Pick<BuildOptions, "write" | "keepGoing">,
  own: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { commandLine, tools, settings, output, host } = context;
  const parsed = parseSweep(positional, commandLine);
  const limits = limitsOf(context, own);
  const mistakes = [...limits.findings, ...parsed.findings, ...countFindings(context, parsed, limits)];
  if (hasErrors(mistakes)) {
    reportFindings(context, mistakes);
    return EXIT.usage;
  }
  const isJson = settings.json || settings.format === "json";
  let isBilled = settings.format !== "pretty" || settings.quiet;
  const printBill = ({ experiments }: BuildReport): void => {
    const bill = withoutSecrets(billOf(experiments, limits.durationSeconds), []);
    if (isBilled || bill.points.length === 0) return;
    isBilled = true;
    output.write("data", `${renderBill(bill, output.style("data"), output.columns("data"), output.width("data"))}\n`);
  };
  const { axes, names } = parsed;
  const built = await tools.build({
    ...buildOptions(context, { names, overrides: [], findings: [] }),
    write,
    keepGoing,
    sweep: {
      points: pointsOf(axes),
      unsplit: axes.flatMap(({ unsplit }) => unsplit ?? []),
      mostPoints: limits.mostPoints,
    },
    onProved: printBill,
  });
  output.clearStatus();
  if (built.refusedPoints !== undefined) {
    reportFindings(context, [tooMany(context, built.refusedPoints, limits.mostPoints, axes)]);
    return EXIT.usage;
  }
  const warnings = mistakes.map((finding) => toDiagnostic(finding));
  const diagnostics = [...warnings, ...placeNames(built.diagnostics, names, commandLine)];
  const report = { ...built, diagnostics };
  printBill(report);
  if (isJson) printJsonSweep(context, report, limits.durationSeconds);
  else if (settings.format !== "pretty") printDiagnostics(context, report);
  else {
    printOutput(context, report);
    output.diagnostics(diagnostics, { to: "data", root: report.root, format: "pretty" });
    if (!settings.quiet) {
      const style = output.style("data");
      const reach = renderReach(report.experiments, style, output.width("data"));
      const closing = renderClosing(tallyOf(report, host.elapsedMs()), { ...report, write, what: "points" }, style);
      const gap = diagnostics.length === 0 ? "" : "\n";
      output.write("data", `${gap}${[reach, closing].filter((text) => text !== "").join("\n")}`);
    }
  }
  return exitCodeOf(context, report);
}

interface Limits {
  readonly durationSeconds: number | null;
  readonly mostPoints: number;
  readonly findings: readonly Finding[];
}

function limitsOf({ commandLine }: Context, own: Readonly<Record<string, unknown>>): Limits {
  const findings: Finding[] = [];
  const text = (key: string): string | null => (typeof own[key] === "string" ? own[key] : null);
  const duration = text("duration");
  const durationSeconds = duration === null ? null : parseDuration(duration);
  if (duration !== null && durationSeconds === null) {
    const help = "write `12h`, `90min` or a form of Slurm's `--time`: minutes, hours:minutes:seconds, days-hours, ...";
    const problem = `\`--duration\` takes a time, found \`${duration}\``;
    findings.push(cliDiagnostics.usage({ problem }, { at: commandLine.placeOf("--duration"), help }));
  }
  const most = text("maxPoints");
  const mostPoints = most === null ? MOST_POINTS : Number(most);
  if (most !== null && !(/^\d+$/.test(most) && mostPoints >= 1)) {
    const problem = `\`--max-points\` takes a whole number from 1, found \`${most}\``;
    findings.push(cliDiagnostics.usage({ problem }, { at: commandLine.placeOf("--max-points") }));
  }
  return { durationSeconds, mostPoints, findings };
}

/** There must be something to sweep over, and not too much of it: combinations are counted before they are made. */
function countFindings(context: Context, { axes, findings }: ParsedSweep, limits: Limits): readonly Finding[] {
  if (hasErrors([...findings, ...limits.findings])) return [];
  if (axes.length === 0) {
    const help = "give at least one, such as `model.optimizer.lr=1e-5,2e-5`";
    return [cliDiagnostics.usage({ problem: "a sweep needs an override" }, { at: flagPlace(context), help })];
  }
  const points = countPoints(axes);
  return points > limits.mostPoints ? [tooMany(context, points, limits.mostPoints, axes)] : [];
}

function tooMany(context: Context, points: number, most: number, axes: readonly Axis[]): Finding {
  const values = axes.map((axis) => axis.values.length);
  const related = [
    ...axes.map(({ span }, index) => ({
      at: spanAt(span),
      message: `${values[index]} ${values[index] === 1 ? "value" : "values"}`,
      gives: [`values ${index}`],
    })),
    { at: context.commandLine.placeOf("--max-points"), message: `at most ${most}`, gives: ["most"] },
  ];
  return cliDiagnostics["too-many-points"]({ points, most, values }, { at: flagPlace(context), related });
}

function flagPlace({ commandLine }: Context) {
  const places = ["-m", "--multirun"].map((flag) => commandLine.placeOf(flag));
  return places.find(({ kind }) => kind === "span") ?? nowhere("the command line asks for a sweep");
}

function printJsonSweep({ output }: Context, report: BuildReport, durationSeconds: number | null): void {
  const experiments = report.experiments.map(({ name, file, line, builds }) => ({ name, file, line, builds }));
  const { cached, written } = report;
  const sweep = withoutSecrets(billOf(report.experiments, durationSeconds), []);
  const acknowledged = acknowledgedJson(report.acknowledged);
  const further = { acknowledged, experiments, output: report.output, cached, written, sweep };
  output.write("data", renderJson(withoutSecrets(report.diagnostics, []), further));
}
