import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { callModelName } from "../../spec/call.ts";
import { isObject } from "../../spec/own.ts";
import { callFactsOf } from "../facts.ts";
import type { Rule, RuleCall } from "./context.ts";

/** Codes of work that nobody uses. */
export const unusedDiagnostics = defineDiagnostics("graph", {
  "unused-call": {
    severity: "warning",
    message: ({ call, keys }: { call: string; keys: readonly string[] }) =>
      `nothing reads what call \`${call}\` yields (${namesInTicks(keys)}): it runs in vain`,
    help: ({ call }) => `leave \`${call}\` out, or let a call that trains read what it yields`,
  },
});

/**
 * Where something is trained, a call of a model that is not, such as a reference, is there for what it yields: somebody reads it.
 * Of interfaces that yield whatever they are asked for nothing is said.
 */
export const unusedCalls: Rule = ({ calls }) => {
  const read = new Set(calls.flatMap(({ call }) => call.inputKeys));
  const trained = new Set(calls.flatMap(({ call }) => (call.interfaceType === "trainStep" ? [roleOf(call)] : [])));
  return calls.flatMap((each): readonly Finding[] => {
    const { call, pointer } = each;
    const { name, outputKeys, interfaceType, logReturnValue } = call;
    if (trained.size === 0 || trained.has(roleOf(call)) || interfaceType !== "inference" || logReturnValue) return [];
    if (outputKeys.length === 0 || outputKeys.some((key) => read.has(key)) || !saysYields(each)) return [];
    return [unusedDiagnostics["unused-call"]({ call: name, keys: outputKeys }, { at: at(pointer) })];
  });
};

function roleOf(call: RuleCall["call"]): string {
  return callModelName(call).role;
}

function saysYields({ call, interfaceFacts }: RuleCall): boolean {
  const offered = isObject(interfaceFacts["calls"]) ? callFactsOf(interfaceFacts) : null;
  return (offered?.[call.interfaceType]?.yields ?? null) !== null;
}
