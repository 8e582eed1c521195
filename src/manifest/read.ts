import { AssayError } from "../diagnostics/assay-error.ts";
import { manifestDiagnostics } from "./diagnostics.ts";
import { type Manifest, MANIFEST_VERSION } from "./format.ts";

/**
 * Reads a manifest from its text, or takes one that is parsed already. Only the version is looked at; `checkManifest` proves
 * the shape of one that comes from elsewhere.
 * @throws {AssayError} `manifest/syntax`, `manifest/version`
 */
export function readManifest(source: string | object): Manifest {
  const value = typeof source === "string" ? parse(source) : source;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw syntax("it holds no JSON object");
  if (!Object.hasOwn(value, "assayManifest")) throw syntax("it has no property `assayManifest`");
  const { assayManifest } = value as { readonly assayManifest: unknown };
  if (assayManifest !== MANIFEST_VERSION) {
    const found = JSON.stringify(assayManifest) ?? "undefined";
    throw new AssayError([manifestDiagnostics.version({ found, known: MANIFEST_VERSION }, { at: FROM_PROGRAM })]);
  }
  return value as Manifest;
}

const FROM_PROGRAM = { kind: "nowhere", reason: "the manifest was given by the program" } as const;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw syntax((error as Error).message);
  }
}

function syntax(problem: string): AssayError {
  return new AssayError([manifestDiagnostics.syntax({ problem }, { at: FROM_PROGRAM })]);
}
