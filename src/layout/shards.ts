import { withOrigin } from "../origin/call-site.ts";
import type { ModelName } from "../spec/model-name.ts";
import type { TypeArgs } from "../spec/pair.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import type { ShardLayout } from "../spec/worker-set.ts";
import { backendOf } from "./backend.ts";
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

/**
 * Shards of every model, in the order in which calls name the models; `null` if the pairs of one can't be made, which is reported
 * where they are made. Their backends are known to be sound.
 */
export function layOutShards(
  calls: readonly PlacedCall[],
  input: LayoutInput,
  engine: string | null,
  make: ShardMaker,
): readonly ShardLayout[] | null {
  const byModel = new Map<string, PlacedCall[]>();
  for (const placed of calls) {
    const name = `${placed.call.role}@${placed.replicaId}`;
    byModel.set(name, [...(byModel.get(name) ?? []), placed]);
  }
  const layouts = [...byModel.values()].flatMap((own): ShardLayout[] => {
    const first = own[0] as PlacedCall;
    const { role } = first.call;
    const onEngine = engine !== null && own.every(({ call }) => call.kind === "generate");
    const backend = onEngine ? engine : backendOf(own, input);
    const pairs = make.pairs(role, backend, onEngine ? "tokenizer" : "weights");
    if (pairs === null) return [];
    const modelName: ModelName = { role, replicaId: first.replicaId };
    return [
      {
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
      },
    ];
  });
  return layouts.length === byModel.size ? layouts : null;
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
