import { relative } from "node:path";
import type { InitReport } from "../../../codegen/init.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { type Command, type Context, printJson, reportFindings } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { nowhere } from "../places.ts";
import { changeFolder } from "../shell.ts";

/** Makes a project. */
export const init: Command = async (context, [folder = "."], own) => {
  const { host, commandLine, settings, output } = context;
  const { initProject } = await import("../../../codegen/init.ts");
  const given = { folder, name: textOrNull(own["name"]), from: textOrNull(own["from"]) };
  const { report, findings } = initProject({
    ...given,
    cwd: host.cwd,
    version: host.version,
    placeOf: (argument) => {
      const typed = given[argument];
      if (typed !== null && host.arguments.includes(typed)) return commandLine.placeOf(typed);
      if (argument !== "folder") return commandLine.placeOf(`--${argument}`);
      return nowhere("it is about the folder that the command runs in");
    },
  });
  reportFindings(context, findings);
  if (report === null) return EXIT.errors;
  const next = nextCommands(context, report);
  if (settings.json) printJson(context, { ...report, next });
  else if (!settings.quiet) output.write("data", reportText(context, report, next));
  return EXIT.fine;
};

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** What to type next, in this order. */
function nextCommands({ host }: Context, report: InitReport): readonly string[] {
  const { root, installed, made, left, inRepository } = report;
  const { install, execute } = report.packageManager;
  const folder = relative(host.cwd, root);
  const top = inRepository
    .split("/")
    .map(() => "..")
    .join("/");
  return [
    ...changeFolder(folder),
    // GitHub looks for workflows at the top of a repository only.
    ...(inRepository !== "" && made.includes(WORKFLOW)
      ? [`mkdir -p ${top}/.github/workflows && mv -n ${WORKFLOW} ${top}/.github/workflows/`]
      : []),
    ...(installed ? [] : [install]),
    // Settings that were there may lack what experiments need.
    ...(made.length > 0 && left.some(({ file }) => file === "tsconfig.json") ? [`${execute} assay doctor`] : []),
    `${execute} assay check`,
    `${execute} assay build`,
  ];
}

const WORKFLOW = ".github/workflows/assay.yml";

function reportText({ output }: Context, report: InitReport, next: readonly string[]): string {
  const { name, root, made, added, left } = report;
  const style = output.style("data");
  const head =
    made.length === 0 && added.length === 0
      ? `nothing to make: ${root} has all that a project needs\n`
      : `made the project ${paint(name, "strong", style)} in ${root}\n`;
  const lines = [
    ...made.map((file) => `  made    ${file}\n`),
    ...(added.length === 0 ? [] : [`  added   package.json: ${added.join(", ")}\n`]),
    ...left.map(({ file, reason }) => paint(`  left    ${file}: ${reason}`, "dim", style).concat("\n")),
  ];
  return `${head}${lines.join("")}\nNext:\n${next.map((command) => `  ${command}\n`).join("")}`;
}
