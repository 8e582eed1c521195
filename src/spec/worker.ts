import type { JsonObject } from "type-fest";
import { at, type Finding } from "../diagnostics/finding.ts";
import type { ModelFunctionCall } from "./call.ts";
import { modelDiagnostics } from "./diagnostics.ts";
import { type ModelName, modelNameText } from "./model-name.ts";
import { noun } from "./noun.ts";
import type { TypeArgs } from "./pair.ts";
import { type ProcessTopology, rankOf } from "./topology.ts";

/** The kinds of workers, as fields of a configuration name them. */
export const WORKER_KINDS = [
  "modelWorker",
  "masterWorker",
  "gserverManager",
  "rolloutWorker",
  "generationServer",
] as const;
export type WorkerKind = (typeof WORKER_KINDS)[number];

/** The name under which a worker process knows its own kind. */
export const WORKER_TYPE_NAMES: Readonly<Record<WorkerKind, string>> = {
  modelWorker: "model_worker",
  masterWorker: "master_worker",
  gserverManager: "gserver_manager",
  rolloutWorker: "rollout_worker",
  generationServer: "generation_server",
};

/** Who a worker is in a running trial; filled in when a trial is set up. */
export interface WorkerInformation {
  readonly experimentName: string;
  readonly trialName: string;
  readonly workerType: string;
  /** From 0; -1 before set-up. */
  readonly workerIndex: number;
  readonly workerCount: number;
  readonly workerTag: string | null;
  /** Key that the worker keeps alive. */
  readonly hostKey: string | null;
  /** The worker ends when all of these are gone. */
  readonly watchKeys: string | readonly string[] | null;
}

/** Makes worker information. */
export function workerInformation(input: Partial<WorkerInformation> = {}): WorkerInformation {
  return noun(workerInformation, {
    experimentName: "",
    trialName: "",
    workerType: "",
    workerIndex: -1,
    workerCount: 0,
    workerTag: null,
    hostKey: null,
    watchKeys: null,
    ...input,
  });
}

/** Sets the five system fields and leaves the rest as it was. */
export function systemSetup(
  information: WorkerInformation | null,
  system: Pick<WorkerInformation, "experimentName" | "trialName" | "workerType" | "workerIndex" | "workerCount">,
): WorkerInformation {
  return { workerTag: null, hostKey: null, watchKeys: null, ...information, ...system };
}

/** One shard of one model: which replica, and its place in that model's topology. */
export interface ModelShardId {
  readonly modelName: ModelName;
  readonly dpRank: number;
  readonly tpRank: number;
  readonly ppRank: number;
  readonly topo: ProcessTopology;
}

/** Makes a shard id; a rank outside its axis is `model/shard-rank`. */
export function modelShardId(input: ModelShardId): ModelShardId {
  return noun(modelShardId, { ...input }, { findings: shardIdFindings(input) });
}

function shardIdFindings(id: ModelShardId): readonly Finding[] {
  const findings: Finding[] = [];
  const ranks = [
    ["data", "dpRank"],
    ["tensor", "tpRank"],
    ["pipe", "ppRank"],
  ] as const;
  for (const [axis, field] of ranks) {
    const rank = id[field];
    const size = id.topo[axis];
    if (!Number.isSafeInteger(rank) || rank < 0 || rank >= size) {
      findings.push(
        modelDiagnostics["shard-rank"](
          { model: modelNameText(id.modelName), axis, rank, size },
          { at: at(`/${field}`), gives: ["rank"] },
        ),
      );
    }
  }
  return findings;
}

/** Rank of a shard in its model's topology. */
export function parallelismRank(id: ModelShardId): number {
  return rankOf(id.topo, { pipe: id.ppRank, data: id.dpRank, tensor: id.tpRank });
}

/**
 * Text form of a shard id.
 * @param clusterNodes its number of digits is the padding.
 */
export function modelShardIdText(id: ModelShardId, clusterNodes: number): string {
  const pad = (rank: number) => String(rank).padStart(String(clusterNodes).length, "0");
  return `${modelNameText(id.modelName)}@pp${pad(id.ppRank)}@tp${pad(id.tpRank)}@dp${pad(id.dpRank)}`;
}

/** A model's type and arguments, with the wrappers around it. */
export interface ModelAbstraction extends TypeArgs {
  readonly wrappers: readonly TypeArgs[];
}

