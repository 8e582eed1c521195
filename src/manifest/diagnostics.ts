import { defineDiagnostics } from "../diagnostics/define.ts";

/** Codes of manifests as files. */
export const manifestDiagnostics = defineDiagnostics("manifest", {
  syntax: {
    severity: "error",
    message: ({ problem }: { problem: string }) => `this is no manifest: ${problem}`,
    help: () => "give the whole text of a `.manifest.json` file that `assay build` wrote",
  },
  version: {
    severity: "error",
    message: ({ found, known }: { found: string; known: number }) =>
      `the manifest has version ${found}, this reader knows ${known}`,
    help: () => "build it again with this version of Assay, or update Assay",
  },
  shape: {
    severity: "error",
    message: ({ pointer, problem }: { pointer: string; problem: string }) =>
      `\`${pointer === "" ? "/" : pointer}\` does not have the shape of a manifest: ${problem}`,
    help: () => "compare it with `docs/manifest.schema.json`",
  },
  "not-json": {
    severity: "error",
    message: ({ pointer, found }: { pointer: string; found: string }) =>
      `\`${pointer === "" ? "/" : pointer}\` is ${found}, which canonical JSON cannot hold`,
    help: () => "use a value that JSON has: a string of whole characters, a finite number, true, false or null",
  },
  "no-such-worker": {
    severity: "error",
    message: ({ kind, index, count, setup }: { kind: string; index: number; count: number; setup: number }) =>
      count === 0
        ? `setup ${setup} has no workers of kind \`${kind}\`, worker ${index} was asked for`
        : `setup ${setup} has ${count} workers of kind \`${kind}\`, 0 to ${count - 1}; worker ${index} was asked for`,
  },
  unbound: {
    severity: "error",
    message: ({ references }: { references: readonly string[] }) => `no value is bound for ${references.join(", ")}`,
    help: () => "give the values in the bindings",
  },
});
