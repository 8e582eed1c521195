import type { Finding } from "../../src/diagnostics/finding.ts";
import { checkManifest } from "../../src/manifest/check.ts";
import { type Authored, MANIFEST_VERSION } from "../../src/manifest/format.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";

/** What keeps the two results from being read at all. */
export function shapeFindings({
  scheduling,
  setups,
}: {
  scheduling: unknown;
  setups: readonly unknown[];
}): readonly Finding[] {
  const findings: Finding[] = [];
  const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const wrong = (method: string, problem: string, pointer: string) =>
    findings.push(evaluateDiagnostics["wrong-result"]({ method, problem }, { at: { kind: "pointer", pointer } }));
  if (!isObject(scheduling) || !("modelWorker" in scheduling) || !("masterWorker" in scheduling)) {
    wrong("schedulingSetup", "has no groups of workers", "/scheduling");
  }
  for (const [index, setup] of setups.entries()) {
    if (!isObject(setup) || !Array.isArray(setup["modelRpcs"]) || !("modelWorker" in setup)) {
      wrong("initialSetup", `is no setup${setups.length > 1 ? ` (number ${index + 1})` : ""}`, `/setups/${index}`);
    }
  }
  return findings;
}

/** Where an authored part does not have the shape that all passes rely on. */
export async function wrongShape(authored: Authored): Promise<readonly Finding[]> {
  const manifest = {
    assayManifest: MANIFEST_VERSION,
    name: authored.experiment,
    preset: null,
    declared: null,
    authored,
  };
  const found = await checkManifest({ ...manifest, resolved: {}, hashes: {} });
  return found.flatMap(({ data, at }) => {
    const pointer = String(data["pointer"]);
    if (!pointer.startsWith("/authored/")) return [];
    const method = pointer.startsWith("/authored/scheduling") ? "schedulingSetup" : "initialSetup";
    const problem = `is wrong at \`${pointer.slice("/authored".length)}\`: ${String(data["problem"])}`;
    return [evaluateDiagnostics["wrong-result"]({ method, problem }, { at })];
  });
}
