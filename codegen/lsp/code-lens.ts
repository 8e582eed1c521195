import type { CodeLens, Range } from "vscode-languageserver/node";
import type { BuildReport, PresetReport } from "../report.ts";
import type { DeclaredFile } from "../source-reader.ts";
import { errorsOf } from "./errors.ts";

/** Command that a lens runs: it proves the project of a file again. */
export const CHECK_COMMAND = "assay.check";

/** What a lens stands above. */
interface Subject {
  readonly experiment: string;
  readonly preset: string | null;
  readonly range: Range;
}

/**
 * A line above each registration and each preset of a file, with what the last run said of it.
 * @param declared the file as the editor has it, so that lenses stand right while it is edited.
 * @param file its project-relative path.
 */
export function codeLenses(
  { experiments, classes }: DeclaredFile,
  { file, uri, report }: { readonly file: string; readonly uri: string; readonly report: BuildReport | null },
): readonly CodeLens[] {
  const registered = experiments.map((one): Subject => ({
    experiment: one.name,
    preset: null,
    range: lineOf(one.span),
  }));
  const presets = classes.flatMap((owner) => {
    const own = experiments.filter(({ className, classModule }) => className === owner.name && classModule === null);
    // A class may be registered in other files.
    const others = (report?.experiments ?? []).filter(
      (one) => one.className === owner.name && one.file !== file && hasPresets(one.builds, owner.presets),
    );
    const names = new Set([...own, ...(own.length === 0 ? others : [])].map(({ name }) => name));
    return owner.presets.flatMap(({ name, span }) =>
      [...names].map((experiment): Subject => ({ experiment, preset: name, range: lineOf(span) })),
    );
  });
  const several = (subject: Subject) =>
    presets.some((other) => other.preset === subject.preset && other.experiment !== subject.experiment);
  return [...registered, ...presets].map((subject): CodeLens => {
    const head = subject.preset !== null && several(subject) ? `${subject.experiment}: ` : "";
    const title = `${head}${statusOf(report, subject)}`;
    return { range: subject.range, command: { title, command: CHECK_COMMAND, arguments: [uri] } };
  });
}

function hasPresets(builds: readonly PresetReport[], presets: readonly { readonly name: string }[]): boolean {
  return presets.every(({ name }) => builds.some(({ preset }) => preset === name));
}

function lineOf({ line, column, length }: { line: number; column: number; length: number }): Range {
  const start = { line: line - 1, character: column - 1 };
  return { start, end: { line: line - 1, character: column - 1 + length } };
}

function statusOf(report: BuildReport | null, { experiment, preset }: Subject): string {
  if (report === null) return "checking";
  const of = report.experiments.find(({ name }) => name === experiment);
  const built = of?.builds.find((one) => one.preset === preset);
  if (built === undefined) return "not checked yet";
  switch (built.status) {
    case "proved": {
      const { summary } = built;
      const sizes = summary === null ? [] : [counted(summary.gpus, "GPU"), counted(summary.calls.length, "call")];
      return [...sizes, "proved"].join(" · ");
    }
    case "failed":
      return `failed: ${counted(errorsOf(report.diagnostics, experiment, preset), "error")}`;
    case "needs":
      return `needs ${built.needs.join(", ")}`;
    case "skipped":
      return "not checked: the project has errors";
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
