import { type AllocationMode, gpusOf, type Layout3D, parseAllocationMode } from "assay";
import { type Answer, errorCodes } from "./compare.ts";

const DECOUPLED = { vllm: "DECOUPLED_vLLM", sglang: "DECOUPLED_SGLANG", mock: "DECOUPLED_MOCK" } as const;

export function allocationCase({ string }: { readonly string: string }): Answer {
  const { value, findings } = parseAllocationMode(string);
  return { value: value === null ? null : project(value), errors: errorCodes(findings) };
}

function project(mode: AllocationMode): unknown {
  switch (mode.kind) {
    case "manual":
      return { type: "MANUAL", parallel: null };
    case "heuristic":
      return { type: "HEURISTIC", parallel: null };
    case "globalHybrid":
      return { type: "GLOBAL_HYBRID", parallel: entries(mode.entries) };
    case "decoupled":
      return {
        type: DECOUPLED[mode.engine],
        parallel: { ...entries(mode.entries), gen: letters(mode.gen.layout) },
        gen_size: gpusOf(mode.gen.layout),
        gen_tp_size: mode.gen.layout.tensor,
      };
  }
}

function entries(list: readonly { readonly name: string; readonly layout: Layout3D }[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ name, layout }) => [name, letters(layout)]));
}

function letters({ data, pipe, tensor }: Layout3D) {
  return { d: data, p: pipe, m: tensor };
}
