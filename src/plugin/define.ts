import { type Schema, Validator } from "@cfworker/json-schema";
import type { FromSchema, JSONSchema } from "json-schema-to-ts";
import type { JsonObject } from "type-fest";
import type { JsonTypeName, ModelCard } from "../manifest/format.ts";
import type { BackendMemory, CallLoad } from "../memory/facts.ts";
import type { InterfaceType } from "../spec/call.ts";
import type { IsSingle, Said } from "../spec/edit-time.ts";
import { noun, type NounDetails } from "../spec/noun.ts";
import { PAIR_FACTS, type PairFacts, pairFactsOf, type TypeArgs } from "../spec/pair.ts";
import { isPair } from "../spec/placed-pairs.ts";
import type { PluginKind } from "../spec/plugin-kinds.ts";
import type {
  AgentDefinition,
  BackendDefinition,
  CallKeys,
  CaptureOptions,
  Dataset,
  EnvironmentDefinition,
  EnvironmentFacts,
  Interface,
  InterfaceDefinition,
  ModelDefinition,
  ModelFamilyDefinition,
  PairFactory,
  PluginDefinition,
  ShardRequest,
  DatasetDefinition,
  StreamDefinition,
  StreamRequest,
  WrapperDefinition,
} from "./definition.ts";
import { ownArgs } from "./own-args.ts";
import { findPlugin, notePair, registerPlugin } from "./registry.ts";
import { type BackendSupport, type InterfaceRuleFacts, plainFacts } from "./supports.ts";
import { isTyped, type TypedArgs } from "./typed.ts";

/** Arguments as their JSON Schema or their type says. */
export type ArgsOf<S> = S extends TypedArgs<infer A> ? A : S extends JSONSchema ? FromSchema<S> : JsonObject;

/** How arguments are described: a JSON Schema (2020-12), or `typed<...>()`. */
export type ArgsInput = JSONSchema | TypedArgs<object>;

/** One parameter, optional if every argument is. */
type Parameters<A, Given = A> = Partial<A> extends A ? [args?: Given] : [args: Given];

/**
 * Arguments `A` of a plugin's type as an author gives them in an object `G`, with the message of the build in the place of what is none of
 * them: be it a literal or an object that has more than the plugin takes.
 */
export type GivenArgs<G, A, K extends PluginKind, T extends string> = {
  readonly [Name in keyof G]: Name extends keyof A
    ? A[Name]
    : Said<"plugin/args", { kind: K; type: T; path: Name & string; problem: "is no argument of it" }>;
} & Omit<A, keyof G>;

/** Makes pairs of one type. Names of arguments are checked where all are known: not where any may be given, or one list of several. */
export type Factory<A, P extends TypeArgs, D, K extends PluginKind, T extends string> = (string extends keyof A
  ? (...args: Parameters<A>) => P
  : IsSingle<A> extends true
    ? <const G = A>(...args: Parameters<A, GivenArgs<G, A, K, T>>) => P
    : (...args: Parameters<A>) => P) & { readonly definition: D };

/** What one column of a dataset's rows must be. `Name` is what arguments are named. */
export interface DatasetColumn<Name extends string = string> {
  /** Type of its values in JSON, or several; every `integer` is a `number`, too. */
  readonly type: JsonTypeName | readonly JsonTypeName[];
  /** Type of what its lists hold. */
  readonly items?: JsonTypeName;
  /** Rows may lack it. */
  readonly optional?: boolean;
  /** Column whose list has as many items in every row. */
  readonly sameLengthAs?: string;
  /** Only rows that have these texts in other columns must have it. */
  readonly rows?: Readonly<Record<string, string>>;
  /** The texts that it may hold. */
  readonly values?: readonly string[];
  /** Argument that bounds its tokens: those of a text, the items of a list, or the number itself. */
  readonly maxTokens?: Name;
  /** Argument that gives the column another name. */
  readonly namedBy?: Name;
}

/** Texts by column: `{ task: ["math", "code"] }`. */
export type ColumnTexts = Readonly<Record<string, readonly string[]>>;

