import { atOption, type Finding, hasErrors } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import { type ModelName, modelName } from "../spec/model-name.ts";
import type { ModelWorker } from "../spec/worker.ts";
import { modelWorkerSet, type WorkerSet } from "../spec/worker-set.ts";
import { backendFindings } from "./backend.ts";
import { batchFindings } from "./batch.ts";
import { blendFindings } from "./blend.ts";
import { capturedFindings } from "./captured.ts";
import type { LayoutCall, LayoutInput, PlacedCall } from "./input.ts";
import { placeCalls } from "./place.ts";
import { withReplicas } from "./replicas.ts";
import { serverFindings, type ServerSizes, serverSizes } from "./servers.ts";
import { layOutShards, type ShardMaker } from "./shards.ts";

/** Where everything goes. */
export interface Layout {
  /** Calls in flow order with their replicas and hooks; `null` if they could not be placed. */
  readonly calls: readonly PlacedCall[] | null;
  /** Without groups if something kept the models from being laid out: what workers share is proved all the same. */
  readonly modelWorker: WorkerSet;
  /** Generation servers; `null` where calls generate by themselves, or if the allocation gives servers no GPUs. */
  readonly servers: ServerLayout | null;
  readonly findings: readonly Finding[];
}

/** Servers that generate with a model of the flow. */
export interface ServerLayout extends ServerSizes {
  /** Replica with which they generate; that of the role's only model if calls could not be placed. */
  readonly modelName: ModelName;
}

/** Lays a flow out on its cluster: calls to GPUs, replicas, hooks, shards. What is wrong anywhere is found in one go. */
export function layOut(input: LayoutInput, shared: Omit<ModelWorker, "shards">, make: ShardMaker): Layout {
  const gpus = input.nNodes * input.gpusPerNode;
  const placed = placeCalls(input);
  const { mode } = placed;
  const engine = mode?.kind === "decoupled" ? mode.engine : null;
  // Without a rule nobody knows where calls generate.
  const isUndecided = mode?.kind === "heuristic" && input.heuristic === null;
  const sizes = input.servers === null ? null : serverSizes(mode, gpus);
  const workers = sizes?.modelWorkers ?? gpus;
  const findings = [
    ...placed.findings,
    ...(engine === "mock" && input.servers === null
      ? [allocationDiagnostics["mock-engine-unsupported"]({ engine }, { at: atOption("allocationMode") })]
      : []),
    ...serverFindings(mode, input),
    ...batchFindings(placed.calls),
    ...backendFindings(input, mode === null || isUndecided ? null : { engine }),
    ...capturedFindings(input, engine),
    ...blendFindings(input),
  ];
  if (
    placed.calls.length < input.calls.length ||
    hasErrors(placed.findings) ||
    (input.servers !== null && sizes === null)
  ) {
    return { calls: null, modelWorker: unplaced(workers, shared), servers: serversOf(input.calls, sizes), findings };
  }
  const calls = withReplicas(placed.calls, input);
  // Servers answer the call that generates: no worker runs it, and model workers are numbered without its GPUs.
  const served = sizes === null ? undefined : calls.find(({ call }) => call.kind === "generate");
  const held =
    served === undefined ? calls : calls.flatMap((each) => (each === served ? [] : shifted(each, served.gpus.count)));
  const sound = !hasErrors(findings.filter(({ code }) => !FROM_SIZES.has(code)));
  const layouts = sound ? layOutShards(held, input, served === undefined ? engine : null, make) : null;
  return {
    calls,
    modelWorker: layouts === null ? unplaced(workers, shared) : modelWorkerSet(workers, shared, layouts),
    servers: serversOf(input.calls, sizes, served?.replicaId),
    findings,
  };
}

function serversOf(calls: readonly LayoutCall[], sizes: ServerSizes | null, replicaId = 0): ServerLayout | null {
  const role = (calls.find(({ kind }) => kind === "generate") ?? calls[0])?.role;
  return sizes === null || role === undefined ? null : { ...sizes, modelName: modelName(role, replicaId) };
}

/** Codes of sizes that can be laid out, but not run. */
const FROM_SIZES: ReadonlySet<string> = new Set(["allocation/batch-too-small", "call/capture-length"]);

function shifted(placed: PlacedCall, by: number): PlacedCall {
  return { ...placed, gpus: { ...placed.gpus, first: placed.gpus.first - by } };
}

function unplaced(count: number, shared: Omit<ModelWorker, "shards">): WorkerSet {
  return { count, shared: shared as unknown as WorkerSet["shared"], shards: [], groups: [] };
}
