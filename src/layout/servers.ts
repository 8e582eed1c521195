import { atOption, type Finding } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import { type AllocationMode, gpusOf } from "../spec/allocation-mode.ts";
import type { LayoutInput } from "./input.ts";

/** How GPUs are shared between generation servers and model workers. */
export interface ServerSizes {
  readonly servers: number;
  readonly gpusPerServer: number;
  /** GPUs that are left for model workers. */
  readonly modelWorkers: number;
}

/** Sizes of generation apart from training; `null` unless the allocation gives an engine GPUs of its own and leaves some. */
export function serverSizes(mode: AllocationMode | null, gpus: number): ServerSizes | null {
  if (mode?.kind !== "decoupled") return null;
  const { layout } = mode.gen;
  const world = gpusOf(layout);
  if (world < 1 || world >= gpus) return null;
  return { servers: world / layout.tensor, gpusPerServer: layout.tensor, modelWorkers: gpus - world };
}

/** The servers run their own engine, whatever one the allocation names. */
export function serverFindings(mode: AllocationMode | null, { servers }: LayoutInput): readonly Finding[] {
  if (servers === null || mode?.kind !== "decoupled" || mode.engine === servers.engine) return [];
  // The name stands before the dot that the sizes follow.
  const range = { offset: mode.gen.range.offset - mode.engine.length - 1, length: mode.engine.length };
  const facts = { named: mode.engine, engine: servers.engine };
  return [
    allocationDiagnostics["engine-ignored"](facts, { at: atOption("allocationMode", range), fix: servers.engine }),
  ];
}
