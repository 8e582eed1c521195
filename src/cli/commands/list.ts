import type { ExperimentReport } from "../../../codegen/report.ts";
import { hasErrors } from "../../diagnostics/finding.ts";
import { type Command, printJson, reportAside, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { buildName } from "../build-name.ts";
import { EXIT } from "../exit-code.ts";
import { renderList } from "../render/list.ts";

/** Lists experiments as syntax shows them. */
export const list: Command = async (context, [pattern = ""]) => {
  const { tools, host, settings, output, commandLine } = context;
  let matches: RegExp;
  try {
    matches = new RegExp(pattern, "u");
  } catch (error) {
    const problem = (error as Error).message.replace(/^Invalid regular expression: /, "");
    reportFindings(context, [cliDiagnostics.pattern({ pattern, problem }, { at: commandLine.placeOf(pattern) })]);
    return EXIT.usage;
  }
  const { root, experiments, diagnostics } = await tools.list({ cwd: host.cwd, config: settings.config });
  const matching = experiments.filter((experiment) => namesOf(experiment).some((name) => matches.test(name)));
  reportAside(context, diagnostics, root);
  if (settings.json) printJson(context, { experiments: matching });
  else output.write("data", renderList(matching, output.style("data"), output.columns("data")));
  if (matching.length === 0 && experiments.length > 0 && !settings.quiet) {
    output.write("aside", `no name of ${experiments.length} experiments matches ${pattern}\n`);
  }
  return hasErrors(diagnostics) ? EXIT.errors : EXIT.fine;
};

function namesOf({ name, builds }: ExperimentReport): readonly string[] {
  return [name, ...builds.map(({ preset }) => buildName(name, preset))];
}
