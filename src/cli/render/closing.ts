import type { BuildReport, ExperimentReport, PresetReport } from "../../../codegen/report.ts";
import { buildName } from "../build-name.ts";
import type { Diagnostic } from "../../diagnostics/finding.ts";
import { groupDiagnostics } from "../../diagnostics/render/group.ts";
import { type Ink, paint, type Style } from "../../diagnostics/render/style.ts";
import { oneLine, textWidth } from "../../diagnostics/render/text-width.ts";
import type { Reach } from "../../manifest/format.ts";
import { wrap } from "./wrap.ts";

const STATUS_INKS: Readonly<Record<PresetReport["status"], Ink>> = {
  proved: "good",
  failed: "error",
  needs: "warning",
  skipped: "dim",
};

/** One line for each build that was asked for. */
export function renderStatus(experiments: readonly ExperimentReport[], style: Style): string {
  const lines = buildsOf(experiments);
  const width = Math.max(0, ...lines.map(({ name }) => textWidth(name)));
  return lines
    .map(({ name, build }) => {
      const status = paint(build.status.padEnd("skipped".length), STATUS_INKS[build.status], style);
      return `${name}${" ".repeat(width - textWidth(name))}  ${status}  ${detailOf(build)}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join("");
}

function detailOf({ status, needs, summary }: PresetReport): string {
  if (status === "needs") return needs.join(", ");
  if (status !== "proved" || summary === null) return "";
  return `${summary.gpus} GPU${summary.gpus === 1 ? "" : "s"} of ${summary.cluster}`;
}

/**
 * How far the proof goes: once for all builds that it goes equally far for, and whose it is where that is not all that was asked
 * for. Of builds with errors nothing is proved, whatever holds of the others.
 */
export function renderReach(experiments: readonly ExperimentReport[], style: Style, width: number): string {
  const groups = new Map<string, { reach: Reach; names: string[] }>();
  const failed: string[] = [];
  for (const { name, build } of buildsOf(experiments)) {
    if (build.status === "failed") failed.push(name);
    if (build.status !== "proved" || build.reach === null) continue;
    const key = JSON.stringify(build.reach);
    const group = groups.get(key) ?? { reach: build.reach, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  if (groups.size === 0) return "";
  const isWhole = groups.size === 1 && failed.length === 0;
  const most = Math.max(...[...groups.values()].map(({ names }) => names.length));
  // Many names tell less than that they are all others: those stand last then.
  const rest = most > MOST_NAMES ? [...groups.values()].find(({ names }) => names.length === most) : undefined;
  const ordered = [...groups.values()].sort((a, b) => Number(a === rest) - Number(b === rest));
  const blocks = ordered.map((group) => {
    const { reach, names } = group;
    const whose = isWhole ? "" : ` of ${group === rest ? restText(groups.size, names.length) : names.join(", ")}`;
    return `${wrap(`Reach${whose}:`, width, 2)}\n${reachLines(reach, style, width)}`;
  });
  const verb = failed.length === 1 ? "it has errors" : "they have errors";
  const none = failed.length === 0 ? "" : `${wrap(`Nothing is proved of ${namesOf(failed)}: ${verb}.`, width, 2)}\n`;
  return `${blocks.join("")}${none}`;
}

function restText(groups: number, count: number): string {
  return groups === 1 ? `the ${count} that are proved` : `the other ${count} that are proved`;
}

/** The three parts of a reach, a line each. */
export function reachLines(reach: Reach, style: Style, width: number): string {
  const parts: readonly (readonly [name: string, ink: Ink, items: readonly string[]])[] = [
    ["proved", "good", reach.proved],
    ["assumed", "warning", reach.assumed],
    ["not checked", "warning", reach.notChecked],
  ];
  const indent = "  not checked  ".length;
  return parts
    .filter(([, , items]) => items.length > 0)
    .map(([name, ink, items]) => {
      const head = `  ${paint(name.padEnd("not checked".length), ink, style)}  `;
      const text = wrap(items.map((item) => oneLine(item)).join("; "), width - indent, 0).replaceAll(
        "\n",
        `\n${" ".repeat(indent)}`,
      );
      return `${head}${text}\n`;
    })
    .join("");
}

const MOST_NAMES = 4;

function namesOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** What there was and how long it took. */
export interface Tally {
  /** Each mistake once, however many experiments have it. */
  readonly mistakes: readonly Diagnostic[];
  /** Warnings that are not told, however many experiments accept them. */
  readonly acknowledged: number;
  readonly elapsedMs: number;
}

/** Counts what a report says. */
export function tallyOf(
  { diagnostics, acknowledged }: Pick<BuildReport, "diagnostics" | "acknowledged">,
  elapsedMs: number,
): Tally {
  return {
    mistakes: groupDiagnostics(diagnostics).map(({ diagnostic }) => diagnostic),
    acknowledged: groupDiagnostics(acknowledged.map(({ diagnostic }) => diagnostic)).length,
    elapsedMs,
  };
}

/** The last lines: how many mistakes, what became of the outputs, and the time. */
export function renderClosing(
  { mistakes, acknowledged, elapsedMs }: Tally,
  report: Pick<BuildReport, "cached" | "written" | "outDir"> & {
    readonly write: boolean;
    /** What is written one by one. */
    readonly what?: "experiments" | "points";
  },
  style: Style,
): string {
  const errors = mistakes.filter(({ severity }) => severity === "error").length;
  const warnings = mistakes.length - errors;
  const counts = [
    paint(errors === 0 ? "no errors" : counted(errors, "error"), errors === 0 ? "good" : "error", style),
    ...(warnings === 0 ? [] : [paint(counted(warnings, "warning"), "warning", style)]),
    ...(acknowledged === 0 ? [] : [`${counted(acknowledged, "acknowledged warning")}`]),
  ].join(", ");
  const cached = report.cached ? ", nothing changed" : "";
  const kept = report.write ? outcomeText(report.written, errors, report.what ?? "experiments") : "";
  const [example] = mistakes;
  const explain = example === undefined ? "" : `A code is explained by: assay explain ${example.code}\n`;
  return `${kept}${explain}${counts} in ${(elapsedMs / 1000).toFixed(2)} s${cached}\n`;
}

function outcomeText(written: boolean, errors: number, what: string): string {
  if (!written) return "Nothing is written: the last good outputs stay.\n";
  return errors === 0 ? "" : `The sound ${what} are written; the others keep their last good outputs.\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function buildsOf(experiments: readonly ExperimentReport[]): readonly { name: string; build: PresetReport }[] {
  return experiments.flatMap(({ name, builds, points = [] }) => [
    ...builds.flatMap((build) => (build.status === "skipped" ? [] : [{ name: buildName(name, build.preset), build }])),
    ...points.map((build) => ({ name: buildName(name, build.preset, build.point), build })),
  ]);
}