/** A shard that a model worker holds. */
export interface ModelShard {
  readonly id: ModelShardId;
  readonly model: ModelAbstraction;
  readonly backend: TypeArgs;
  readonly evalDataset: TypeArgs | null;
  readonly evalBs: number;
  /** Set by the resolver: whether this replica's parameters are made at start. */
  readonly shouldInstantiate: boolean;
}

export type ModelShardInput = Pick<ModelShard, "id" | "backend"> & {
  readonly model: TypeArgs & { readonly wrappers?: readonly TypeArgs[] };
} & Partial<Pick<ModelShard, "evalDataset" | "evalBs" | "shouldInstantiate">>;

/** Makes a shard; the evaluation batch is 128 sequences unless given. */
export function modelShard(input: ModelShardInput): ModelShard {
  return noun(modelShard, {
    evalDataset: null,
    evalBs: 128,
    shouldInstantiate: true,
    ...input,
    model: input.model.wrappers === undefined ? { ...input.model, wrappers: [] } : (input.model as ModelAbstraction),
  });
}

/** A worker that holds shards of models and runs calls on them. */
export interface ModelWorker {
  readonly baseSeed: number;
  readonly shards: readonly ModelShard[];
  readonly tokenizerNameOrPath: string | null;
  /** A plain string is the name of a dataset that the workers know. */
  readonly datasets: readonly (string | TypeArgs)[] | null;
  readonly useDatasetCache: boolean;
  readonly datasetCacheRoot: string | null;
  readonly shuffleDataset: boolean;
  readonly cudaCacheCleanliness: boolean;
  /** Steps between clearings of the GPU's cache. */
  readonly cudaCacheClearFreq: number | null;
  readonly torchCacheMysophobia: boolean;
  /** The next five are set by the resolver, the same for every worker. */
  readonly modelRpcs: readonly ModelFunctionCall[] | null;
  readonly modelTopos: JsonObject | null;
  readonly msid2mwid: JsonObject | null;
  readonly dataTransferPairs: readonly (readonly [string, string])[] | null;
  readonly syncParamPairs: readonly (readonly [string, string])[] | null;
  readonly profileMode: boolean;
  readonly workerInfo: WorkerInformation | null;
}

export type ModelWorkerInput = Pick<ModelWorker, "baseSeed" | "shards"> & Partial<ModelWorker>;

/** Makes a model worker; two shards of one model name are `model/shard-twice`. */
export function modelWorker(input: ModelWorkerInput): ModelWorker {
  return noun(modelWorker, { ...MODEL_WORKER_DEFAULTS, ...input }, { findings: modelWorkerFindings(input.shards) });
}

/** What a model worker has where nothing is said. */
export const MODEL_WORKER_DEFAULTS: Omit<ModelWorker, "baseSeed" | "shards"> = {
  tokenizerNameOrPath: null,
  datasets: null,
  useDatasetCache: false,
  datasetCacheRoot: null,
  shuffleDataset: true,
  cudaCacheCleanliness: true,
  cudaCacheClearFreq: 10,
  torchCacheMysophobia: false,
  modelRpcs: null,
  modelTopos: null,
  msid2mwid: null,
  dataTransferPairs: null,
  syncParamPairs: null,
  profileMode: false,
  workerInfo: null,
};

function modelWorkerFindings(shards: readonly ModelShard[]): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, shard] of shards.entries()) {
    const model = modelNameText(shard.id.modelName);
    if (seen.has(model))
      findings.push(modelDiagnostics["shard-twice"]({ model, worker: -1 }, { at: at(`/shards/${index}`) }));
    seen.add(model);
  }
  return findings;
}

/** A server that generates, with `tpSize` GPUs. */
export interface GenerationServer {
  readonly baseSeed: number;
  readonly backendType: string;
  readonly backendArgs: JsonObject;
  readonly modelPath: string;
  readonly tpSize: number;
  readonly workerInfo: WorkerInformation | null;
}

/** Makes a generation server. */
export function generationServer(
  input: Omit<GenerationServer, "workerInfo"> & Partial<GenerationServer>,
): GenerationServer {
  return noun(generationServer, { workerInfo: null, ...input });
}

