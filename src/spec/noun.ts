import { FINDINGS, type Finding } from "../diagnostics/finding.ts";
import { callSites, type FieldPlace, type Origin, withOrigin } from "../origin/call-site.ts";

/** How a noun comes to be: where its fields stand in the call, what option it derives from, what is wrong with it. */
export interface NounDetails {
  readonly fields?: Readonly<Record<string, FieldPlace>>;
  readonly findings?: readonly Finding[];
}

/**
 * Makes `data` a noun: plain, frozen, with its origin and its own findings under symbols. `maker` is the function that
 * the author called; places of findings are relative to the noun (`""` is the noun itself).
 */
export function noun<T extends object>(maker: (...args: never[]) => unknown, data: T, details: NounDetails = {}): T {
  const frames = callSites(maker);
  const origin: Origin = details.fields === undefined ? { frames } : { frames, fields: details.fields };
  if (details.findings !== undefined && details.findings.length > 0) {
    Object.defineProperty(data, FINDINGS, { value: details.findings, enumerable: true });
  }
  return withOrigin(data, origin);
}

/** What a noun's constructor found wrong with it. */
export function ownFindings(value: object): readonly Finding[] {
  return (value as { readonly [FINDINGS]?: readonly Finding[] })[FINDINGS] ?? [];
}
