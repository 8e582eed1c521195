// Runs cases that end in a resolved experiment: configurations written out by hand, and shipped experiments with options.
import "assay/experiments";
import {
  type Authored,
  type CallHook,
  clusterSpec,
  type ClusterSpec,
  experimentConfig,
  experimentScheduling,
  masterWorkerDefault,
  type ModelCard,
  modelFunctionCall,
  modelShard,
  modelShardId,
  modelWorker,
  modelWorkerDefault,
  offload,
  paramRealloc,
  parseModelName,
  type Resolved,
  type ResolvedSetup,
  resolve,
  tasksGroup,
  type WorkerKind,
} from "assay";
import { resolveWorkerConfig } from "assay/manifest";
import { proveExperiment } from "assay/testing";
import { topologyOf, type TopologyInput } from "./cases.ts";
import { type Answer, answer, isObject } from "./compare.ts";
import { camel, toReference, worker } from "./reference.ts";

type Worker = Record<string, unknown>;
type Row = readonly [model: string, dp: number, tp: number, pp: number, worker: number];

/** Every worker of a kind, in the trial that all goldens were measured in. */
function workersOf(authored: Authored, resolved: Resolved, kind: WorkerKind): readonly Worker[] {
  const bindings = { experiment: "exp", trial: "trial", user: "" };
  return Array.from({ length: resolved.setups[0]?.counts[kind] ?? 0 }, (_, index) =>
    resolveWorkerConfig({ name: "exp", authored, resolved }, kind, index, bindings),
  );
}

/** What every golden has of a setup. */
function setupParts(setup: ResolvedSetup, modelWorkers: readonly Worker[]): Worker {
  const { graph } = setup;
  const names = (test: "isSrc" | "isDst" | "isDstOfModelRole") =>
    graph.nodes.filter((node) => node[test]).map(({ name }) => name);
  const rows = modelWorkers.flatMap((held, index) =>
    (held["shards"] as readonly unknown[]).map((shard) => {
      const { model_name, dp_rank, tp_rank, pp_rank } = toReference(shard) as Record<string, never>;
      return [model_name, dp_rank, tp_rank, pp_rank, index] as unknown as Row;
    }),
  );
  return {
    graph: {
      edges: graph.edges.map(({ from, to, keys }) => [from, to, keys]),
      data_producers: graph.dataProducers,
      data_consumers: graph.dataConsumers,
      is_src: names("isSrc"),
      is_dst: names("isDst"),
      is_dst_of_model_role: names("isDstOfModelRole"),
      parents: Object.fromEntries(graph.nodes.map(({ name, parents }) => [name, parents])),
      children: Object.fromEntries(graph.nodes.map(({ name, children }) => [name, children])),
    },
    model_topos: Object.fromEntries(Object.entries(setup.modelTopos).map(([name, topo]) => [name, toReference(topo)])),
    data_transfer_pairs: setup.dataTransferPairs,
    sync_param_pairs: setup.syncParamPairs,
    model_names_to_instantiate: [...setup.modelNamesToInstantiate].sort(),
    msid2mwid: rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || a[2] - b[2] || a[3] - b[3])),
  };
}

interface Hook {
  readonly kind: string;
  readonly source?: string;
  readonly target?: string;
  readonly eta?: number;
}

interface CoreInput {
  readonly topologies: Readonly<Record<string, TopologyInput>>;
  readonly workers: readonly (readonly Readonly<Record<"model_name" | "dp_rank" | "tp_rank" | "pp_rank", never>>[])[];
  readonly calls: readonly (Readonly<Record<string, unknown>> & {
    readonly model_name: string;
    readonly pre_hooks?: readonly Hook[];
    readonly post_hooks?: readonly Hook[];
  })[];
}

/** A configuration whose workers are written out by hand. */
export function coreCase({ topologies, workers, calls }: CoreInput): Answer {
  const pair = { type: "test", args: {} };
  const topo = Object.fromEntries(Object.entries(topologies).map(([name, input]) => [name, topologyOf(input)]));
  const modelWorkers = workers.map((held) => {
    const shards = held.map(({ model_name: name, dp_rank: dpRank, tp_rank: tpRank, pp_rank: ppRank }) => {
      const id = modelShardId({ modelName: parseModelName(name), dpRank, tpRank, ppRank, topo: topo[name]! });
      return modelShard({ id, model: pair, backend: pair });
    });
    return modelWorker({ baseSeed: 1, shards });
  });
  const modelRpcs = calls.map(({ model_name: name, pre_hooks: pre, post_hooks: post, ...rest }) =>
    modelFunctionCall({
      ...(Object.fromEntries(Object.entries(rest).map(([key, value]) => [camel(key), value])) as never as Worker),
      interfaceType: camel(String(rest["interface_type"])),
      interfaceImpl: pair,
      modelName: name.includes("@") ? parseModelName(name) : name,
      preHooks: (pre ?? []).map(hookOf),
      postHooks: (post ?? []).map(hookOf),
    } as never),
  );
  const cluster = clusterSpec();
  const authored: Authored = {
    experiment: "exp",
    cluster,
    scheduling: experimentScheduling({
      modelWorker: tasksGroup(workers.length, modelWorkerDefault(cluster)),
      masterWorker: tasksGroup(1, masterWorkerDefault(cluster)),
    }),
    setups: [experimentConfig({ modelRpcs, modelWorker: modelWorkers })],
    launch: {},
    models: {},
    facts: {},
    acknowledgements: [],
    findings: [],
  };
  const { value: resolved, findings } = resolve({ authored });
  return answer(findings, () => {
    const made = workersOf(authored, resolved, "modelWorker");
    const shards = made.map((held) => held["shards"] as readonly { readonly shouldInstantiate: boolean }[]);
    return {
      ...setupParts(resolved.setups[0]!, made),
      master_worker: workersOf(authored, resolved, "masterWorker").map(masterText),
      should_instantiate: shards.map((held) => held.map(({ shouldInstantiate }) => shouldInstantiate)),
      worker_info: made.map(({ workerInfo }) => toReference(workerInfo)),
    };
  });
}

