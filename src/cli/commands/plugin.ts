import { join, relative } from "node:path";
import type { PluginBuildReport } from "../../../codegen/plugin-build.ts";
import { hasErrors } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { type Command, type Context, printJson, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { initPluginPackage } from "./plugin-init.ts";

/** What `assay plugin` can do, and how many arguments it takes for it. */
const ACTIONS = {
  init: { run: initPluginPackage, least: 2, most: 3, usage: "assay plugin init <kind> <name> [folder]" },
  build: { run: buildPackage, least: 0, most: 1, usage: "assay plugin build [folder]" },
} as const;

/** Makes and describes packages of plugins. */
export const plugin: Command = async (context, [name = "", ...given], own) => {
  const { commandLine } = context;
  const names = Object.keys(ACTIONS);
  if (!Object.hasOwn(ACTIONS, name)) {
    const problem = `\`assay plugin\` can't \`${name}\`; it can ${names.map((action) => `\`${action}\``).join(" and ")}`;
    const help = didYouMean(name, names);
    const at = commandLine.placeOf(name);
    reportFindings(context, [cliDiagnostics.usage({ problem }, help === undefined ? { at } : { at, help })]);
    return EXIT.usage;
  }
  const { run, least, most, usage } = ACTIONS[name as keyof typeof ACTIONS];
  if (given.length < least || given.length > most) {
    const problem = `\`assay plugin ${name}\` takes ${least} to ${most} arguments, found ${given.length}`;
    const at = commandLine.placeOf(given[most] ?? name);
    reportFindings(context, [cliDiagnostics.usage({ problem }, { at, help: `write \`${usage}\`` })]);
    return EXIT.usage;
  }
  return run(context, given, own);
};

async function buildPackage(
  context: Context,
  [folder = "."]: readonly string[],
  own: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { host, settings, output } = context;
  const { buildPlugin } = await import("../../../codegen/plugin-build.ts");
  output.status("reading plugins");
  const report = await buildPlugin({ cwd: host.cwd, folder, check: own["check"] === true });
  output.clearStatus();
  if (settings.json) printJson(context, report);
  else {
    output.diagnostics(report.diagnostics, { to: "data", root: report.root, format: settings.format });
    if (!settings.quiet && !hasErrors(report.diagnostics)) output.write("data", reportText(context, report));
  }
  return hasErrors(report.diagnostics) ? EXIT.errors : EXIT.fine;
}

function reportText(
  { host, output }: Context,
  { root, file, types, codes, written, ...owner }: PluginBuildReport,
): string {
  const style = output.style("data");
  const shown = relative(host.cwd, join(root, file));
  const head = `${written ? "wrote" : "nothing to write:"} ${paint(shown, "strong", style)} ${written ? "of" : "describes"} ${owner.package ?? ""} ${owner.version ?? ""}\n`;
  const lines = [
    ...types.map(({ kind, type }) => `${kind.padEnd(12)}${type}`),
    ...codes.map((code) => `${"code".padEnd(12)}${code}`),
  ];
  return `${head}${lines.map((line) => `  ${line}\n`).join("")}`;
}
