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
  defineWrapper,
  type InterfaceInput,
  type KeysOf,
  type ModelFamilyInput,
  type ModelInput,
} from "./define.ts";
export type {
  ArgsSchema,
  BackendDefinition,
  CallKeys,
  Dataset,
  DatasetDefinition,
  Interface,
  InterfaceDefinition,
  InterfaceKeys,
  ModelDefinition,
  ModelFamilyDefinition,
  PluginDefinition,
  ShardRequest,
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
export { PLUGIN_KINDS, type PluginKind } from "../spec/plugin-kinds.ts";
export { findPlugin, loadedPlugins } from "./registry.ts";
export type { TypeArgs } from "../spec/pair.ts";
export type { ModelCard, PluginFacts, TypeFacts } from "../manifest/format.ts";
export { modelCardFromConfig } from "../manifest/model-card.ts";
