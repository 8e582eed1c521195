import { defineDiagnostics } from "../../src/diagnostics/define.ts";

/** Codes of running author code. */
export const evaluateDiagnostics = defineDiagnostics("evaluate", {
  threw: {
    severity: "error",
    message: ({ error }: { error: string }) => `running the experiment failed: ${error}`,
    help: () => "correct what throws; no manifest is made of an experiment that ends so",
  },
  "undefined-name": {
    severity: "error",
    message: ({ name }: { name: string }) => `\`${name}\` is not defined`,
    help: ({ name }) => `import or declare \`${name}\``,
  },
  denied: {
    severity: "error",
    message: ({ what }: { what: string }) =>
      `\`${what}\` is not there while an experiment is built: its answer differs from run to run, or from machine to machine`,
    help: () => "make it an option, a reference such as `${env:NAME}`, or a declared input",
  },
  "missing-module": {
    severity: "error",
    message: ({ module }: { module: string }) => `there is no module \`${module}\``,
    help: () => "correct the path, or install the package",
  },
  "missing-export": {
    severity: "error",
    message: ({ module, name }: { module: string; name: string }) => `module \`${module}\` has no export \`${name}\``,
  },
  "time-limit": {
    severity: "error",
    message: ({ timeoutMs }: { timeoutMs: number }) => `the experiment still runs after ${timeoutMs} ms`,
    help: () => "end the loop, or raise `limits.timeoutMs` in the config",
  },
  "heap-limit": {
    severity: "error",
    message: ({ heapMiB }: { heapMiB: number }) => `the experiment needs more than ${heapMiB} MiB of memory`,
    help: () => "make fewer objects (worker sets are iterated lazily), or raise `limits.heapMiB` in the config",
  },
  "buffer-limit": {
    severity: "error",
    message: ({ buffersMiB }: { buffersMiB: number }) =>
      `the experiment asks for more than ${buffersMiB} MiB of array buffers`,
    help: () => "allocate less, or raise `limits.buffersMiB` in the config",
  },
  "output-limit": {
    severity: "warning",
    message: ({ outputKiB, printedKiB }: { outputKiB: number; printedKiB: number }) =>
      `the experiment printed ${printedKiB} KiB; what follows the first ${outputKiB} KiB is not shown`,
    help: () => "print less, or raise `limits.outputKiB` in the config",
  },
  exited: {
    severity: "error",
    message: ({ exitCode }: { exitCode: number }) =>
      `the experiment ended the thread that it ran in, with exit code ${exitCode}`,
    help: () => "throw an error instead",
  },
  "unhandled-rejection": {
    severity: "error",
    message: ({ error }: { error: string }) => `a promise was rejected, and nothing handles it: ${error}`,
    help: () => "await it, or handle the rejection",
  },
  "never-settles": {
    severity: "error",
    message: ({ module }: { module: string }) =>
      `module \`${module}\` waits for a promise that nothing will ever settle`,
    help: () => "remove the top-level `await`: nothing asynchronous runs while an experiment is built",
  },
  "intrinsic-changed": {
    severity: "error",
    message: ({ what }: { what: string }) => `\`${what}\` of the language is changed`,
    help: () => "use a function of your own: built-in objects are shared by all code",
  },
  "not-plain-data": {
    severity: "error",
    message: ({ path, found }: { path: string; found: string }) =>
      `${path === "" ? "the result" : `\`${path}\``} is ${found}, which is no plain data`,
    help: () => "use strings, finite numbers, booleans, null, lists and plain objects",
  },
  "undeclared-input": {
    severity: "error",
    message: ({ path }: { path: string }) => `\`${path}\` is no declared input of the project`,
    help: ({ path }) => `add \`${path}\` to \`inputs\` of the config`,
  },
  "wrong-result": {
    severity: "error",
    message: ({ method, problem }: { method: string; problem: string }) => `what \`${method}\` returned ${problem}`,
    help: () => "return what `experimentScheduling(...)` and `experimentConfig(...)` make, or a list of the latter",
  },
  "not-registered": {
    severity: "error",
    message: ({ name, file }: { name: string; file: string }) =>
      `running \`${file}\` does not register \`${name}\`, though it says so`,
    help: () => "register it at the top level of the module, in any case",
  },
});
