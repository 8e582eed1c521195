import { defineDiagnostics } from "../src/diagnostics/define.ts";
import type { Place } from "../src/diagnostics/finding.ts";

/** Codes of a project's configuration. */
export const buildDiagnostics = defineDiagnostics("build", {
  "config-not-found": {
    severity: "error",
    message: ({ from }: { from: string }) => `no folder from \`${from}\` upward has an \`assay.config.ts\``,
    help: () => "run `assay init` in the project's folder, or name the config by `--config`",
  },
  "config-missing": {
    severity: "error",
    message: ({ file, by }: { file: string; by: string }) => `${by} names the config \`${file}\`, which is not there`,
    help: () => "correct the path",
  },
  "config-package": {
    severity: "error",
    message: ({ file, problem }: { file: string; problem: string }) => `\`${file}\` can't name a config: ${problem}`,
    help: () => 'write `"assay": { "config": "path/of/assay.config.ts" }`',
  },
  "config-threw": {
    severity: "error",
    message: ({ reason }: { reason: string }) => `the config can't be evaluated: ${reason}`,
    help: () => "correct the config: it is run like any module",
  },
  "config-no-default": {
    severity: "error",
    message: ({ file }: { file: string }) => `\`${file}\` has no default export`,
    help: () => "write `export default defineConfig({ ... })`",
  },
  "config-type": {
    severity: "error",
    message: ({ property, expected, found }: { property: string; expected: string; found: string }) =>
      `${property === "" ? "the config" : `\`${property}\` of the config`} must be ${expected}, found ${found}`,
    help: ({ expected }) => `write ${expected}`,
  },
  "config-unknown-key": {
    severity: "error",
    message: ({ property }: { property: string }) => `the config has no property \`${property}\``,
  },
  "config-path": {
    severity: "error",
    message: ({ property, path, problem }: { property: string; path: string; problem: string }) =>
      `\`${property}\` of the config can't be ${JSON.stringify(path)}: it ${problem}`,
    help: () => "write a path inside of the project, relative to its folder",
  },
  "config-cluster-twice": {
    severity: "error",
    message: ({ name }: { name: string }) => `two clusters of the config are named \`${name}\``,
    help: () => "give one of them another name",
  },
  "severity-code": {
    severity: "error",
    message: ({ named }: { named: string }) => `no rule of the plugins in use has the code \`${named}\``,
  },
  "severity-own": {
    severity: "error",
    message: ({ named }: { named: string }) =>
      `\`${named}\` is a code of Assay itself: it may be an error here, and nothing less`,
    help: () => 'set it to "error", or take it out of `severities`; a class may acknowledge a warning with a reason',
  },
  "no-experiment-files": {
    severity: "error",
    message: ({ patterns }: { patterns: readonly string[] }) =>
      patterns.length === 0
        ? "the config names no modules with experiments"
        : `no module matches ${patterns.map((pattern) => `\`${pattern}\``).join(", ")}`,
    help: () => "correct `experiments` in the config, or add a module with an experiment",
  },
  tsconfig: {
    severity: "error",
    message: ({ reason }: { reason: string }) => `the compiler's settings can't be read: ${reason}`,
    help: () => "correct `tsconfig.json`, or the file that it extends",
  },
});

/** The beginning of a file (project-relative path). */
export function startOf(file: string): Place {
  return { kind: "span", span: { file, line: 1, column: 1, length: 0 } };
}
