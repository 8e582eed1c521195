import type { BuildIndex, ExperimentReport, ListedExperiment } from "../../../codegen/report.ts";
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
  const project = { cwd: host.cwd, config: settings.config };
  const { root, experiments: read, diagnostics } = await tools.list(project);
  // What is found while listing stands in the list's own diagnostics.
  const { index } = root === null ? { index: null } : await tools.outputs(project, () => false);
  const experiments = read.map((experiment) => withNeeds(experiment, index));
  const matching = experiments.filter((experiment) => namesOf(experiment).some((name) => matches.test(name)));
  reportAside(context, diagnostics, root);
  if (settings.json) printJson(context, { experiments: matching });
  else output.write("data", renderList(matching, output.style("data"), output.columns("data")));
  if (matching.length === 0 && experiments.length > 0 && !settings.quiet) {
    output.write("aside", `no name of ${experiments.length} experiments matches ${pattern}\n`);
  }
  return hasErrors(diagnostics) ? EXIT.errors : EXIT.fine;
};

/** What the bare experiment needs only a build can tell for sure: the last one did, else the source is asked. */
function withNeeds(experiment: ListedExperiment, index: BuildIndex | null): ListedExperiment {
  const indexed = index?.experiments.find(({ name }) => name === experiment.name);
  const bare = indexed?.builds.find(({ preset }) => preset === null);
  const required = experiment.options.flatMap((option) => (option.required ? [option.path] : []));
  const needs = bare?.status === "fresh" || bare?.status === "needs" ? bare.needs : required;
  const builds = experiment.builds.map((build) => (build.preset === null ? { ...build, needs } : build));
  return { ...experiment, builds };
}

function namesOf({ name, builds }: ExperimentReport): readonly string[] {
  return [name, ...builds.map(({ preset }) => buildName(name, preset))];
}
