import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence, type Sentence } from "../diagnostics/sentence.ts";

/** Values of each override, multiplied. There may be other points than these make: with values that hold commas. */
function productText(points: number, values: readonly number[]): Sentence {
  const [first, ...others] = values.map((count, index) => factor(`values ${index}`, count));
  const product = values.reduce((all, count) => all * count, 1);
  if (first === undefined || others.length === 0 || product !== points) return factor("values 0", points);
  return sentence`${others.reduce((text, other) => sentence`${text} x ${other}`, first)} = ${points}`;
}

/** Codes of the command line. */
export const cliDiagnostics = defineDiagnostics("cli", {
  "unknown-command": {
    severity: "error",
    message: ({ name }: { name: string }) => `there is no command \`${name}\``,
    help: () => "run `assay --help` for the list",
  },
  "unknown-option": {
    severity: "error",
    message: ({ option, command }: { option: string; command: string }) => `\`${command}\` takes no \`${option}\``,
    help: ({ command }: { option: string; command: string }) => `run \`${command} --help\` for the list`,
  },
  "unknown-target": {
    severity: "error",
    message: ({ target }: { target: string }) => `there is no export to \`${target}\``,
  },
  "left-out": {
    severity: "warning",
    message: ({ target, what, pointer }: { target: string; what: string; pointer: string }) =>
      `${what} (${pointer}) is not exported: ${target} has no field for it`,
    help: () => "give it to whatever starts the exported experiment, or take it out of this one",
  },
  "export-taken": {
    severity: "error",
    message: ({ file, experiment }: { file: string; experiment: string }) =>
      `\`${file}\` is there already, and no export of \`${experiment}\` made it`,
    help: () => "move the file away, or name another folder by `--out`",
  },
  usage: {
    severity: "error",
    message: ({ problem }: { problem: string }) => problem,
    help: () => "run the command with `--help`",
  },
  override: {
    severity: "error",
    message: ({ argument }: { argument: string }) => `\`${argument}\` names no option`,
    help: () => "write an override as `path=value`, such as `model.optimizer.lr=1e-5`",
  },
  "sweep-value": {
    severity: "error",
    message: ({ path, problem }: { path: string; problem: string }) => `the values of \`${path}\`: ${problem}`,
  },
  "value-twice": {
    severity: "warning",
    message: ({ path, value }: { path: string; value: string }) =>
      `\`${path}\` is given ${value} twice, which makes one point`,
    help: () => "leave one of them out",
  },
  "option-twice": {
    severity: "error",
    message: ({ path }: { path: string }) => `\`${path}\` is set by another override of the sweep`,
    help: () => "set it once: names of points do not tell the order of overrides",
  },
  "too-many-points": {
    severity: "error",
    message: ({ points, most, values }: { points: number; most: number; values: readonly number[] }) =>
      sentence`the sweep has ${productText(points, values)} points, more than ${factor("most", most)}`,
    help: ({ points }) => `give fewer values, or allow as many by \`--max-points ${points}\``,
  },
  pattern: {
    severity: "error",
    message: ({ pattern, problem }: { pattern: string; problem: string }) =>
      `\`${pattern}\` is no regular expression: ${problem}`,
    help: () => "write a backslash before characters that mean something in one, such as `(` and `*`",
  },
  "no-outputs": {
    severity: "error",
    message: ({ folder }: { folder: string }) => `\`${folder}\` holds no outputs of a build`,
    help: () => "run `assay build`",
  },
  "outputs-damaged": {
    severity: "error",
    message: ({ file, problem }: { file: string; problem: string }) =>
      `the output \`${file}\` can't be read: ${problem}`,
    help: () => "run `assay build` again",
  },
  "not-built": {
    severity: "error",
    message: ({ name, status }: { name: string; status: string }) =>
      status === "" ? `the last build has no \`${name}\`` : `the last build made no manifest of \`${name}\`: ${status}`,
  },
  "no-such-fact": {
    severity: "error",
    message: ({ experiment, question }: { experiment: string; question: string }) =>
      `nothing in \`${experiment}\` is called \`${question}\``,
  },
  "file-not-readable": {
    severity: "error",
    message: ({ file, problem }: { file: string; problem: string }) => `\`${file}\` can't be read: ${problem}`,
    help: () => "correct the path; it is read from the folder that the command runs in",
  },
  "file-changed": {
    severity: "error",
    message: ({ file }: { file: string }) => `\`${file}\` has changed since it was checked: nothing in it is fixed`,
    help: () => "run `assay fix` again",
  },
  "file-not-writable": {
    severity: "error",
    message: ({ file, problem }: { file: string; problem: string }) => `\`${file}\` can't be written: ${problem}`,
    help: () => "make the folder writable, or apply by hand what `assay fix --dry-run` shows",
  },
  "unknown-code": {
    severity: "error",
    message: ({ code }: { code: string }) => `there is no code \`${code}\``,
    help: () => "run `assay explain` for the list",
  },
});