/** What a dataset's package says of it. */
export interface DatasetInput<S, Y extends string, T extends string = string> {
  readonly type: T;
  /** JSON Schema of the arguments; their TypeScript type follows from it. */
  readonly args: S;
  /** Keys that a batch has. */
  readonly yields: readonly Y[];
  /** Names of arguments that are paths: the build warns of empty ones. */
  readonly paths?: readonly string[];
  /** Name of the argument that bounds the tokens of a row: of its prompt, or of an example with its answer. */
  readonly maxTokens?: string;
  /** What rows must be, by column: samples are checked against it. */
  readonly columns?: Readonly<Record<string, DatasetColumn<keyof NoInfer<ArgsOf<S>> & string>>>;
}

/**
 * Defines a dataset and gives its factory.
 * @example const lines = defineDataset({ type: "lines", args: { type: "object", ... } as const, yields: ["text"] });
 */
export function defineDataset<const S extends ArgsInput, const Y extends string, const T extends string = string>(
  input: DatasetInput<S, Y, T>,
): Factory<ArgsOf<S>, Dataset<Y>, DatasetDefinition, "dataset", T> {
  const definition: DatasetDefinition = {
    kind: "dataset",
    type: input.type,
    ...describedArgs(input.args),
    facts: {
      yields: [...input.yields],
      ...(input.paths === undefined ? {} : { paths: [...input.paths] }),
      ...(input.maxTokens === undefined ? {} : { maxTokens: input.maxTokens }),
      ...(input.columns === undefined ? {} : { columns: copyOf(input.columns) }),
    },
    stream: null,
  };
  return pairFactory(definition) as never;
}