/** The manager that spreads requests over generation servers and bounds off-policyness. */
export interface GserverManager {
  readonly modelName: ModelName;
  readonly nServers: number;
  readonly schedulePolicy: string;
  /** How many versions a sample may lag behind the trained parameters. */
  readonly maxHeadOffpolicyness: number;
  /** Sequences of a training step. */
  readonly trainBatchSize: number;
  /** Seconds. */
  readonly flushRequestTimeout: number;
  readonly maxConcurrentRollouts: number;
  readonly workerInfo: WorkerInformation | null;
}

/** Makes a generation server manager. */
export function gserverManager(input: Omit<GserverManager, "workerInfo"> & Partial<GserverManager>): GserverManager {
  return noun(gserverManager, { workerInfo: null, ...input });
}

/** A worker that steps agents through environments. */
export interface RolloutWorker {
  readonly baseSeed: number;
  readonly modelName: ModelName;
  readonly tokenizerPath: string;
  readonly newTokensPerChunk: number;
  /** Seconds. */
  readonly rolloutRequestTimeout: number;
  readonly env: TypeArgs;
  readonly agent: TypeArgs;
  readonly datasets: readonly (string | TypeArgs)[];
  readonly useDatasetCache: boolean;
  readonly datasetCacheRoot: string | null;
  readonly workerInfo: WorkerInformation | null;
}

export type RolloutWorkerInput = Omit<RolloutWorker, "useDatasetCache" | "datasetCacheRoot" | "workerInfo"> &
  Partial<RolloutWorker>;

/** Makes a rollout worker. */
export function rolloutWorker(input: RolloutWorkerInput): RolloutWorker {
  return noun(rolloutWorker, { useDatasetCache: false, datasetCacheRoot: null, workerInfo: null, ...input });
}

/** When to save, checkpoint and evaluate. */
export interface ExperimentSaveEvalControl {
  readonly totalTrainEpochs: number;
  readonly saveFreqEpochs: number | null;
  readonly saveFreqSteps: number | null;
  readonly saveFreqSecs: number | null;
  readonly ckptFreqEpochs: number | null;
  readonly ckptFreqSteps: number | null;
  readonly ckptFreqSecs: number | null;
  readonly evalFreqEpochs: number | null;
  readonly evalFreqSteps: number | null;
  readonly evalFreqSecs: number | null;
  readonly benchmarkSteps: number | null;
  readonly benchmarkNSeqs: number | null;
}

/** Makes a save and evaluation control: one epoch, nothing saved. */
export function saveEvalControl(input: Partial<ExperimentSaveEvalControl> = {}): ExperimentSaveEvalControl {
  return noun(saveEvalControl, {
    totalTrainEpochs: 1,
    saveFreqEpochs: null,
    saveFreqSteps: null,
    saveFreqSecs: null,
    ckptFreqEpochs: null,
    ckptFreqSteps: null,
    ckptFreqSecs: null,
    evalFreqEpochs: null,
    evalFreqSteps: null,
    evalFreqSecs: null,
    benchmarkSteps: null,
    benchmarkNSeqs: null,
    ...input,
  });
}

/** The worker that drives the graph. */
export interface MasterWorker {
  readonly baseSeed: number;
  readonly expCtrl: ExperimentSaveEvalControl;
  readonly nModelWorkers: number;
  readonly shuffleDataset: boolean;
  /** The next five are set by the resolver. */
  readonly modelRpcs: readonly ModelFunctionCall[] | null;
  readonly modelTopos: JsonObject | null;
  readonly msid2mwid: JsonObject | null;
  readonly dataTransferPairs: readonly (readonly [string, string])[] | null;
  readonly syncParamPairs: readonly (readonly [string, string])[] | null;
  readonly workerInfo: WorkerInformation | null;
}

/** Makes a master worker. */
export function masterWorker(
  input: Pick<MasterWorker, "baseSeed" | "expCtrl" | "nModelWorkers"> & Partial<MasterWorker>,
): MasterWorker {
  return noun(masterWorker, { ...MASTER_WORKER_DEFAULTS, ...input });
}

/** What a master worker has where nothing is said. */
export const MASTER_WORKER_DEFAULTS: Omit<MasterWorker, "baseSeed" | "expCtrl" | "nModelWorkers"> = {
  shuffleDataset: true,
  modelRpcs: null,
  modelTopos: null,
  msid2mwid: null,
  dataTransferPairs: null,
  syncParamPairs: null,
  workerInfo: null,
};
