import type { Dataset, Interface } from "../plugin/definition.ts";
import type { CallHook, InterfaceType, MicroBatchSpec } from "../spec/call.ts";
import { noun } from "../spec/noun.ts";
import { pairFactsOf, type TypeArgs } from "../spec/pair.ts";
import type { Used } from "./model-spec.ts";
import type { CallOptions } from "./option-groups.ts";

/** Keys in order; what a condition has left out is no key. */
export type Keys = readonly (string | false | null | undefined)[];

/** What can be said of one call besides its role and its interface. */
export interface CallSettings {
  /** Sequences of a step; those of the first call that says so, unless given. */
  readonly nSeqs?: number;
  /** Keys read, in order; what the interface needs, unless given. `condition && "key"` is a key under a condition. */
  readonly reads?: Keys;
  /** Keys yielded, in order; what the interface always gives, unless given. Names as the graph knows them. */
  readonly yields?: Keys;
  /** Key of the interface -> key of the graph, for keys that are yielded. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Key of the graph -> key of the interface, for keys that are read. */
  readonly renameReads?: Readonly<Record<string, string>>;
  /** Sequences that each data-parallel rank needs in a forward pass. */
  readonly minSeqsPerPass?: number;
  readonly microBatches?: Partial<MicroBatchSpec>;
  /** Option with the call's micro-batches and its layout under `manual`. */
  readonly allocation?: CallOptions;
  /** How sequences are generated: with the flow's longest prompt they must fit the graphs that the engine captures. */
  readonly generation?: { readonly maxNewTokens: number };
  /** Engine whose captured graphs sequences must fit, whichever one generates. */
  readonly capturedBy?: Used;
  /** Train steps: blends the parameters they leave into another role's, as a moving average; `null` leaves it out. */
  readonly blendInto?: BlendSetting | null;
  /** Options, by dotted path, that these settings come from: findings then stand where the option is set. */
  readonly from?: OptionPlaces;
  /** Whether what the call returns is logged; train steps are, unless said otherwise. */
  readonly log?: boolean;
  /** Hooks before the call; a function gets those that the layout needs. */
  readonly preHooks?: HookSetting;
  /** Hooks after the call; a function gets those that the layout needs. */
  readonly postHooks?: HookSetting;
}

/** An exponential moving average: the role has `eta * trained + (1 - eta) * own` afterwards. */
export interface BlendSetting {
  readonly role: string;
  readonly eta: number;
}

/** Settings that may be an option's value without a trace of it: numbers, and what is made of numbers. */
export type OptionPlaces = Readonly<Partial<Record<"nSeqs" | "minSeqsPerPass" | "blendInto", string>>>;

/** Hooks that replace those of the layout, or a function of them. */
export type HookSetting = readonly CallHook[] | ((derived: readonly CallHook[]) => readonly CallHook[]);

/** A call of a flow, before its name and its layout are known. */
export interface FlowCall<R extends string = string, In extends string = string, Out extends string = string> {
  readonly kind: InterfaceType;
  readonly role: R;
  readonly interfaceImpl: TypeArgs;
  readonly settings: CallSettings;
  /** For the compiler only. */
  readonly " keys"?: { readonly reads: In; readonly yields: Out };
}

/** Interfaces that have a kind of call. */
type Offering<K extends InterfaceType> = Interface<{ readonly [P in K]: object }>;

/** Keys of a kind of call of an interface; of one of several, those of all. */
type KeysIn<I, K extends InterfaceType, Side extends "reads" | "yields"> =
  I extends Interface<infer Calls>
    ? Calls extends { readonly [P in K]: { readonly [S in Side]: infer Key extends string } }
      ? Key
      : never
    : never;

/** Keys a call reads: those it names, else those of its interface. */
type ReadsOf<I, K extends InterfaceType, S> = S extends { readonly reads: readonly (infer R)[] }
  ? Extract<R, string>
  : KeysIn<I, K, "reads">;
