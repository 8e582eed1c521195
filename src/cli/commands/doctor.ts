import type { DoctorReport, Row, Verdict } from "../../../codegen/doctor.ts";
import { type Ink, paint, type Style } from "../../diagnostics/render/style.ts";
import { type Command, printJson } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { missingPackage } from "../../diagnostics/missing-package.ts";
import { wrap } from "../render/wrap.ts";

/** Looks at the setup. */
export const doctor: Command = async ({ host, settings, output, ...rest }) => {
  output.status("looking at the setup");
  const report = await reportOf(host.cwd, settings.config);
  output.clearStatus();
  const errors = countOf(report.rows, "error");
  const warnings = countOf(report.rows, "warning");
  if (settings.json) printJson({ host, settings, output, ...rest }, { ...report, errors, warnings });
  else output.write("data", reportText(report, settings.quiet, output.style("data"), output.width("data")));
  return errors > 0 || (settings.denyWarnings && warnings > 0) ? EXIT.errors : EXIT.fine;
};

/** A package that the checks themselves need may be what is wrong. */
async function reportOf(cwd: string, config: string | null): Promise<DoctorReport> {
  try {
    const { examine } = await import("../../../codegen/doctor.ts");
    return await examine({ cwd, config });
  } catch (error) {
    const missing = missingPackage(error);
    if (missing === null) throw error;
    const { rowsWithout } = await import("../../../codegen/doctor/needed-packages.ts");
    return { root: cwd, rows: rowsWithout(missing.name) };
  }
}

const INKS: Readonly<Record<Verdict, Ink>> = { ok: "good", warning: "warning", error: "error" };
const VERDICT_WIDTH = "warning".length + 2;

function countOf(rows: readonly Row[], verdict: Verdict): number {
  return rows.filter((row) => row.verdict === verdict).length;
}

function reportText({ root, rows }: DoctorReport, quiet: boolean, style: Style, width: number): string {
  const shown = quiet ? rows.filter(({ verdict }) => verdict !== "ok") : rows;
  const checkWidth = Math.max(0, ...shown.map(({ check }) => check.length)) + 2;
  const indent = VERDICT_WIDTH + checkWidth;
  const block = (text: string) =>
    wrap(text, Math.max(width - indent, 20), 0).replaceAll("\n", `\n${" ".repeat(indent)}`);
  const lines = shown.map(({ check, verdict, text, cure }) => {
    const head = `${paint(verdict.padEnd(VERDICT_WIDTH), INKS[verdict], style)}${check.padEnd(checkWidth)}${block(text)}\n`;
    return cure === null ? head : `${head}${" ".repeat(indent)}${paint("cure:", "help", style)} ${block(cure)}\n`;
  });
  if (quiet) return lines.join("");
  const counts = [counted(countOf(rows, "error"), "error"), counted(countOf(rows, "warning"), "warning")];
  const whose = root === null ? "the machine; there is no project here" : root;
  return `${lines.join("")}\n${counts.join(", ")} in the setup of ${whose}\n`;
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
}
