import { defineDiagnostics } from "../../src/diagnostics/define.ts";

/** Codes of a build's output on disk. */
export const outputDiagnostics = defineDiagnostics("build", {
  "output-name": {
    severity: "error",
    message: ({ name, problem }: { name: string; problem: string }) =>
      `an output can't be named ${JSON.stringify(name)}: the name ${problem}`,
    help: () => "rename the experiment or the preset",
  },
  "output-taken": {
    severity: "error",
    message: ({ path }: { path: string }) => `\`${path}\` is in the way of an output, and no build has written it`,
    help: ({ path }) => `move \`${path}\` away, or set another \`out\` folder in the config`,
  },
  "output-not-writable": {
    severity: "error",
    message: ({ path, reason }: { path: string; reason: string }) => `\`${path}\` can't be written: ${reason}`,
    help: () => "make the folder writable, or set another one as `out` in the config",
  },
  "generated-file-taken": {
    severity: "error",
    message: ({ path }: { path: string }) =>
      `\`${path}\` would be overwritten by generated code, but it does not look generated`,
    help: ({ path }) => `move \`${path}\` away, or set another \`gen\` file in the config`,
  },
});
