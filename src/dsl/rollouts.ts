import type { ServerLayout } from "../layout/layout.ts";
import { originOf, withOrigin } from "../origin/call-site.ts";
import { streamPair } from "../plugin/define.ts";
import type { BackendDefinition, ShardRequest, StreamDefinition } from "../plugin/definition.ts";
import type { ModelFunctionCall } from "../spec/call.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { TypeArgs } from "../spec/pair.ts";
import {
  type ExperimentSchedulingInput,
  generationServerDefault,
  gserverManagerDefault,
  rolloutWorkerDefault,
  type Scheduling,
  tasksGroup,
} from "../spec/scheduling.ts";
import { generationServer, gserverManager, rolloutWorker } from "../spec/worker.ts";
import { sameWorkers, type WorkerSet, workerSet } from "../spec/worker-set.ts";
import type { ServerSizes } from "../layout/servers.ts";
import { defaultKeys, keysOf } from "./calls.ts";
import type { Flow } from "./flow.ts";
import type { NamedCall } from "./model-call.ts";
import type { ModelSpec } from "./model-spec.ts";
import { fromOptions } from "./option-scheduling.ts";
import { plainGroup } from "./plain-group.ts";
import { findPlugin } from "../plugin/registry.ts";

/** Generation and rollouts apart from training: servers generate, agents act in environments, training reads what comes. */
export interface Rollouts {
  /** Engine that the servers run. */
  readonly engine: { readonly definition: BackendDefinition };
  /** Dataset through which the model workers read what rollouts give. */
  readonly stream: { readonly definition: StreamDefinition };
  readonly agent: TypeArgs;
  readonly environment: TypeArgs;
  /** Rollout workers; as many as there are GPUs that train if null or 0. */
  readonly nWorkers: number | null;
  /** Tokens that a server generates before it may take up new parameters. */
  readonly newTokensPerChunk: number;
  /** How requests are spread over servers. */
  readonly schedulePolicy: string;
  /** Versions that a sample may lag behind the trained parameters. */
  readonly maxHeadOffpolicyness: number;
  /** Rollouts at a time; the sequences of a training step if null. */
  readonly maxConcurrentRollouts: number | null;
  /** Time in which servers finish their requests before new parameters come, in seconds. */
  readonly flushRequestTimeout: number;
  /** Options, by dotted path, that these numbers come from: findings then stand where the option is set. */
  readonly from?: RolloutOptions;
  /** What the scheduler is asked for, over the cluster's defaults. */
  readonly scheduling?: {
    readonly server?: Partial<Scheduling>;
    readonly manager?: Partial<Scheduling>;
    readonly worker?: Partial<Scheduling>;
  };
}

/** Settings of rollouts that may be an option's value without a trace of it. */
export type RolloutOptions = Readonly<
  Partial<
    Record<
      | "nWorkers"
      | "newTokensPerChunk"
      | "schedulePolicy"
      | "maxHeadOffpolicyness"
      | "maxConcurrentRollouts"
      | "flushRequestTimeout",
      string
    >
  >
>;

type RolloutSets = Readonly<Record<"generationServer" | "gserverManager" | "rolloutWorker", WorkerSet>>;

const NO_WORKERS: WorkerSet = workerSet([]);

/** Worker sets of an experiment whose calls generate by themselves. */
export const NO_ROLLOUT_WORKERS: RolloutSets = {
  generationServer: NO_WORKERS,
  gserverManager: NO_WORKERS,
  rolloutWorker: NO_WORKERS,
};

/** What {@link rolloutWorkers} are made of. */
interface RolloutRequest {
  readonly rollouts: Rollouts;
  readonly flow: Flow;
  readonly tokenizerPath: string;
  readonly seed: number;
  readonly servers: ServerLayout;
  /** Calls that model workers run. */
  readonly calls: readonly ModelFunctionCall[];
}

