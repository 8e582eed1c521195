import { join, relative } from "node:path";
import type { PluginBuildReport } from "../../../codegen/plugin-build.ts";
import { hasErrors } from "../../diagnostics/finding.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { type Command, type Context, printJson } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT } from "../exit-code.ts";
import { reportFindings } from "../context.ts";

/** What `assay plugin` can do. */
const ACTIONS = ["build"];

/** Makes and describes packages of plugins. */
export const plugin: Command = async (context, [action = "", folder = "."], own) => {
  if (action !== "build") {
    const problem = `\`assay plugin\` can't \`${action}\`; it can ${ACTIONS.map((name) => `\`${name}\``).join(" or ")}`;
    reportFindings(context, [cliDiagnostics.usage({ problem }, { at: context.commandLine.placeOf(action) })]);
    return EXIT.usage;
  }
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
};

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