function hookOf({ kind, source, target, eta = 1 }: Hook): CallHook {
  const name = (text?: string) => (text === undefined ? null : parseModelName(text));
  return kind === "offload" ? offload() : paramRealloc({ source: name(source), target: name(target), eta });
}

function masterText(master: Worker): unknown {
  const { expCtrl: _apart, ...rest } = master;
  return worker(rest);
}

interface ExperimentInput {
  readonly experiment: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A shipped experiment with options in the reference's spelling. */
export function experimentCase({ experiment, options }: ExperimentInput, configs: Record<string, Worker>): Answer {
  const cards = Object.fromEntries(Object.entries(configs).map(([name, config]) => cardOf(name, config)));
  const given = Object.entries(options).map(([path, value]) => [path.split(".").map(camel).join("."), numeric(value)]);
  const [own, others] = [true, false].map((wanted) =>
    Object.fromEntries(given.filter(([path]) => String(path).startsWith("cluster.") === wanted)),
  );
  const { value, findings } = proveExperiment(experiment, {
    overrides: others!,
    cluster: clusterOf(own!, cards),
    cards,
  });
  return answer(findings, () => {
    const { authored, resolved } = value;
    const config = authored!.setups[0]!;
    const workers = (kind: WorkerKind) => workersOf(authored!, resolved!, kind);
    const { expCtrl, wandb, tensorboard, evaluator } = config;
    return {
      scheduling: withoutPartition(toReference(authored!.scheduling)),
      config: {
        model_rpcs: toReference(config.modelRpcs),
        ...setupParts(resolved!.setups[0]!, workers("modelWorker")),
        model_worker: workers("modelWorker").map((each) => worker(each)),
        master_worker: workers("masterWorker").map(masterText),
        generation_server: workers("generationServer").map((each) => worker(each)),
        gserver_manager: workers("gserverManager").map((each) => worker(each)),
        rollout_worker: workers("rolloutWorker").map((each) => worker(each, [])),
        ...(toReference({ expCtrl, wandb, tensorboard, evaluator, autoEval: config.autoEval }) as object),
      },
    };
  });
}

/** The reference's scheduling has no partition: its launcher has. */
function withoutPartition(value: unknown): unknown {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "partition");
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutPartition(inner)]));
}

/** Recipes write some numbers as strings. */
function numeric(value: unknown): unknown {
  return typeof value === "string" && /^[+-]?\d+(\.\d+)?[eE][+-]?\d+$/.test(value) ? Number(value) : value;
}

/** The cluster of `cluster.*` options, on which each model's token is its path. */
function clusterOf(options: Worker, cards: Readonly<Record<string, ModelCard>>): ClusterSpec {
  const fields: Worker = { clusterName: "name", clusterType: "type", nNodes: "nodes", nGpusPerNode: "gpusPerNode" };
  const named = Object.entries(options).map(([path, value]) => [path.slice("cluster.".length), value] as const);
  const models = Object.fromEntries(Object.keys(cards).map((id) => [`<model:${id.slice("golden ".length)}>`, id]));
  return clusterSpec({
    fileroot: "/",
    models,
    ...Object.fromEntries(named.map(([key, value]) => [fields[key] ?? key, value])),
  });
}

/** The card of a configuration file; an id of its own keeps it apart from the shipped catalogue. */
function cardOf(name: string, config: Worker): readonly [string, ModelCard] {
  const id = `golden ${name}`;
  const number = (key: string) => Number(config[key]);
  const card: ModelCard = {
    id,
    family: String(config["model_type"]),
    hiddenSize: number("hidden_size"),
    layers: number("num_hidden_layers"),
    heads: number("num_attention_heads"),
    kvHeads: number("num_key_value_heads"),
    headDim: number("hidden_size") / number("num_attention_heads"),
    ffnSize: number("intermediate_size"),
    vocabSize: number("vocab_size"),
    tiedEmbeddings: config["tie_word_embeddings"] === true,
    maxPositions: number("max_position_embeddings"),
    params: null,
  };
  return [id, card];
}