/** Generation servers, their manager and the rollout workers. */
export function rolloutWorkers({ rollouts, flow, tokenizerPath, seed, servers, calls }: RolloutRequest): RolloutSets {
  const { modelName } = servers;
  const model = flow.models[modelName.role] as ModelSpec;
  const { type, server } = rollouts.engine.definition;
  const request: ShardRequest = {
    model: plainGroup(model) as unknown as ShardRequest["model"],
    family: model.type.family ?? "",
    tokenizerPath,
    apart: true,
  };
  const trainBatchSize = (calls.find(({ interfaceType }) => interfaceType === "trainStep") ?? calls[0])?.nSeqs ?? 0;
  const oneServer = generationServer({
    baseSeed: seed,
    backendType: type,
    backendArgs: server?.(request) ?? {},
    modelPath: model.path,
    tpSize: servers.gpusPerServer,
  });
  const manager = gserverManager({
    modelName,
    nServers: servers.servers,
    schedulePolicy: rollouts.schedulePolicy,
    maxHeadOffpolicyness: rollouts.maxHeadOffpolicyness,
    trainBatchSize,
    flushRequestTimeout: rollouts.flushRequestTimeout,
    maxConcurrentRollouts: rollouts.maxConcurrentRollouts ?? trainBatchSize,
  });
  const worker = rolloutWorker({
    baseSeed: seed,
    modelName,
    tokenizerPath,
    newTokensPerChunk: rollouts.newTokensPerChunk,
    rolloutRequestTimeout: rollouts.flushRequestTimeout,
    env: rollouts.environment,
    agent: rollouts.agent,
    datasets: flow.datasets,
  });
  const { from = {} } = rollouts;
  const shared = (fields: Readonly<Record<string, string | undefined>>) =>
    Object.entries(fields).map(([field, option]) => [`shared/${field}`, option] as const);
  return {
    generationServer: ofOptions(sameWorkers(servers.servers, oneServer), [
      ...shared({ baseSeed: "seed", backendArgs: originOf(model)?.option, modelPath: pathOption(model) }),
      ...(["count", "shared/tpSize"] as const).map((field) => [field, "allocationMode"] as const),
    ]),
    gserverManager: ofOptions(
      sameWorkers(1, manager),
      shared({
        schedulePolicy: from.schedulePolicy,
        maxHeadOffpolicyness: from.maxHeadOffpolicyness,
        flushRequestTimeout: from.flushRequestTimeout,
        maxConcurrentRollouts: from.maxConcurrentRollouts,
        nServers: "allocationMode",
      }),
    ),
    rolloutWorker: ofOptions(sameWorkers(rolloutCount(rollouts, servers), worker), [
      ["count", from.nWorkers],
      ...shared({
        baseSeed: "seed",
        tokenizerPath: flow.tokenizer === null ? pathOption(Object.values(flow.models)[0]) : undefined,
        newTokensPerChunk: from.newTokensPerChunk,
        rolloutRequestTimeout: from.flushRequestTimeout,
      }),
    ]),
  };
}

/** The option that holds a model's checkpoint; `undefined` for a model that stands in no option. */
export function pathOption(model: ModelSpec | undefined): string | undefined {
  const option = originOf(model)?.option;
  return option === undefined ? undefined : `${option}.path`;
}

/** A set whose values come from options, by path inside of it. */
export function ofOptions(
  set: WorkerSet,
  options: readonly (readonly [path: string, option: string | undefined])[],
): WorkerSet {
  const fieldOptions = Object.fromEntries(options.flatMap(([path, option]) => (option ? [[path, option]] : [])));
  return withOrigin({ ...set }, { frames: [], fieldOptions });
}

function rolloutCount({ nWorkers }: Rollouts, { modelWorkers }: ServerSizes): number {
  return nWorkers === null || nWorkers === 0 ? modelWorkers : nWorkers;
}

/** The dataset of the model workers: the flow's own datasets, and what the calls that servers answer would have yielded. */
export function streamOf({ stream }: Rollouts, { datasets }: Flow, named: readonly NamedCall[]): TypeArgs {
  const yields = named.flatMap(({ call }) => {
    if (call.kind !== "generate") return [];
    const keys = defaultKeys(call, findPlugin("interface", call.interfaceImpl.type)?.facts["calls"]);
    return call.settings.yields === undefined ? keys.yields : keysOf(call.settings.yields);
  });
  return streamPair(stream.definition, { datasets }, yields);
}

/** Scheduling of the same workers; nothing where the layout could not be made, which is reported elsewhere. */
export function rolloutScheduling(
  { scheduling = {}, ...rollouts }: Rollouts,
  sizes: ServerSizes | null,
  cluster: ClusterSpec,
  common: Partial<Scheduling>,
): Partial<ExperimentSchedulingInput> {
  if (sizes === null) return {};
  const { server, manager, worker } = scheduling;
  const servers = generationServerDefault(cluster, { ...common, gpu: sizes.gpusPerServer, ...server });
  const workers = rolloutWorkerDefault(cluster, { ...common, ...worker });
  return {
    generationServer: tasksGroup(sizes.servers, fromOptions(servers)),
    gserverManager: tasksGroup(1, fromOptions(gserverManagerDefault(cluster, { ...common, ...manager }))),
    rolloutWorker: tasksGroup(rolloutCount(rollouts, sizes), fromOptions(workers)),
  };
}
