import type { BuildReport } from "../../../codegen/report.ts";
import { type Diagnostic, type Finding, hasErrors } from "../../diagnostics/finding.ts";
import { applyFixes, type Fix } from "../../diagnostics/fix.ts";
import { groupDiagnostics } from "../../diagnostics/render/group.ts";
import { maskSource } from "../../spec/secrets.ts";
import { renderJson } from "../../diagnostics/render/json.ts";
import { PLAIN } from "../../diagnostics/render/style.ts";
import { type Command, type Context, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { renderDiff } from "../fix/diff.ts";
import { ownSource, replaceSource, type SourceFile } from "../fix/files.ts";
import { parseArguments } from "../overrides.ts";
import { nowhere, placeNames, spanAt, toDiagnostic } from "../places.ts";
import { buildOptions, exitCodeOf } from "../run-build.ts";

/** A fix may uncover what could not be found before it, but only so often. */
const MOST_ROUNDS = 10;

/** Applies fixes until there are none left, and prints what was changed. */
export const fix: Command = async (context, positional, own) => {
  const { commandLine, tools } = context;
  const parsed = parseArguments(positional, commandLine);
  const [override] = parsed.overrides;
  if (override !== undefined) {
    const details = { at: spanAt(override.span), help: "leave it out, or try it by `assay check`" };
    const problem = "`assay fix` mends sources, and takes no overrides";
    return usage(context, [cliDiagnostics.usage({ problem }, details)]);
  }
  if (parsed.findings.length > 0) return usage(context, parsed.findings);
  const isDry = own["dryRun"] === true;
  const changes = new Map<string, Change>();
  for (let round = 1; ; round += 1) {
    const report = await tools.build(buildOptions(context, parsed));
    const mended = isLast(round, isDry) ? NOTHING : mend(report, isDry);
    for (const change of mended.changes) {
      const { file, before, applied } = change;
      const earlier = changes.get(file);
      changes.set(file, {
        ...change,
        before: earlier?.before ?? before,
        applied: [...(earlier?.applied ?? []), ...applied],
      });
    }
    if (!isDry && mended.changes.length > 0) continue;
    const diagnostics = [
      ...placeNames(report.diagnostics, parsed.names, commandLine).filter(isLeft(isDry ? mended.changes : [])),
      ...mended.findings.map((finding) => toDiagnostic(finding)),
    ];
    return print(context, { ...report, diagnostics }, [...changes.values()], isDry);
  }
};

function usage(context: Context, findings: readonly Finding[]): ExitCode {
  reportFindings(context, findings);
  return EXIT.usage;
}

/** After the last round it is only looked what is left. */
function isLast(round: number, isDry: boolean): boolean {
  return !isDry && round > MOST_ROUNDS;
}

/** A file that fixes have changed, or would change. */
interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly applied: readonly Applied[];
}

/** A fix that was applied, and the code of the mistake that it mends. */
type Applied = Fix & { readonly code: string };

interface Mended {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
}

const NOTHING: Mended = { changes: [], findings: [] };

/** Applies the fixes of one check. */
function mend({ root, outDir, diagnostics, sourceHashes = {} }: BuildReport, isDry: boolean): Mended {
  if (root === null) return NOTHING;
  const files = [...new Set(diagnostics.flatMap((diagnostic) => diagnostic.fix?.span.file ?? []))];
  const changes: Change[] = [];
  const findings: Finding[] = [];
  for (const file of files) {
    const source = ownSource(file, { root, outDir });
    if (source === null) continue;
    if (source.sha256 !== sourceHashes[file]) {
      findings.push(changed(file));
      continue;
    }
    const fixes = diagnostics.flatMap(({ code, fix: own }) => (own?.span.file === file ? [{ ...own, code }] : []));
    const { text, applied } = applyFixes(source.text, fixes);
    if (text === source.text) continue;
    const problem = isDry ? null : write(file, source, text);
    if (problem === null) changes.push({ file, before: source.text, after: text, applied });
    else findings.push(problem);
  }
  return { changes, findings };
}

function write(file: string, source: SourceFile, text: string): Finding | null {
  try {
    return replaceSource(source, text) ? null : changed(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const problem = message.replace(/, \w+ '.*$/s, "");
    return cliDiagnostics["file-not-writable"]({ file, problem }, { at: nowhere("it is about the file as a whole") });
  }
}

function changed(file: string): Finding {
  return cliDiagnostics["file-changed"]({ file }, { at: nowhere("it is about the file as a whole") });
}

/** True for what no fix mends. */
function isLeft(changes: readonly Change[]): (diagnostic: Diagnostic) => boolean {
  const keyOf = ({ span, text }: Fix) => JSON.stringify([span.file, span.line, span.column, span.length, text]);
  const mended = new Set(changes.flatMap(({ applied }) => applied.map(keyOf)));
  return (diagnostic) => diagnostic.fix === null || !mended.has(keyOf(diagnostic.fix));
}

function print(context: Context, report: BuildReport, changes: readonly Change[], isDry: boolean): ExitCode {
  const { output, settings } = context;
  const { root, diagnostics, pages = {} } = report;
  const diffs = (style = PLAIN) =>
    changes.map(({ file, before, after }) => maskSource(renderDiff(file, before, after, style)));
  const fixed = changes.flatMap(({ applied }) => applied.map(({ code, span, text }) => ({ code, span, text })));
  output.clearStatus();
  if (settings.format === "json") {
    output.write(
      "data",
      renderJson(diagnostics, { fixed, diff: diffs().join(""), written: !isDry && fixed.length > 0 }),
    );
  } else if (settings.format === "pretty") {
    output.write("data", diffs(output.style("data")).join(""));
    if (changes.length > 0 && diagnostics.length > 0) output.write("data", "\n");
    output.diagnostics(diagnostics, { to: "data", root, format: "pretty" });
    const gap = changes.length > 0 || diagnostics.length > 0 ? "\n" : "";
    if (!settings.quiet) output.write("data", `${gap}${closing(fixed.length, changes.length, diagnostics, isDry)}\n`);
  } else {
    if (!settings.quiet) output.write("aside", diffs(output.style("aside")).join(""));
    const { configFile, acknowledged } = report;
    output.diagnostics(diagnostics, {
      to: "data",
      root,
      format: settings.format,
      projectFile: configFile,
      acknowledged,
      pages,
    });
  }
  return isDry && fixed.length > 0 ? EXIT.errors : exitCodeOf(context, report);
}

function closing(fixes: number, files: number, diagnostics: readonly Diagnostic[], isDry: boolean): string {
  const done = isDry ? "would fix" : "fixed";
  const what = fixes === 0 ? "nothing to fix" : `${done} ${counted(fixes, "mistake")} in ${counted(files, "file")}`;
  const mistakes = groupDiagnostics(diagnostics);
  const errors = mistakes.filter(({ diagnostic }) => hasErrors([diagnostic])).length;
  const left = [
    ...(errors === 0 ? [] : [counted(errors, "error")]),
    ...(mistakes.length === errors ? [] : [counted(mistakes.length - errors, "warning")]),
  ];
  return left.length === 0 ? what : `${what}; ${left.join(" and ")} left`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
