import { atOption, type Finding } from "../diagnostics/finding.ts";
import { withOrigin } from "../origin/call-site.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import type { ModelName } from "../spec/model-name.ts";
import type { TypeArgs } from "../spec/pair.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import type { ShardLayout } from "../spec/worker-set.ts";
import type { LayoutInput, PlacedCall } from "./input.ts";

/** What a flow adds to the shards of its models. */
export interface ShardMaker {
  /** Pairs of a model's shards on a backend. */
  readonly pairs: (
    role: string,
    backend: string,
    holds: "weights" | "tokenizer",
  ) => { model: TypeArgs; backend: TypeArgs } | null;
  readonly evalDataset: TypeArgs | null;
  readonly evalBs: number;
  /** Longest prompt in tokens, where a call generates. */
  readonly maxPromptLen: number | null;
}

/** Shards of every model, in the order in which calls name the models. */
export function layOutShards(
  calls: readonly PlacedCall[],
  input: LayoutInput,
  engine: string | null,
  make: ShardMaker,
): { readonly layouts: readonly ShardLayout[]; readonly findings: readonly Finding[] } {
  const layouts: ShardLayout[] = [];
  const findings: Finding[] = [];
  const byModel = new Map<string, PlacedCall[]>();
  for (const placed of calls) {
    const name = `${placed.call.role}@${placed.replicaId}`;
    byModel.set(name, [...(byModel.get(name) ?? []), placed]);
  }
  const reported = new Set<string>();
  for (const own of byModel.values()) {
    const first = own[0] as PlacedCall;
    const { role } = first.call;
    const onEngine = engine !== null && own.every(({ call }) => call.kind === "generate");
    const chosen = onEngine ? { type: engine, finding: null } : backendOf(own, input);
    if (chosen.finding !== null) {
      if (!reported.has(role)) findings.push(chosen.finding);
      reported.add(role);
      continue;
    }
    const pairs = make.pairs(role, chosen.type, onEngine ? "tokenizer" : "weights");
    if (pairs === null) continue;
    const modelName: ModelName = { role, replicaId: first.replicaId };
    layouts.push({
      template: {
        modelName,
        topo: topologyOf(own, input, onEngine, make.maxPromptLen),
        model: { ...pairs.model, wrappers: [] },
        backend: pairs.backend,
        evalDataset: make.evalDataset,
        evalBs: make.evalBs,
        shouldInstantiate: true,
      },
      workers: run(first.gpus.first, first.gpus.count),
      ranks: run(0, first.gpus.count),
    });
  }
  return { layouts, findings };
}

function backendOf(
  own: readonly PlacedCall[],
  input: LayoutInput,
): { readonly type: string; readonly finding: null } | { readonly type: null; readonly finding: Finding } {
  const { role } = (own[0] as PlacedCall).call;
  const model = input.models[role];
  const trains = own.some(({ call }) => call.kind === "trainStep");
  if (trains) {
    if (model?.train !== null && model?.train !== undefined) return { type: model.train.type, finding: null };
    return {
      type: null,
      finding: allocationDiagnostics.backend(
        { role, backend: model?.trainName ?? "" },
        { at: model?.option === null || model === undefined ? { kind: "class" } : atOption(`${model.option}.backend`) },
      ),
    };
  }
  const generates = own.some(({ call }) => call.kind === "generate");
  const [hybrid] = model?.hybrid ?? [];
  if (generates && hybrid !== undefined) {
    const refused = model?.hybrid.find(({ supported }) => !supported);
    if (refused === undefined) return { type: hybrid.type, finding: null };
    return {
      type: null,
      finding: allocationDiagnostics["sglang-hybrid"](
        { role, engine: refused.type },
        {
          at:
            model?.option === null || model === undefined
              ? { kind: "class" }
              : atOption(`${model.option}.${refused.type}.hybridTrain`),
        },
      ),
    };
  }
  return { type: "inference", finding: null };
}

function topologyOf(
  own: readonly PlacedCall[],
  input: LayoutInput,
  onEngine: boolean,
  maxPromptLen: number | null,
): ProcessTopology {
  const { sizes, sequenceParallel, call, range } = own[0] as PlacedCall;
  const model = input.models[call.role];
  const trains = own.some((placed) => placed.call.kind === "trainStep");
  const generates = own.some((placed) => placed.call.kind === "generate");
  const topology: ProcessTopology = {
    layout: trains ? "pipe-data-tensor" : "data-pipe-tensor",
    pipe: sizes.pipe,
    data: sizes.data,
    tensor: sizes.tensor,
    sequenceParallel: sequenceParallel && !onEngine,
    gradientCheckpointing: trains && (model?.gradientCheckpointing ?? false),
    gradientAccumulationFusion: trains && (model?.train?.gradientAccumulationFusion ?? false),
    maxPromptLen: generates ? maxPromptLen : null,
  };
  return withOrigin(topology, originOfSizes(own[0] as PlacedCall, range));
}

function originOfSizes({ call }: PlacedCall, range: PlacedCall["range"]) {
  const byHand = call.manual?.option;
  if (range === null)
    return byHand === undefined || byHand === null ? { frames: [] } : { frames: [], option: `${byHand}.parallel` };
  return { frames: [], option: "allocationMode", range };
}

function run(first: number, count: number): string {
  return count === 1 ? String(first) : `${first}-${first + count - 1}`;
}
