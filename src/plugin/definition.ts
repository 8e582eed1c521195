import type { JsonObject, JsonValue } from "type-fest";
import type { ModelCard } from "../manifest/format.ts";
import type { InterfaceType } from "../spec/call.ts";
import type { TypeArgs } from "../spec/pair.ts";
import type { CallSite } from "../origin/call-site.ts";
import type { PluginKind } from "../spec/plugin-kinds.ts";
import type { LauncherClass } from "./launcher.ts";
import type { MutatorClass } from "./mutator.ts";
import type { RuleClass, RuleCode } from "./rule.ts";

/** A JSON Schema (2020-12) of a pair's arguments. */
export type ArgsSchema = Readonly<Record<string, unknown>> | boolean;

/** What every plugin type says of itself. */
export interface DefinitionBase<K extends PluginKind> {
  readonly kind: K;
  /** Name under which the workers know the implementation. */
  readonly type: string;
  /** `true` where a TypeScript type says it, see {@link typedAt}. */
  readonly args: ArgsSchema | null;
  /** Where `typed` was called: the place of the type that the descriptor's schema is made of. */
  readonly typedAt?: readonly CallSite[];
  readonly facts: JsonObject;
}

/** A dataset that stands on its own. */
export interface DatasetDefinition extends DefinitionBase<"dataset"> {
  readonly stream: null;
}

/** A dataset of rows that are generated elsewhere: it yields what its datasets yield and what the generation yields. */
export interface StreamDefinition extends DefinitionBase<"dataset"> {
  /** Makes its arguments. */
  readonly stream: (request: StreamRequest) => JsonObject;
}

/** What a stream is told of the data that it stands for. */
export interface StreamRequest {
  /** Datasets from which its rows were generated. */
  readonly datasets: readonly TypeArgs[];
}

export type InterfaceDefinition = DefinitionBase<"interface">;
export type AgentDefinition = DefinitionBase<"agent">;
export type EnvironmentDefinition = DefinitionBase<"environment">;
export type WrapperDefinition = DefinitionBase<"wrapper">;

/** What a backend or a model type is told of the shard that it is asked to describe. */
export interface ShardRequest {
  /** All options of the model, with those of each backend under its name. */
  readonly model: JsonObject & { readonly path: string };
  /** Family by which the checkpoint is read. */
  readonly family: string;
  /** Path of the tokenizer of the flow. */
  readonly tokenizerPath: string;
  /** Generation on GPUs of its own: whatever an option says, nothing trains beside it. */
  readonly apart: boolean;
}

/** Options of an engine that captures graphs for sequences up to a length, by name. */
export interface CaptureOptions {
  /** Longest sequence, in tokens, that runs in a captured graph. */
  readonly limit: string;
  /** Switch that captures nothing. */
  readonly unless: string;
}

/** Environment variables that a plugin's workers read, by name: what a value must look like where one is set. */
export type EnvironmentFacts = Readonly<Record<string, VariableFacts>>;

export interface VariableFacts {
  /** Regular expression that values match. */
  readonly pattern: string;
  /** The same in words, after "needs". */
  readonly what: string;
}

/** How shards of a model are computed. */
export interface BackendDefinition extends DefinitionBase<"backend"> {
  /** `train`: runs train steps; `inference`: forward passes only; `generate`: an engine that generates. */
  readonly role: "train" | "inference" | "generate";
  /** Fuses gradient accumulation into its kernels: topologies of its models say so. */
  readonly gradientAccumulationFusion: boolean;
  /** Generates on the GPUs that also train, when its `hybridTrain` option is set; engines that can't are refused then. */
  readonly hybridTrain: boolean;
  /** Makes an object with the defaults of its options, which models then carry under {@link group}. */
  readonly options: (() => object) | null;
  /** Name of its options in a model; `null` without options. */
  readonly group: string | null;
  readonly shard: (request: ShardRequest) => JsonObject;
  /** Arguments of a generation server, beside the path of its model; `null` for an engine that is no server by itself. */
  readonly server: ((request: ShardRequest) => JsonObject) | null;
  /** Its options that bound the length of sequences; `null` where nothing does. */
  readonly captures: CaptureOptions | null;
}

/** How a model is made from a checkpoint. */
export interface ModelDefinition extends DefinitionBase<"model"> {
  /** `weights`: real parameters; `tokenizer`: what the shards of a generation engine need. */
  readonly holds: "weights" | "tokenizer";
  readonly shard: (request: ShardRequest) => JsonObject;
}

/** A family of model architectures with the cards of its known checkpoints. */
export interface ModelFamilyDefinition extends DefinitionBase<"modelFamily"> {
  readonly cards: readonly ModelCard[];
}

/** A place that reports of a run go to. */
export type TrackerDefinition = DefinitionBase<"tracker">;

/** A check over proved builds, with its own codes. */
export interface RuleDefinition extends DefinitionBase<"rule"> {
  readonly codes: Readonly<Record<string, RuleCode>>;
  readonly rule: RuleClass<never, string>;
}

/** Something that changes what experiments authored. */
export interface MutatorDefinition extends DefinitionBase<"mutator"> {
  readonly mutator: MutatorClass<never>;
}

/** An engine that starts workers. */
export interface LauncherDefinition extends DefinitionBase<"launcher"> {
  readonly launcher: LauncherClass<never>;
}

export type PluginDefinition =
  | DatasetDefinition
  | StreamDefinition
  | InterfaceDefinition
  | AgentDefinition
  | EnvironmentDefinition
  | WrapperDefinition
  | BackendDefinition
  | ModelDefinition
  | ModelFamilyDefinition
  | TrackerDefinition
  | RuleDefinition
  | MutatorDefinition
  | LauncherDefinition;

/** A dataset; `Yields` are the keys that a batch has, for the compiler. */
export interface Dataset<out Yields extends string = string> extends TypeArgs {
  readonly " kind"?: "dataset";
  readonly " yields"?: Yields;
}

/** Keys that an interface reads and yields in each kind of call, for the compiler. */
export type InterfaceKeys = { readonly [K in InterfaceType]?: { readonly reads: string; readonly yields: string } };

/** An interface: what a call does with its model. */
export interface Interface<Keys = InterfaceKeys> extends TypeArgs {
  readonly " kind"?: "interface";
  readonly " keys"?: Keys;
}

/** Keys of one kind of call as a descriptor has them. */
export interface CallKeys<R extends string = string, Y extends string = string> {
  /** `"any"`: whatever it is given. */
  readonly reads: { readonly required: readonly R[]; readonly optional?: readonly R[] } | "any";
  readonly yields: { readonly always: readonly Y[]; readonly optional?: readonly Y[] } | "any";
}

/** A factory of pairs of one type, with the definition it stands on. */
export type PairFactory<A, P extends TypeArgs, D> = ((args: A) => P) & { readonly definition: D };

/** Plain JSON of a value that holds no functions. */
export type Plain = JsonValue;