function copyOf(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** Arguments of a stream, its datasets with what each of them yields. */
type StreamArgs<A, N extends PropertyKey, D> = Omit<A, N> & { readonly [P in N]: D };
type YieldsOfEach<D> = D extends readonly (infer X)[] ? (X extends Dataset<infer Y> ? Y : never) : never;

/** Keys that a stream yields beside those of its datasets. */
export interface StreamKeys<Y extends string = string> {
  readonly yields: readonly Y[];
}

/** Makes pairs of a stream. */
export type StreamFactory<A, N extends PropertyKey> = {
  /** @param generated what the call that fills the stream yields; nothing in general */
  <const D extends readonly Dataset[], const Y extends string = never>(
    args: StreamArgs<A, N, D>,
    generated?: StreamKeys<Y>,
  ): Dataset<YieldsOfEach<D> | NoInfer<Y>>;
  readonly definition: StreamDefinition;
};

/** What a stream's package says of it. */
export interface StreamInput<S, N extends PropertyKey> {
  readonly type: string;
  readonly args: S;
  /** Name of the argument that holds the list of datasets. */
  readonly datasets: N;
  /** Arguments of a stream that is made of a flow's datasets. */
  readonly stream: (request: StreamRequest) => NoInfer<ArgsOf<S>>;
}

/**
 * Defines a dataset that stands for what is generated elsewhere, and gives its factory. A batch has the keys of the
 * stream's datasets, and those that its pairs are told of when they are made.
 * @example const pull = defineStreamDataset({ type: "pull", args: ..., datasets: "sources", stream: ... });
 *          pull({ sources: [prompts()] }, { yields: ["packed_input_ids"] });
 */
export function defineStreamDataset<const S extends ArgsInput, const N extends keyof ArgsOf<S> & string>(
  input: StreamInput<S, N>,
): StreamFactory<ArgsOf<S>, N> {
  const definition: StreamDefinition = {
    kind: "dataset",
    type: input.type,
    ...describedArgs(input.args),
    facts: { stream: input.datasets, pairs: { [input.datasets]: "dataset" } },
    stream: input.stream as never,
  };
  registerPlugin(definition);
  const make = (args: JsonObject, generated: StreamKeys = { yields: [] }): TypeArgs =>
    makePair(make as never, definition, args, streamFacts(args[input.datasets], generated.yields));
  return Object.assign(make, { definition }) as never;
}

/**
 * The pair of a stream for datasets from which rows are generated.
 * @param yields keys that the generating call gives
 */
export function streamPair(
  definition: StreamDefinition,
  { datasets }: StreamRequest,
  yields: readonly string[],
): TypeArgs {
  return makePair(streamPair as never, definition, definition.stream({ datasets }), streamFacts(datasets, yields), {});
}

/** What a stream yields, if it is known of each of its datasets. */
function streamFacts(datasets: unknown, yields: readonly string[]): JsonObject {
  // What is no list of pairs is the build's to tell.
  if (!Array.isArray(datasets) || !datasets.every(isPair)) return {};
  const keys = datasets.map((pair: TypeArgs) => {
    const facts = { ...findPlugin("dataset", pair.type)?.facts, ...pairFactsOf(pair)?.facts };
    return facts["yields"] as readonly string[] | undefined;
  });
  return keys.includes(undefined) ? {} : { yields: [...new Set([...keys.flatMap((known) => known ?? []), ...yields])] };
}

type CallTable = Readonly<Partial<Record<"generate" | "trainStep" | "inference" | "evaluate", CallKeys>>>;

/** Of `"any"` types know no key: a call that uses some names them. */
type NoneIfAny<Keys, Side extends string> = Keys extends { readonly [S in Side]: "any" } ? never : string;

export interface InterfaceInput<S, C extends CallTable, T extends string = string> extends InterfaceRuleFacts {
  readonly type: T;
  readonly args: S;
  /** Keys read and yielded, per kind of call that the interface offers. */
  readonly calls: C;
  /** Keys where they depend on the arguments; must stay within what `calls` lists. */
  readonly callsFor?: (args: ArgsOf<S>) => CallTable;
  /** Arguments that hold pairs themselves (one, a list or a map of them), with their kind: the build checks them, too. */
  readonly pairs?: Readonly<Record<string, PluginKind>>;
  /** Environment variables that its workers read. */
  readonly env?: EnvironmentFacts;
  /** What its calls make a model do, as far as memory depends on it: without, the model runs once for each sequence. */
  readonly loads?: Readonly<Partial<Record<InterfaceType, CallLoad>>>;
  /** Rewards that depend on where a row is from: the texts, by column of the dataset, that they know what to do with. */
  readonly covers?: ColumnTexts;
}

/**
 * Defines an interface and gives its factory. The keys stand in its type as such, so that compilers and editors print them and not
 * how they are made.
 */
export function defineInterface<const S extends ArgsInput, const C extends CallTable, const T extends string = string>(
  input: InterfaceInput<S, C, T>,
): Factory<
  ArgsOf<S>,
  Interface<{
    readonly [K in keyof C]: {
      readonly reads: C[K] extends { reads: { required: readonly (infer R)[] } } ? R : NoneIfAny<C[K], "reads">;
      readonly yields: C[K] extends { yields: { always: readonly (infer Y)[] } } ? Y : NoneIfAny<C[K], "yields">;
    };
  }>,
  InterfaceDefinition,
  "interface",
  T
> {
  const definition: InterfaceDefinition = {
    kind: "interface",
    type: input.type,
    ...describedArgs(input.args),
    facts: {
      calls: callFacts(input.calls),
      ...(input.pairs === undefined ? {} : { pairs: { ...input.pairs } }),
      ...(input.covers === undefined ? {} : { covers: copyOf(input.covers) }),
      ...envFacts(input.env),
      ...(input.loads === undefined ? {} : { loads: input.loads as JsonObject }),
      ...ruleFacts(input),
    },
  };
  const { callsFor } = input;
  return pairFactory(
    definition,
    callsFor === undefined ? undefined : (args) => factsFor(definition, args, callsFor as never),
  ) as never;
}

function ruleFacts({ generation, group, kl, correction, overlongBuffer }: InterfaceRuleFacts): JsonObject {
  return plainFacts({ generation, group, kl, correction, overlongBuffer });
}

/** Arguments that don't fit are the build's to tell, at their place: nothing is known of their keys, and nothing is thrown. */
function factsFor(
  { args: schema }: InterfaceDefinition,
  args: JsonObject,
  callsFor: (args: JsonObject) => CallTable,
): JsonObject {
  try {
    return { calls: callFacts(callsFor(args)) };
  } catch (error) {
    if (schema === null || fits(schema as Schema, args)) throw error;
    return {};
  }
}

/** What is no JSON at all fits nothing: the validator throws at it. */
function fits(schema: Schema, args: JsonObject): boolean {
  try {
    return new Validator(schema, "2020-12").validate(args).valid;
  } catch {
    return false;
  }
}

function callFacts(calls: CallTable): JsonObject {
  return Object.fromEntries(
    Object.entries(calls).map(([kind, { reads, yields }]) => [
      kind,
      {
        reads: reads === "any" ? "any" : { required: [...reads.required], optional: [...(reads.optional ?? [])] },
        yields: yields === "any" ? "any" : { always: [...yields.always], optional: [...(yields.optional ?? [])] },
      },
    ]),
  );
}

interface SimpleInput<S, T extends string = string> {
  readonly type: T;
  readonly args: S;
}

export interface AgentInput<S, T extends string = string> extends SimpleInput<S, T> {
  /** Argument that says how sequences are generated, of the form that `generationConfigSchema` has. */
  readonly generation?: string;
}

/** Defines an agent and gives its factory. */
export function defineAgent<const S extends ArgsInput, const T extends string = string>(
  input: AgentInput<S, T>,
): Factory<ArgsOf<S>, TypeArgs, AgentDefinition, "agent", T> {
  const { type, args, generation } = input;
  return pairFactory({ kind: "agent", type, ...describedArgs(args), facts: plainFacts({ generation }) }) as never;
}

export interface EnvironmentInput<S, T extends string = string> extends SimpleInput<S, T> {
  /** Environment variables that its workers read. */
  readonly env?: EnvironmentFacts;
  /** Rewards that depend on where a row is from: the texts, by column of the dataset, that it knows what to do with. */
  readonly covers?: ColumnTexts;
}

/** Defines an environment and gives its factory. */
export function defineEnvironment<const S extends ArgsInput, const T extends string = string>(
  input: EnvironmentInput<S, T>,
): Factory<ArgsOf<S>, TypeArgs, EnvironmentDefinition, "environment", T> {
  const { type, args, env, covers } = input;
  const facts = { ...envFacts(env), ...(covers === undefined ? {} : { covers: copyOf(covers) }) };
  return pairFactory({ kind: "environment", type, ...describedArgs(args), facts }) as never;
}

function envFacts(env: EnvironmentFacts | undefined): JsonObject {
  if (env === undefined) return {};
  return {
    env: Object.fromEntries(Object.entries(env).map(([name, { pattern, what }]) => [name, { pattern, what }])),
  };
}

/** Defines a wrapper around models and gives its factory. */
export function defineWrapper<const S extends ArgsInput, const T extends string = string>(
  input: SimpleInput<S, T>,
): Factory<ArgsOf<S>, TypeArgs, WrapperDefinition, "wrapper", T> {
  return pairFactory({ kind: "wrapper", type: input.type, ...describedArgs(input.args), facts: {} }) as never;
}

export interface BackendInput<S, O extends object, T extends string = string> extends SimpleInput<S, T> {
  readonly role: BackendDefinition["role"];
  readonly gradientAccumulationFusion?: boolean;
  /** Engines only: can generate on the GPUs that also train. */
  readonly hybridTrain?: boolean;
  /** Class of its options: documented fields with their defaults. Models carry an instance under `group`. */
  readonly options?: new () => O;
  /** Name of the options in a model; the type unless given. */
  readonly group?: string;
  /** Arguments of a shard on this backend, from the model's options. */
  readonly shard: (request: ShardRequest) => NoInfer<ArgsOf<S>>;
  /** Engines that serve by themselves: arguments of a generation server, from the model's options. */
  readonly server?: (request: ShardRequest) => JsonObject;
  /** Engines that capture graphs up to a length: names of the options that say so. */
  readonly captures?: { readonly [P in keyof CaptureOptions]: keyof NoInfer<O> & string };
  /** Memory of its models on the GPU: without, builds claim nothing of it. */
  readonly memory?: BackendMemory;
  /** What it can do, and what it asks of models and layouts: without, rules claim nothing of it. */
  readonly supports?: BackendSupport;
}

/** Defines a backend and gives its factory. */
export function defineBackend<const S extends ArgsInput, O extends object = object, const T extends string = string>(
  input: BackendInput<S, O, T>,
): Factory<ArgsOf<S>, TypeArgs, BackendDefinition, "backend", T> {
  const { options: Options } = input;
  const definition: BackendDefinition = {
    kind: "backend",
    type: input.type,
    ...describedArgs(input.args),
    facts: {
      role: input.role,
      gradientAccumulationFusion: input.gradientAccumulationFusion ?? false,
      ...(input.captures === undefined ? {} : { captures: { ...input.captures } }),
      ...(input.memory === undefined ? {} : { memory: input.memory as unknown as JsonObject }),
      ...(input.supports === undefined ? {} : { supports: plainFacts(input.supports) }),
    },
    role: input.role,
    gradientAccumulationFusion: input.gradientAccumulationFusion ?? false,
    hybridTrain: input.hybridTrain ?? false,
    options: Options === undefined ? null : () => new Options(),
    group: Options === undefined ? null : (input.group ?? input.type),
    shard: input.shard as never,
    server: input.server ?? null,
    captures: input.captures ?? null,
  };
  return pairFactory(definition) as never;
}

export interface ModelInput<S, T extends string = string> extends SimpleInput<S, T> {
  readonly holds: ModelDefinition["holds"];
  /** Argument that holds the checkpoint's path, and the one that holds its family. */
  readonly path?: string;
  readonly family?: string;
  /** Argument that is `true` for a model with a value head in the place of its output embedding. */
  readonly critic?: string;
  readonly shard: (request: ShardRequest) => NoInfer<ArgsOf<S>>;
}

/** Defines how a model is made and gives its factory. */
export function defineModel<const S extends ArgsInput, const T extends string = string>(
  input: ModelInput<S, T>,
): Factory<ArgsOf<S>, TypeArgs, ModelDefinition, "model", T> {
  const definition: ModelDefinition = {
    kind: "model",
    type: input.type,
    ...describedArgs(input.args),
    facts: {
      holds: input.holds,
      ...(input.path === undefined ? {} : { path: input.path }),
      ...(input.family === undefined ? {} : { family: input.family }),
      ...(input.critic === undefined ? {} : { critic: input.critic }),
    },
    holds: input.holds,
    shard: input.shard as never,
  };
  return pairFactory(definition) as never;
}

export interface ModelFamilyInput<Id extends string> {
  /** Name of the family, as a checkpoint's own configuration has it (`model_type`). */
  readonly type: string;
  /** Other families whose code reads these checkpoints, too. */
  readonly readableAs?: readonly string[];
  /** Backends that run it though their own plugins don't name it. */
  readonly backends?: readonly string[];
  /** Cards of known checkpoints by catalogue id. */
  readonly cards?: Readonly<Record<Id, Omit<ModelCard, "id" | "family">>>;
}

/** Defines a model family with its catalogue cards. */
export function defineModelFamily<const Id extends string>(
  input: ModelFamilyInput<Id>,
): { readonly definition: ModelFamilyDefinition; readonly ids: { readonly [K in Id]: K } } {
  const entries = Object.entries(input.cards ?? {}) as [Id, Omit<ModelCard, "id" | "family">][];
  const definition: ModelFamilyDefinition = {
    kind: "modelFamily",
    type: input.type,
    args: null,
    facts: { readableAs: [...(input.readableAs ?? [])], ...plainFacts({ backends: input.backends }) },
    cards: entries.map(([id, card]) => ({ ...card, id, family: input.type })),
  };
  registerPlugin(definition);
  return { definition, ids: Object.fromEntries(entries.map(([id]) => [id, id])) as { readonly [K in Id]: K } };
}

/** What a definition says of its arguments. */
export function describedArgs(args: unknown): Pick<PluginDefinition, "args" | "typedAt"> {
  return isTyped(args) ? { args: true, typedAt: args.frames } : { args: args as never };
}

export function pairFactory<D extends PluginDefinition>(
  definition: D,
  factsFor?: (args: JsonObject) => JsonObject,
): PairFactory<JsonObject | undefined, TypeArgs, D> {
  registerPlugin(definition);
  const make = (args: JsonObject = {}): TypeArgs =>
    makePair(make as never, definition, args, factsFor === undefined ? {} : factsFor(args));
  return Object.assign(make, { definition });
}

function makePair(
  maker: (...args: never[]) => unknown,
  definition: PluginDefinition,
  args: JsonObject,
  facts: JsonObject,
  fields: NounDetails["fields"] = { args: [0] },
): TypeArgs {
  const { kind, type } = definition;
  const pair = { type, args: ownArgs(args) };
  const noted: PairFacts = { kind, facts };
  Object.defineProperty(pair, PAIR_FACTS, { value: noted, enumerable: true });
  const made = noun(maker, pair, { fields });
  notePair(definition, made);
  return made;
}
