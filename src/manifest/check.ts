import type { Finding } from "../diagnostics/finding.ts";
import { manifestDiagnostics } from "./diagnostics.ts";

/** More than these say nothing new: something else was given. */
const MOST_FINDINGS = 20;

/**
 * Proves the shape of a manifest that comes from elsewhere, as `docs/manifest.schema.json` describes it. What its values mean is
 * left to the resolver. Findings point into the authored part, or say where else.
 */
export async function checkManifest(manifest: object): Promise<readonly Finding[]> {
  // Loaded on demand: a worker that only reads its own configuration never needs them.
  const [{ Validator }, { MANIFEST_SCHEMA }] = await Promise.all([
    import("@cfworker/json-schema"),
    import("./schema.ts"),
  ]);
  const { errors } = new Validator(MANIFEST_SCHEMA, "2020-12", false).validate(manifest);
  const findings = new Map<string, Finding>();
  for (const { instanceLocation, keyword, error } of errors) {
    if (CONTAINERS.has(keyword)) continue;
    const pointer = decodeURIComponent(instanceLocation.slice(1));
    const problem = keyword === "false" ? "a manifest has nothing here" : error;
    if (!findings.has(pointer)) findings.set(pointer, shape(pointer, problem));
  }
  return [...findings.values()].slice(0, MOST_FINDINGS);
}

/** Keywords whose errors only repeat that something inside is wrong. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "$ref",
  "allOf",
  "if",
  "additionalProperties",
  "properties",
  "items",
  "prefixItems",
]);

function shape(pointer: string, problem: string): Finding {
  const [, part, ...rest] = pointer.split("/");
  const at =
    part === "authored"
      ? ({ kind: "pointer", pointer: rest.map((segment) => `/${segment}`).join("") } as const)
      : ({ kind: "nowhere", reason: "only the authored part of a manifest has a source" } as const);
  return manifestDiagnostics.shape({ pointer, problem }, { at });
}
