export {
  type ArgsOf,
  type BackendInput,
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
  StreamDefinition,
  StreamRequest,
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
