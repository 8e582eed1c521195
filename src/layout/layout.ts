import { atOption, type Finding, hasErrors } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import type { ModelWorker } from "../spec/worker.ts";
import { modelWorkerSet, type WorkerSet } from "../spec/worker-set.ts";
import { backendFindings } from "./backend.ts";
import { batchFindings } from "./batch.ts";
import type { LayoutInput, PlacedCall } from "./input.ts";
import { placeCalls } from "./place.ts";
import { withReplicas } from "./replicas.ts";
import { layOutShards, type ShardMaker } from "./shards.ts";

/** Where everything goes. */
export interface Layout {
  /** Calls in flow order with their replicas and hooks; `null` if they could not be placed. */
  readonly calls: readonly PlacedCall[] | null;
  /** Without groups if something kept the models from being laid out: what workers share is proved all the same. */
  readonly modelWorker: WorkerSet;
  /** Number of model workers, one a GPU. */
  readonly workers: number;
  readonly findings: readonly Finding[];
}

/** Lays a flow out on its cluster: calls to GPUs, replicas, hooks, shards. What is wrong anywhere is found in one go. */
export function layOut(input: LayoutInput, shared: Omit<ModelWorker, "shards">, make: ShardMaker): Layout {
  const workers = input.nNodes * input.gpusPerNode;
  const placed = placeCalls(input);
  const engine = placed.mode?.kind === "decoupled" ? placed.mode.engine : null;
  const findings = [
    ...placed.findings,
    ...(engine === "mock"
      ? [allocationDiagnostics["mock-engine-unsupported"]({ engine }, { at: atOption("allocationMode") })]
      : []),
    ...batchFindings(placed.calls),
    ...backendFindings(input, placed.mode === null || placed.mode.kind === "heuristic" ? null : { engine }),
  ];
  if (placed.calls.length < input.calls.length || hasErrors(placed.findings)) {
    return { calls: null, modelWorker: unplaced(workers, shared), workers, findings };
  }
  const calls = withReplicas(placed.calls, input);
  const sound = !hasErrors(findings.filter(({ code }) => !FROM_SIZES.has(code)));
  const layouts = sound ? layOutShards(calls, input, engine, make) : null;
  return {
    calls,
    modelWorker: layouts === null ? unplaced(workers, shared) : modelWorkerSet(workers, shared, layouts),
    workers,
    findings,
  };
}

/** Codes of sizes that can be laid out, but not run. */
const FROM_SIZES: ReadonlySet<string> = new Set(["allocation/batch-too-small"]);

function unplaced(count: number, shared: Omit<ModelWorker, "shards">): WorkerSet {
  return { count, shared: shared as unknown as WorkerSet["shared"], shards: [], groups: [] };
}
