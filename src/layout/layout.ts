import type { Finding } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import { atOption } from "../diagnostics/finding.ts";
import type { ModelWorker } from "../spec/worker.ts";
import { modelWorkerSet, type WorkerSet } from "../spec/worker-set.ts";
import { batchFindings } from "./batch.ts";
import type { LayoutInput, PlacedCall } from "./input.ts";
import { placeCalls } from "./place.ts";
import { withReplicas } from "./replicas.ts";
import { layOutShards, type ShardMaker } from "./shards.ts";

/** Where everything goes. */
export interface Layout {
  /** Calls in flow order with their replicas and hooks; `null` if they could not be placed. */
  readonly calls: readonly PlacedCall[] | null;
  readonly modelWorker: WorkerSet | null;
  /** Number of model workers, one a GPU. */
  readonly workers: number;
  readonly findings: readonly Finding[];
}

/** Lays a flow out on its cluster: calls to GPUs, replicas, hooks, shards. */
export function layOut(input: LayoutInput, shared: Omit<ModelWorker, "shards">, make: ShardMaker): Layout {
  const workers = input.nNodes * input.gpusPerNode;
  const placed = placeCalls(input);
  if (placed.calls === null) return { calls: null, modelWorker: null, workers, findings: placed.findings };
  const calls = withReplicas(placed.calls, input);
  const engine = placed.mode?.kind === "decoupled" ? placed.mode.engine : null;
  const mock =
    engine === "mock"
      ? [allocationDiagnostics["mock-engine-unsupported"]({ engine }, { at: atOption("allocationMode") })]
      : [];
  const shards = layOutShards(calls, input, engine, make);
  const findings = [...placed.findings, ...mock, ...batchFindings(calls), ...shards.findings];
  const sound = mock.length === 0 && shards.findings.length === 0;
  return { calls, modelWorker: sound ? modelWorkerSet(workers, shared, shards.layouts) : null, workers, findings };
}
