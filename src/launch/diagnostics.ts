import { defineDiagnostics } from "../diagnostics/define.ts";

/** Codes of running experiments. */
export const launchDiagnostics = defineDiagnostics("launch", {
  "unknown-launcher": {
    severity: "error",
    message: ({ name }: { name: string }) => `there is no launcher \`${name}\``,
    help: () => "use `--on local`, or name one under `launchers` of the config",
  },
  "unknown-runtime": {
    severity: "error",
    message: ({ name }: { name: string }) => `there is no runtime \`${name}\``,
    help: () => "use `realhf` or `rehearsal`, or name one under `runtimes` of the config",
  },
  "trial-name": {
    severity: "error",
    message: ({ trial }: { trial: string }) =>
      `\`${trial}\` is no name of a trial: paths and jobs are named by it, so it has letters, digits, \`.\` and \`-\` only, and begins with none of these two`,
    help: () => "give another name by `--trial`",
  },
  "already-running": {
    severity: "error",
    message: ({ run, by }: { run: string; by: string }) => `the run \`${run}\` is going on already: ${by}`,
    help: () => "give another name by `--trial`, or end it by `assay stop`",
  },
  "already-complete": {
    severity: "error",
    message: ({ run }: { run: string }) => `the run \`${run}\` is complete: there is nothing to go on with`,
    help: () => "give another name by `--trial`",
  },
  "other-manifest": {
    severity: "error",
    message: ({ run }: { run: string }) =>
      `the run \`${run}\` began with another manifest than the experiment has now, so it can't go on`,
    help: () => "give another name by `--trial`, or undo what was changed since",
  },
  refused: {
    severity: "error",
    message: ({ launcher, problem }: { launcher: string; problem: string }) =>
      `the launcher \`${launcher}\` can't start it: ${problem}`,
    help: () => "change what workers ask for, or choose another launcher by `--on`",
  },
  "launcher-failed": {
    severity: "error",
    message: ({ launcher, problem }: { launcher: string; problem: string }) =>
      `the launcher \`${launcher}\`: ${problem}`,
    help: () => "look at the launcher's own messages and at the folder of the run",
  },
  "worker-failed": {
    severity: "error",
    message: ({ failure }: { failure: string }) => failure,
    help: () => "read its last lines above; `assay logs` has all of them",
  },
  "no-such-run": {
    severity: "error",
    message: ({ run }: { run: string }) => (run === "" ? "there is no run yet" : `there is no run \`${run}\``),
    help: () => "run `assay status` for the list",
  },
  "record-damaged": {
    severity: "error",
    message: ({ file, problem }: { file: string; problem: string }) => `\`${file}\` can't be read: ${problem}`,
    help: () => "move the folder of that run away, when nothing of it runs any more",
  },
});
