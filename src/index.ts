export { AssayError, valueOrThrow } from "./diagnostics/assay-error.ts";
export type { Diagnostic, Finding, Place, Result, Severity, Span, TextRange } from "./diagnostics/finding.ts";
export { type CallSettings, evaluate, type FlowCall, generate, inference, trainStep, when } from "./dsl/calls.ts";
export { type AssayConfig, defineConfig, type LimitsConfig, type SampleConfig } from "./dsl/config.ts";
export type { RuntimeConfig } from "./spec/runtime.ts";
export { CommonExperiment } from "./dsl/common-experiment.ts";
export { inject, Injectable, provide, type Provider, type Token } from "./dsl/container.ts";
export {
  Experiment,
  type ExperimentClass,
  type ExperimentName,
  Preset,
  preset,
  registerExperiment,
} from "./dsl/experiment.ts";
export type { Allocation } from "./dsl/allocation-string.ts";
export type { ExperimentMap } from "./dsl/experiment-map.ts";
export type { HeuristicPlace } from "./layout/input.ts";
export type { Rollouts } from "./dsl/rollouts.ts";
export { type Flow, flow, type FlowInput } from "./dsl/flow.ts";
export { generationConfig } from "./dsl/generation-config.ts";
export {
  type ExperimentOf,
  type GeneratedExperiment,
  type GeneratedProject,
  loadExperiment,
  makeExperiment,
  type OverridesOf,
  registerCluster,
  registerProject,
} from "./dsl/make.ts";
export {
  type BackendGroups,
  type Catalogue,
  frozen,
  model,
  type ModelPath,
  type ModelSettings,
  type ModelSpec,
} from "./dsl/model-spec.ts";
export { Option } from "./dsl/option.ts";
export { fromOptions } from "./dsl/option-arguments.ts";
export { readInput } from "./dsl/read-input.ts";
export {
  CallOptions,
  EvaluatorOptions,
  GenerationOptions,
  MicroBatchOptions,
  ModelTypeOptions,
  OptimizerOptions,
  ParallelismOptions,
  SaveEvalOptions,
  TensorBoardOptions,
  WandBOptions,
} from "./dsl/option-groups.ts";
export { authoredPart } from "./manifest/authored-part.ts";
export type {
  Acknowledgement,
  Authored,
  AuthoredManifest,
  Declared,
  Manifest,
  ModelCard,
  PluginFacts,
  Reach,
  Resolved,
  ResolvedSetup,
  TypeFacts,
} from "./manifest/format.ts";
export { MANIFEST_VERSION } from "./manifest/format.ts";
export { modelCardFromConfig } from "./manifest/model-card.ts";
export { factsOf, type PluginDescriptor } from "./plugin/descriptor.ts";
export type { OptionDescription, OptionSchema } from "./realm/option-schema.ts";
export { NO_FACTS, resolve } from "./resolve/resolve.ts";
export {
  type AllocationEntry,
  type AllocationMode,
  type Engine,
  formatAllocationMode,
  gpusOf,
  type Layout3D,
  parseAllocationMode,
} from "./spec/allocation-mode.ts";
export {
  type CallHook,
  type InterfaceType,
  type MicroBatchSpec,
  microBatchSpec,
  modelFunctionCall,
  type ModelFunctionCall,
  offload,
  paramRealloc,
} from "./spec/call.ts";
export { ClusterSpec, clusterSpec, clusterSpecFromJson } from "./spec/cluster.ts";
export { type Column, columnAt, columnLength, numbersOf, runsOf, toColumn } from "./spec/column.ts";
export { defaultScheduling } from "./spec/default-scheduling.ts";
export {
  covers,
  type DeviceMesh,
  deviceMesh,
  isInside,
  meshFromName,
  meshFromRows,
  meshName,
  type MeshNames,
  meshRows,
  overlaps,
  splitMesh,
} from "./spec/device-mesh.ts";
export {
  automaticEvaluator,
  EXPERIMENT_STATUSES,
  type ExperimentConfig,
  experimentConfig,
  type ExperimentConfigInput,
  type ExperimentStatus,
  tensorBoardConfig,
  wandBConfig,
} from "./spec/experiment-config.ts";
export { type ModelName, modelName, modelNameText, parseModelName } from "./spec/model-name.ts";
export {
  availableNodes,
  expandHostList,
  formatNodeList,
  type NodeChoice,
  parseNodeList,
  sortNodes,
} from "./spec/node-list.ts";
export { ownFindings } from "./spec/noun.ts";
export type { TypeArgs } from "./spec/pair.ts";
export { type ParallelismConfig, parallelismConfig } from "./spec/parallelism.ts";
export {
  controllerScheduling,
  type ExperimentScheduling,
  experimentScheduling,
  generationServerDefault,
  gserverManagerDefault,
  masterWorkerDefault,
  modelWorkerDefault,
  rolloutWorkerDefault,
  type Scheduling,
  scheduling,
  type TasksGroup,
  tasksGroup,
} from "./spec/scheduling.ts";
export { type SlurmArray, slurmGeometry, type SlurmGeometry, type SlurmRequest } from "./spec/slurm-geometry.ts";
export { parallelStrategies, subMeshes, subMeshesInside } from "./spec/sub-meshes.ts";
export {
  axisList,
  commLists,
  type Coordinates,
  coordinatesOf,
  filterRanks,
  type ProcessTopology,
  processTopology,
  rankName,
  rankOf,
  worldSize,
} from "./spec/topology.ts";
export {
  type GenerationServer,
  generationServer,
  type GserverManager,
  gserverManager,
  type MasterWorker,
  masterWorker,
  type ModelShard,
  modelShard,
  type ModelShardId,
  modelShardId,
  type ModelWorker,
  modelWorker,
  parallelismRank,
  type RolloutWorker,
  rolloutWorker,
  saveEvalControl,
  type WorkerInformation,
  workerInformation,
  type WorkerKind,
} from "./spec/worker.ts";
export { workerAt, type WorkerSet, workerSet, workersOf } from "./spec/worker-set.ts";
