import { defineDiagnostics } from "../src/diagnostics/define.ts";

/** Codes of reading sources. */
export const codegenDiagnostics = defineDiagnostics("codegen", {
  syntax: {
    severity: "error",
    message: ({ problem }: { problem: string }) => `the file can't be parsed: ${problem}`,
    help: () => "correct the syntax at this place; `npx tsc --noEmit` says more",
  },
  "registration-not-static": {
    severity: "error",
    message: ({ what, problem }: { what: string; problem: string }) =>
      `${what} can't be read without running it: ${problem}`,
    help: () => "write the name as a string literal, at the top level of the module",
  },
  "bad-range": {
    severity: "error",
    message: ({ text, problem }: { text: string; problem: string }) =>
      text === "" ? `\`@range\` ${problem}` : `\`@range ${text}\` ${problem}`,
    help: () => "write e.g. `@range >= 1`, `@range integer >= 1`, `@range (0, 1]`",
  },
  "misplaced-doc": {
    severity: "warning",
    message: ({ what, problem }: { what: string; problem: string }) =>
      `the comment of ${what} ${problem}: nothing reads it`,
    help: () => "write it as one `/** */` comment in front of the decorator",
  },
});
