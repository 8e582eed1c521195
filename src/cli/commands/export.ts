import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { hasErrors } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import type { Export, ExportTarget } from "../../export/target.ts";
import { EXPORT_TARGETS } from "../../export/targets.ts";
import { writeAtomically } from "../../launch/store.ts";
import type { Manifest } from "../../manifest/format.ts";
import { type Command, type Context, printJson, reportAside, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { parseArguments } from "../overrides.ts";
import { nowhere, placeNames } from "../places.ts";
import { renderTable } from "../render/table.ts";

/** Writes what another system needs of an experiment. */
export const exportCommand: Command = async (context, positional, own) => {
  const [named, ...rest] = positional;
  if (named === undefined) return listTargets(context);
  const parsed = parseArguments(rest, context.commandLine);
  const [name, ...others] = parsed.names;
  const target = EXPORT_TARGETS.find((one) => one.name === named);
  const findings = [
    ...(target === undefined ? [unknownTarget(context, named)] : []),
    ...parsed.findings,
    ...usageFindings(context, name, others),
  ];
  if (findings.length > 0 || target === undefined || name === undefined) {
    reportFindings(context, findings);
    return EXIT.usage;
  }
  const { host, settings, tools, output } = context;
  const options = { cwd: host.cwd, config: settings.config, cache: settings.cache };
  output.status(`proving ${name}`);
  const selection = { write: false, keepGoing: false, only: [name], overrides: parsed.overrides };
  const built = await tools.buildOne({ ...options, ...selection }, name);
  output.clearStatus();
  reportAside(context, placeNames(built.diagnostics, [name], context.commandLine), built.root);
  if (hasErrors(built.diagnostics) || (settings.denyWarnings && built.diagnostics.length > 0)) return EXIT.errors;
  if (built.manifest === null) {
    const problem = `\`${name}\` lacks values that it needs: name a preset, or give the values as overrides`;
    reportFindings(context, [cliDiagnostics.usage({ problem }, { at: context.commandLine.placeOf(name) })]);
    return EXIT.usage;
  }
  const { outDir } = await tools.folders(options);
  const { facts } = await tools.facts(options);
  const made = target.make(built.manifest, facts, await templateOf(target));
  reportLeftOut(context, target, built.manifest, made);
  if (settings.denyWarnings && made.leftOut.length > 0) return EXIT.errors;
  const folder =
    own["out"] === undefined ? join(outDir ?? host.cwd, "export", target.name) : resolve(host.cwd, String(own["out"]));
  return own["dryRun"] === true ? show(context, folder, made) : write(context, folder, target, built.manifest, made);
};

const COLUMNS = [{ head: "system" }, { head: "what is written" }] as const;

function listTargets(context: Context): ExitCode {
  const { output, settings } = context;
  if (settings.json)
    printJson(
      context,
      EXPORT_TARGETS.map(({ name, summary }) => ({ name, summary })),
    );
  else {
    const rows = EXPORT_TARGETS.map(({ name, summary }) => [name, summary]);
    output.write("data", renderTable(COLUMNS, rows, output.style("data"), output.columns("data")));
  }
  return EXIT.fine;
}

function unknownTarget({ commandLine }: Context, named: string) {
  const names = EXPORT_TARGETS.map(({ name }) => name);
  const help = didYouMean(named, names) ?? `use ${names.map((name) => `\`${name}\``).join(" or ")}`;
  return cliDiagnostics["unknown-target"]({ target: named }, { at: commandLine.placeOf(named), help });
}

function usageFindings({ commandLine }: Context, name: string | undefined, others: readonly string[]) {
  if (name === undefined) {
    const problem = "`assay export` needs the name of an experiment behind that of the system";
    return [cliDiagnostics.usage({ problem }, { at: nowhere("it is missing on the command line") })];
  }
  return others.map((other) => {
    const problem = `\`assay export\` exports one experiment, and \`${other}\` is another`;
    return cliDiagnostics.usage({ problem }, { at: commandLine.placeOf(other) });
  });
}

async function templateOf({ template }: ExportTarget): Promise<string> {
  const { LIBRARY_ROOT } = await import("../../../codegen/library-root.ts");
  return readFileSync(join(LIBRARY_ROOT, "src", "export", template), "utf8");
}

function reportLeftOut(
  context: Context,
  { name: target }: ExportTarget,
  { name }: Manifest,
  { leftOut }: Export,
): void {
  const at = context.commandLine.placeOf(name);
  reportFindings(
    context,
    leftOut.map(({ pointer, what }) => cliDiagnostics["left-out"]({ target, what, pointer }, { at })),
  );
}

function show({ output }: Context, folder: string, { files }: Export): ExitCode {
  for (const { name, text } of files) output.write("data", `# ${join(folder, name)}\n${text}\n`);
  return EXIT.fine;
}

function write(
  context: Context,
  folder: string,
  { name: target }: ExportTarget,
  { name, preset }: Manifest,
  { files }: Export,
): ExitCode {
  const { host, output, settings } = context;
  const problem = taken(folder, files, name);
  if (problem !== null) {
    reportFindings(context, [
      cliDiagnostics["export-taken"](
        { file: problem, experiment: name },
        { at: nowhere("it is in the folder of the export") },
      ),
    ]);
    return EXIT.errors;
  }
  mkdirSync(folder, { recursive: true });
  // The module last: it is of use only with its data.
  const written = files.toReversed().map((file) => {
    writeAtomically(join(folder, file.name), file.text);
    return relative(host.cwd, join(folder, file.name)) || file.name;
  });
  if (settings.json) printJson(context, { target, experiment: name, preset, files: written.toReversed() });
  else
    output.write(
      "data",
      written
        .toReversed()
        .map((file) => `wrote ${file}\n`)
        .join(""),
    );
  return EXIT.fine;
}

/** A file that somebody else wrote: an export replaces only what an export made. */
function taken(folder: string, files: Export["files"], experiment: string): string | null {
  const [module] = files;
  if (module === undefined || !existsSync(join(folder, module.name))) return null;
  const text = readFileSync(join(folder, module.name), "utf8");
  const isOwn = text.includes("Made by `assay export") && text.includes(JSON.stringify(experiment).slice(1, -1));
  return isOwn ? null : module.name;
}
