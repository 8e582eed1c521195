import type { JsonObject } from "type-fest";
import type { ModelFunctionCall } from "./call.ts";
import { noun } from "./noun.ts";
import type { TypeArgs } from "./pair.ts";
import {
  type ExperimentSaveEvalControl,
  type GenerationServer,
  type GserverManager,
  type MasterWorker,
  type ModelWorker,
  type RolloutWorker,
  saveEvalControl,
} from "./worker.ts";
import { isWorkerSet, type WorkerSet, workerSet } from "./worker-set.ts";

/** Status of a trial, kept by a launcher. */
export const EXPERIMENT_STATUSES = ["RUNNING", "ABORTED", "COMPLETE"] as const;
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number];

/** Weights & Biases. */
export interface WandBConfig {
  readonly mode: string;
  readonly entity: string | null;
  readonly project: string | null;
  readonly name: string | null;
  readonly jobType: string | null;
  readonly group: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[] | null;
  readonly config: JsonObject | null;
}

/** Makes a Weights & Biases config: disabled. */
export function wandBConfig(input: Partial<WandBConfig> = {}): WandBConfig {
  return noun(wandBConfig, {
    mode: "disabled",
    entity: null,
    project: null,
    name: null,
    jobType: null,
    group: null,
    notes: null,
    tags: null,
    config: null,
    ...input,
  });
}

/** TensorBoard. */
export interface TensorBoardConfig {
  /** Folder of the event files; not written if `null`. */
  readonly path: string | null;
}

/** Makes a TensorBoard config: not written. */
export function tensorBoardConfig(input: Partial<TensorBoardConfig> = {}): TensorBoardConfig {
  return noun(tensorBoardConfig, { path: null, ...input });
}

/** Jobs that evaluate each checkpoint. */
export interface AutomaticEvaluator {
  /** Names of the benchmarks, separated by commas. */
  readonly dataNames: string;
  readonly maxGenTokens: number;
  readonly maxConcurrentJobs: number;
  readonly evalJobImage: string | null;
  readonly initialCheckpointPath: string | null;
  readonly promptType: string;
}

/** Makes an evaluator. */
export function automaticEvaluator(input: Partial<AutomaticEvaluator> = {}): AutomaticEvaluator {
  return noun(automaticEvaluator, {
    dataNames: "aime24",
    maxGenTokens: 32_768,
    maxConcurrentJobs: 3,
    evalJobImage: null,
    initialCheckpointPath: null,
    promptType: "deepscaler",
    ...input,
  });
}

/** One setup of an experiment: the calls, and the workers that run them. */
export interface ExperimentConfig {
  readonly expCtrl: ExperimentSaveEvalControl;
  readonly wandb: WandBConfig;
  readonly tensorboard: TensorBoardConfig;
  /** Further places that reports go to; absent if there are none. */
  readonly trackers?: readonly TypeArgs[];
  readonly modelRpcs: readonly ModelFunctionCall[];
  /** `null` only if the layout could not be made; its findings say why. */
  readonly modelWorker: WorkerSet | null;
  readonly generationServer: WorkerSet;
  readonly gserverManager: WorkerSet;
  readonly rolloutWorker: WorkerSet;
  /** Made by the resolver from the others where `null`. */
  readonly masterWorker: WorkerSet | null;
  readonly autoEval: boolean;
  readonly evaluator: AutomaticEvaluator;
}

/** Workers as an author may give them: one by one in any order, or as a set. */
export type Workers<W> = Iterable<W> | WorkerSet;

export interface ExperimentConfigInput {
  readonly expCtrl?: ExperimentSaveEvalControl;
  readonly wandb?: WandBConfig;
  readonly tensorboard?: TensorBoardConfig;
  /** Further places that reports go to, each made by the factory of a tracker. */
  readonly trackers?: readonly TypeArgs[];
  readonly modelRpcs: readonly ModelFunctionCall[];
  readonly modelWorker?: Workers<ModelWorker> | null;
  readonly generationServer?: Workers<GenerationServer>;
  readonly gserverManager?: Workers<GserverManager>;
  readonly rolloutWorker?: Workers<RolloutWorker>;
  readonly masterWorker?: Workers<MasterWorker> | null;
  readonly autoEval?: boolean;
  readonly evaluator?: AutomaticEvaluator;
}

/** Makes an experiment's configuration; workers are packed into sets. */
export function experimentConfig(input: ExperimentConfigInput): ExperimentConfig {
  return noun(experimentConfig, {
    expCtrl: input.expCtrl ?? saveEvalControl(),
    wandb: input.wandb ?? wandBConfig(),
    tensorboard: input.tensorboard ?? tensorBoardConfig(),
    ...(input.trackers === undefined || input.trackers.length === 0 ? {} : { trackers: input.trackers }),
    modelRpcs: input.modelRpcs,
    modelWorker: input.modelWorker === null ? null : toSet(input.modelWorker ?? []),
    generationServer: toSet(input.generationServer ?? []),
    gserverManager: toSet(input.gserverManager ?? []),
    rolloutWorker: toSet(input.rolloutWorker ?? []),
    masterWorker: input.masterWorker === undefined || input.masterWorker === null ? null : toSet(input.masterWorker),
    autoEval: input.autoEval ?? false,
    evaluator: input.evaluator ?? automaticEvaluator(),
  });
}

function toSet(workers: Workers<object>): WorkerSet {
  return isWorkerSet(workers) ? workers : workerSet(workers);
}
