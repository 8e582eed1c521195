import type { BuildOptions, BuildReport } from "../../codegen/report.ts";
import { paint } from "../diagnostics/render/style.ts";
import type { Context } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { isJson, printDiagnostics, printJsonReport, printReport } from "./run-build.ts";

/** Clears a terminal, with what has scrolled out of sight. */
const CLEAR = "\u001B[2J\u001B[3J\u001B[H";

/**
 * Builds again whenever something changes, and prints each report, until it is asked to end. A terminal shows the last report
 * only; elsewhere a line with the time stands between them. What programs read is printed as it is: of JSON and SARIF each
 * report is a line.
 * @param placed gives a report's findings their places in the command line.
 */
export async function runWatch(
  context: Context,
  options: BuildOptions,
  placed: (report: BuildReport) => BuildReport,
): Promise<ExitCode> {
  const { host, output, tools, settings } = context;
  const print = (report: BuildReport, elapsedMs: number, files: number): void => {
    output.clearStatus();
    if (isJson(context)) {
      printJsonReport(context, report, "line");
      return;
    }
    if (settings.format !== "pretty") {
      printDiagnostics(context, report, "line");
      return;
    }
    const { isTerminal } = host.stdout;
    const time = host.now().toTimeString().slice(0, 8);
    output.write("data", isTerminal ? CLEAR : `--- ${time}\n`);
    printReport(context, report, { write: options.write, elapsedMs });
    if (!isTerminal || settings.quiet) return;
    const closing = `watching ${files} file${files === 1 ? "" : "s"}, Ctrl-C ends (${time})`;
    output.write("data", `${paint(closing, "dim", output.style("data"))}\n`);
  };
  const interrupted = host.interrupted();
  let crash: (error: unknown) => void = () => undefined;
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  const opened = tools.watch({
    ...options,
    onReport: (report, elapsedMs) => {
      void opened.then(({ files }) => print(placed(report), elapsedMs, files)).catch(crash);
    },
    onCrash: crash,
  });
  const watcher = await opened;
  watcher.ready.catch(crash);
  try {
    await Promise.race([interrupted, crashed]);
  } finally {
    await watcher.close();
  }
  return EXIT.fine;
}
