import type { Finding } from "../diagnostics/finding.ts";
import type { SchemaProblem } from "../schema/problems.ts";
import { manifestDiagnostics } from "./diagnostics.ts";

/** More than these say nothing new: something else was given. */
const MOST_FINDINGS = 20;

/**
 * Proves the shape of a manifest that comes from elsewhere, as `docs/manifest.schema.json` describes it. What its values mean is
 * left to the resolver. Findings point into the authored part, or say where else.
 */
export async function checkManifest(manifest: object): Promise<readonly Finding[]> {
  // Loaded on demand: a worker that only reads its own configuration never needs them.
  const [{ Validator }, { MANIFEST_SCHEMA }, { schemaProblems }] = await Promise.all([
    import("@cfworker/json-schema"),
    import("./schema.ts"),
    import("../schema/problems.ts"),
  ]);
  const validator = new Validator(MANIFEST_SCHEMA, "2020-12", false);
  return schemaProblems(validator, manifest, "a manifest has nothing here").slice(0, MOST_FINDINGS).map(shape);
}

function shape({ pointer, problem }: SchemaProblem): Finding {
  const [, part, ...rest] = pointer.split("/");
  const at =
    part === "authored"
      ? ({ kind: "pointer", pointer: rest.map((segment) => `/${segment}`).join("") } as const)
      : ({ kind: "nowhere", reason: "only the authored part of a manifest has a source" } as const);
  return manifestDiagnostics.shape({ pointer, problem }, { at });
}
