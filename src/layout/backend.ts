import { atOption, type Finding, type Place } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import type { LayoutCall, LayoutInput, LayoutModel, PlacedCall } from "./input.ts";

/** Backend of a model that has no GPUs for generation alone: one that trains, generates, or merely runs forward. */
export function backendOf(own: readonly PlacedCall[], input: LayoutInput): string {
  const model = input.models[(own[0] as PlacedCall).call.role];
  if (own.some(({ call }) => call.kind === "trainStep")) return model?.train?.type ?? "";
  const [hybrid] = model?.hybrid ?? [];
  return hybrid !== undefined && own.some(({ call }) => call.kind === "generate") ? hybrid.type : "inference";
}

/**
 * Backends that are not there, or can't do what is asked of them. Where calls generate on GPUs of their own, nobody generates on
 * those that train; `decided` is `null` where nobody knows.
 */
export function backendFindings(
  { calls, models }: LayoutInput,
  decided: { readonly engine: string | null } | null,
): readonly Finding[] {
  return [...new Set(calls.map(({ role }) => role))].flatMap((role) => {
    const model = models[role];
    const has = (kind: LayoutCall["kind"]) => calls.some((call) => call.role === role && call.kind === kind);
    const findings: Finding[] = [];
    if (has("trainStep") && (model?.train ?? null) === null) {
      findings.push(
        allocationDiagnostics.backend({ role, backend: model?.trainName ?? "" }, { at: optionOf(model, "backend") }),
      );
    }
    const refused = model?.hybrid.find(({ supported }) => !supported);
    if (has("generate") && decided !== null && decided.engine === null && refused !== undefined) {
      findings.push(
        allocationDiagnostics["sglang-hybrid"](
          { role, engine: refused.type },
          { at: optionOf(model, `${refused.type}.hybridTrain`) },
        ),
      );
    }
    return findings;
  });
}

function optionOf(model: LayoutModel | undefined, field: string): Place {
  return model === undefined || model.option === null ? { kind: "class" } : atOption(`${model.option}.${field}`);
}
