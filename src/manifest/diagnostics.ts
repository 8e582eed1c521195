import { defineDiagnostics } from "../diagnostics/define.ts";

/** Codes of manifests as files. */
export const manifestDiagnostics = defineDiagnostics("manifest", {
  syntax: {
    severity: "error",
    message: ({ problem }: { problem: string }) => `this is no manifest: ${problem}`,
  },
  version: {
    severity: "error",
    message: ({ found, known }: { found: string; known: number }) =>
      `the manifest has version ${found}, this reader knows ${known}`,
    help: () => "build it again with this version of Assay, or update Assay",
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
