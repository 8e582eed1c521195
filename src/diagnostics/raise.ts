import type { Severity } from "./finding.ts";

/** What is found, with the warnings of some codes as errors; all others are the same objects. */
export function raise<F extends { readonly code: string; readonly severity: Severity }>(
  found: readonly F[],
  codes: ReadonlySet<string>,
): readonly F[] {
  if (!found.some((one) => isRaised(one, codes))) return found;
  return found.map((one) => (isRaised(one, codes) ? { ...one, severity: "error" } : one));
}

function isRaised(
  { code, severity }: { readonly code: string; readonly severity: Severity },
  codes: ReadonlySet<string>,
): boolean {
  return severity === "warning" && codes.has(code);
}
