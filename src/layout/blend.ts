import type { Finding } from "../diagnostics/finding.ts";
import { callDiagnostics } from "../spec/diagnostics.ts";
import { type LayoutInput, placeOf } from "./input.ts";

/** Parameters are blended into those of a role only if workers hold that role: some call must use it. */
export function blendFindings({ calls }: LayoutInput): readonly Finding[] {
  const roles = new Set(calls.map(({ role }) => role));
  return calls.flatMap((call) => {
    const { name, blendInto } = call;
    if (blendInto === null || roles.has(blendInto.role)) return [];
    const facts = { call: name, role: blendInto.role };
    return [callDiagnostics["blend-without-model"](facts, { at: placeOf(call, "/postHooks") })];
  });
}
