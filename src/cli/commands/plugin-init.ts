import { isAbsolute, relative } from "node:path";
import type { PluginInitReport } from "../../../codegen/plugin-init.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { type Command, type Context, printJson, reportFindings } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { changeFolder } from "../shell.ts";

/** Makes a package of one plugin. */
export const initPluginPackage: Command = async (context, [kind = "", name = "", folder]) => {
  const { host, commandLine, settings, output } = context;
  const { initPlugin } = await import("../../../codegen/plugin-init.ts");
  const typed = ["plugin", "init", kind, name, ...(folder === undefined ? [] : [folder])];
  const [, , kindSpan, nameSpan, folderSpan] = commandLine.spansOf(typed);
  const spans = { kind: kindSpan, name: nameSpan, folder: folderSpan ?? nameSpan };
  output.status("making the package");
  const { report, findings } = await initPlugin({
    cwd: host.cwd,
    kind,
    name,
    folder: folder ?? null,
    version: host.version,
    placeOf: (argument) => {
      const span = spans[argument];
      return span === undefined ? commandLine.placeOf(name) : { kind: "span", span };
    },
  });
  output.clearStatus();
  reportFindings(context, findings);
  if (report === null) return EXIT.errors;
  const next = nextCommands(context, report);
  if (settings.json) printJson(context, { ...report, next });
  else if (!settings.quiet) output.write("data", reportText(context, report, next));
  return EXIT.fine;
};

/** What to type next, in this order. */
function nextCommands({ host }: Context, { root, installed, packageManager }: PluginInitReport): readonly string[] {
  const { name, install } = packageManager;
  return [
    ...changeFolder(relative(host.cwd, root)),
    ...(installed ? [] : [install]),
    `${name} run build`,
    `${name} run test`,
    // All of them take what npm packs.
    "npm pack --dry-run",
  ];
}

function reportText({ host, output }: Context, report: PluginInitReport, next: readonly string[]): string {
  const { package: owner, kind, type, constant, root, made } = report;
  const style = output.style("data");
  const inside = relative(host.cwd, root);
  const shown = inside === "" || inside.startsWith("..") || isAbsolute(inside) ? root : inside;
  const head = `made the package ${paint(owner, "strong", style)} in ${shown}: it exports the ${kind} \`${type}\` as \`${constant}\`\n`;
  const lines = made.map((file) => `  made    ${file}\n`);
  return `${head}${lines.join("")}\nNext:\n${next.map((command) => `  ${command}\n`).join("")}`;
}
