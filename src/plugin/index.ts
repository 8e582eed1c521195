export {
  type ArgsInput,
  type ArgsOf,
  type BackendInput,
  type ColumnTexts,
  type DatasetColumn,
  type DatasetInput,
  defineAgent,
  defineBackend,
  defineDataset,
  defineEnvironment,
  defineInterface,
  defineModel,
  defineModelFamily,
  defineStreamDataset,
  defineWrapper,
  type EnvironmentInput,
  type Factory,
  type GivenArgs,
  type InterfaceInput,
  type ModelFamilyInput,
  type ModelInput,
  type StreamInput,
  streamPair,
} from "./define.ts";
export type {
  ArgsSchema,
  BackendDefinition,
  CallKeys,
  CaptureOptions,
  Dataset,
  EnvironmentFacts,
  Interface,
  InterfaceDefinition,
  InterfaceKeys,
  ModelDefinition,
  ModelFamilyDefinition,
  PluginDefinition,
  ShardRequest,
  DatasetDefinition,
  LauncherDefinition,
  MutatorDefinition,
  RuleDefinition,
  StreamDefinition,
  StreamRequest,
  TrackerDefinition,
  VariableFacts,
} from "./definition.ts";
export {
  describePlugins,
  factsOf,
  PLUGIN_API_VERSION,
  type PluginCode,
  type PluginDescriptor,
  type PluginTypeDescriptor,
  twoOwners,
} from "./descriptor.ts";
export { type GenerationConfig, generationConfigSchema } from "./generation.ts";
export { PLUGIN_KINDS, type PluginKind } from "../spec/plugin-kinds.ts";
export { findPlugin, loadedPlugins } from "./registry.ts";
export type { TypeArgs } from "../spec/pair.ts";
export type { ModelCard, PluginFacts, TypeFacts } from "../manifest/format.ts";
export { modelCardFromConfig } from "../manifest/model-card.ts";
export {
  defineLauncher,
  defineMutator,
  defineRule,
  defineTracker,
  type LauncherInput,
  type LauncherUse,
  type MutatorInput,
  type MutatorUse,
  type RuleInput,
  type RuleUse,
  type TrackerInput,
  type TrackerUse,
} from "./define-hooks.ts";
export type {
  GroupState,
  GroupStatus,
  LaunchGroup,
  LaunchHandle,
  LaunchPreview,
  LaunchRequest,
  Launcher,
  LauncherClass,
  LogLine,
  LogOptions,
  RunIdentity,
} from "./launcher.ts";
export type { Change, Mutator, MutatorClass, MutatorRequest } from "./mutator.ts";
export type { ProvedBuild, Rule, RuleClass, RuleCode, RuleFinding, RulePlace, RuleRequest } from "./rule.ts";
export { typed, type TypedArgs } from "./typed.ts";