/** Keys a call yields, under the names that the graph knows. */
type YieldsOf<I, K extends InterfaceType, S> = S extends { readonly yields: readonly (infer Y)[] }
  ? Extract<Y, string>
  : S extends { readonly rename: infer M extends Readonly<Record<string, string>> }
    ? Renamed<KeysIn<I, K, "yields">, M>
    : KeysIn<I, K, "yields">;

/** Keys under their new names; a name for a key that there is not makes none. */
type Renamed<Key extends string, Names> = Key extends keyof Names ? Names[Key] & string : Key;

/** Settings and nothing else: what a call does not know is no value of any type. */
type Known<S> = S & { readonly [P in Exclude<keyof S, keyof CallSettings>]: never };

/** Generates sequences with a role's model. */
export function generate<
  const R extends string,
  I extends Offering<"generate">,
  const S extends CallSettings = CallSettings,
>(role: R, interfaceImpl: I, settings?: Known<S>): FlowCall<R, ReadsOf<I, "generate", S>, YieldsOf<I, "generate", S>> {
  return makeFlowCall(generate, "generate", role, interfaceImpl, settings) as never;
}

/** Runs a forward pass of a role's model. */
export function inference<
  const R extends string,
  I extends Offering<"inference">,
  const S extends CallSettings = CallSettings,
>(
  role: R,
  interfaceImpl: I,
  settings?: Known<S>,
): FlowCall<R, ReadsOf<I, "inference", S>, YieldsOf<I, "inference", S>> {
  return makeFlowCall(inference, "inference", role, interfaceImpl, settings) as never;
}

/** Trains a role's model for one step. */
export function trainStep<
  const R extends string,
  I extends Offering<"trainStep">,
  const S extends CallSettings = CallSettings,
>(
  role: R,
  interfaceImpl: I,
  settings?: Known<S>,
): FlowCall<R, ReadsOf<I, "trainStep", S>, YieldsOf<I, "trainStep", S>> {
  return makeFlowCall(trainStep, "trainStep", role, interfaceImpl, settings) as never;
}

/** Evaluates a role's model. */
export function evaluate<
  const R extends string,
  I extends Offering<"evaluate">,
  const S extends CallSettings = CallSettings,
>(role: R, interfaceImpl: I, settings?: Known<S>): FlowCall<R, ReadsOf<I, "evaluate", S>, YieldsOf<I, "evaluate", S>> {
  return makeFlowCall(evaluate, "evaluate", role, interfaceImpl, settings) as never;
}

/** A call that is there only under a condition. The compiler counts its keys as there; the build proves the rest. */
export function when<R extends string, In extends string, Out extends string>(
  condition: boolean,
  call: FlowCall<R, In, Out>,
): FlowCall<R, In, Out> | null {
  return condition ? call : null;
}

/** The keys that are there. */
export function keysOf(keys: Keys): readonly string[] {
  return keys.filter((key) => typeof key === "string");
}

function makeFlowCall(
  maker: (...args: never[]) => unknown,
  kind: InterfaceType,
  role: string,
  interfaceImpl: TypeArgs,
  settings: CallSettings = {},
): FlowCall {
  return noun(
    maker,
    { kind, role, interfaceImpl, settings },
    { fields: { kind: [0], role: [0], interfaceImpl: [1], settings: [2] } },
  );
}

/** Keys that a pair's interface reads and yields in a kind of call where the author names none. */
export function defaultKeys(
  call: FlowCall,
  typeFacts: unknown,
): { readonly reads: readonly string[]; readonly yields: readonly string[] } {
  const facts = (pairFactsOf(call.interfaceImpl)?.facts["calls"] ?? typeFacts) as
    | Record<string, { reads?: { required?: readonly string[] }; yields?: { always?: readonly string[] } }>
    | undefined;
  const keys = facts?.[call.kind];
  const rename = call.settings.rename ?? {};
  return {
    reads: keys?.reads?.required ?? [],
    yields: (keys?.yields?.always ?? []).map((key) => rename[key] ?? key),
  };
}

/** Keys of datasets, for the compiler. */
export type YieldsOfDatasets<D> = D extends readonly (infer X)[] ? (X extends Dataset<infer Y> ? Y : never) : never;
