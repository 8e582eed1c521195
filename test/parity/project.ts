import {
  type Authored,
  type ExperimentConfig,
  modelNameText,
  type ModelName,
  type ProcessTopology,
  type Resolved,
  type ResolvedSetup,
  rankOf,
} from "assay";
import { resolveWorkerConfig } from "assay/manifest";
import { snakeFields } from "./compare.ts";

/** Trial that all goldens were measured in. */
const BINDINGS = { experiment: "exp", trial: "trial", user: "" };

/** The parts of a setup that every golden has. */
export function setupParts(setup: ResolvedSetup): Record<string, unknown> {
  return {
    graph: graphOf(setup),
    model_topos: Object.fromEntries(Object.entries(setup.modelTopos).map(([name, topo]) => [name, topologyText(topo)])),
    data_transfer_pairs: setup.dataTransferPairs,
    sync_param_pairs: setup.syncParamPairs,
    model_names_to_instantiate: [...setup.modelNamesToInstantiate].sort(),
  };
}

/** Every worker of a kind, in the reference's spelling. */
export function workersOfKind(
  authored: Authored,
  resolved: Resolved,
  kind: "modelWorker" | "masterWorker" | "generationServer" | "gserverManager" | "rolloutWorker",
): readonly Record<string, unknown>[] {
  const count = resolved.setups[0]?.counts[kind] ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const worker = resolveWorkerConfig({ name: "exp", authored, resolved }, kind, index, BINDINGS);
    return worker as Record<string, unknown>;
  });
}

/** A model worker without what stands once on the configuration. */
export function modelWorkerText(worker: Record<string, unknown>): Record<string, unknown> {
  const { datasetCacheRoot: _root, modelRpcs: _rpcs, modelTopos: _topos, msid2mwid: _map, ...rest } = worker;
  const { dataTransferPairs: _data, syncParamPairs: _sync, shards, ...fields } = rest;
  return {
    ...(snakeFields(fields) as Record<string, unknown>),
    shards: (shards as readonly Shard[]).map(shardText),
  };
}

/** The master worker without what stands once on the configuration. */
export function masterWorkerText(worker: Record<string, unknown>): unknown {
  const { expCtrl: _ctrl, modelRpcs: _rpcs, modelTopos: _topos, msid2mwid: _map, ...rest } = worker;
  const { dataTransferPairs: _data, syncParamPairs: _sync, ...fields } = rest;
  return snakeFields(fields);
}

interface Shard {
  readonly id: {
    readonly modelName: ModelName;
    readonly dpRank: number;
    readonly tpRank: number;
    readonly ppRank: number;
    readonly topo: ProcessTopology;
  };
  readonly shouldInstantiate: boolean;
  readonly model: unknown;
  readonly backend: unknown;
  readonly evalDataset: unknown;
  readonly evalBs: number;
}

function shardText({ id, shouldInstantiate, model, backend, evalDataset, evalBs }: Shard): Record<string, unknown> {
  return {
    model_name: modelNameText(id.modelName),
    dp_rank: id.dpRank,
    tp_rank: id.tpRank,
    pp_rank: id.ppRank,
    parallelism_rank: rankOf(id.topo, { pipe: id.ppRank, data: id.dpRank, tensor: id.tpRank }),
    topo: topologyText(id.topo),
    should_instantiate: shouldInstantiate,
    model: pairText(model),
    backend: pairText(backend),
    eval_dataset: pairText(evalDataset),
    eval_bs: evalBs,
  };
}

/** `[model, dp, tp, pp, worker]` of every shard, sorted. */
export function shardMap(workers: readonly Record<string, unknown>[]): readonly unknown[] {
  const rows = workers.flatMap((worker, index) =>
    (worker["shards"] as readonly Shard[]).map(
      ({ id }) => [modelNameText(id.modelName), id.dpRank, id.tpRank, id.ppRank, index] as const,
    ),
  );
  return rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || a[2] - b[2] || a[3] - b[3]));
}

/** Calls in the reference's spelling. */
export function callsText(config: ExperimentConfig): unknown {
  return config.modelRpcs.map((call) => {
    const { modelName, interfaceImpl, interfaceType, preHooks, postHooks, ...rest } = call;
    return {
      ...(snakeFields({ ...rest }) as object),
      interface_type: interfaceType === "trainStep" ? "train_step" : interfaceType,
      interface_impl: pairText(interfaceImpl),
      model_name: nameText(modelName),
      pre_hooks: preHooks.map(hookText),
      post_hooks: postHooks.map(hookText),
    };
  });
}

function hookText(hook: ExperimentConfig["modelRpcs"][number]["preHooks"][number]): unknown {
  if (hook.kind === "offload") return { kind: "offload" };
  const side = (name: ModelName | null) => (name === null ? null : modelNameText(name));
  return { kind: "param_realloc", source: side(hook.source), target: side(hook.target), eta: hook.eta };
}

function pairText(pair: unknown): unknown {
  if (typeof pair !== "object" || pair === null) return pair;
  const { type, args, ...rest } = pair as { type: string; args: Record<string, unknown> };
  const argument = (value: unknown): unknown => {
    const renamed = snakeFields(value);
    return renamed;
  };
  // `type_` is the reference's name in pairs only; inside arguments it is `type`.
  const plain = JSON.parse(JSON.stringify(argument(args)), (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !("type_" in value)) return value;
    const { type_, ...others } = value as Record<string, unknown>;
    return { type: type_, ...others };
  }) as unknown;
  return { type_: type, args: plain, ...(snakeFields(rest) as object) };
}

function nameText(name: ModelName | string): string {
  return typeof name === "string" ? `${name}@0` : modelNameText(name);
}

function topologyText(topo: ProcessTopology): unknown {
  const axes = topo.layout.split("-") as ("pipe" | "data" | "tensor")[];
  return {
    axes,
    dims: axes.map((axis) => topo[axis]),
    sequence_parallel: topo.sequenceParallel,
    ...(topo.layout === "pipe-data-tensor"
      ? {
          gradient_checkpointing: topo.gradientCheckpointing,
          gradient_accumulation_fusion: topo.gradientAccumulationFusion,
        }
      : {}),
    max_prompt_len: topo.maxPromptLen,
  };
}

function graphOf({ graph }: ResolvedSetup): unknown {
  const where = (test: (node: (typeof graph.nodes)[number]) => boolean) =>
    graph.nodes.filter(test).map(({ name }) => name);
  return {
    edges: graph.edges.map(({ from, to, keys }) => [from, to, keys]),
    data_producers: graph.dataProducers,
    data_consumers: graph.dataConsumers,
    is_src: where(({ isSrc }) => isSrc),
    is_dst: where(({ isDst }) => isDst),
    parents: Object.fromEntries(graph.nodes.map(({ name, parents }) => [name, parents])),
    children: Object.fromEntries(graph.nodes.map(({ name, children }) => [name, children])),
    is_dst_of_model_role: where(({ isDstOfModelRole }) => isDstOfModelRole),
  };
}
