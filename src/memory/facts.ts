import type { JsonObject, JsonPrimitive, JsonValue } from "type-fest";
import { isObject, own } from "../spec/own.ts";

/** An axis of a layout over whose ranks a part of a model's state is shared out. */
export type SplitAxis = "tensor" | "pipe" | "data";

/** Bytes of a parameter: a number, or those of the type that an argument names, such as `float32`. */
export type BytesFact = number | { readonly typeOf: string };

/** What one part of a model's state takes. */
export interface StateFact {
  /** Arguments by dotted path, and the value that each must have. Of several facts the first that fits holds. */
  readonly when?: Readonly<Record<string, JsonPrimitive>>;
  /** Bytes of a parameter, added up. */
  readonly bytes: readonly BytesFact[];
  /** Axes over which it is shared out; on the others each rank has all of it. */
  readonly over: readonly SplitAxis[];
  /** Where it is kept; on the GPU unless given. */
  readonly on?: "gpu" | "host";
}

/** Memory of a backend's models: facts of its plugin, so that nobody else has to know the backend. */
export interface BackendMemory {
  readonly weights: readonly StateFact[];
  /** Of models that are trained; none unless given. */
  readonly gradients?: readonly StateFact[];
  /** Of models that are trained; none unless given. */
  readonly optimizer?: readonly StateFact[];
  /** Of a model that is sharded whole: what the largest layer or embedding takes while it is gathered. */
  readonly gathered?: readonly StateFact[];
  /** Bytes of each logit while they are there: all copies of a forward pass, and of a train step. 4 and 8 unless given. */
  readonly logitBytes?: { readonly forward: number; readonly train: number };
  /** Micro-batches that a pipeline makes of each, for every stage that it has. 1 unless given. */
  readonly pipelineBatches?: { readonly forward: number; readonly train: number };
  /** Bytes of each number that the key-value cache holds where it generates by itself; 2 unless given. */
  readonly cacheBytes?: number;
  /** Keeps the scores of attention for the backward pass, as kernels before FlashAttention did. */
  readonly keepsAttentionScores?: boolean;
  /** Of an engine that takes a part of the GPU when it starts. */
  readonly pool?: PoolMemory;
}

/** The part of the GPU that a generation engine takes; each text names an argument. */
export interface PoolMemory {
  /** Part of the GPU's memory, and what it is if the argument is `null`. */
  readonly fraction: string;
  readonly fractionIfNull: number;
  /** What the part is for: all that the engine needs, or weights and cache only. */
  readonly holds: "everything" | "weights-and-cache";
  /** Types of weights and of the cache; `auto` is that of the weights. */
  readonly weightsType: string;
  readonly cacheType: string;
  /** Path of the checkpoint, of engines whose shards hold no model. */
  readonly path?: string;
  /** Argument that frees the part between generations where it is `true`. */
  readonly freedBy?: string;
}

/** What one call of an interface makes its model do; each text names an argument, by dotted path. */
export interface CallLoad {
  /** `false`: the model is not run at all. */
  readonly runs?: boolean;
  /** Sequences that each one of the call stands for, such as answers to a prompt: the first argument that is a number. */
  readonly sequences?: readonly string[];
  /** Tokens that are generated for each at most. */
  readonly newTokens?: string;
  /** Parts that a batch is trained in. */
  readonly minibatches?: string;
}

/** What a backend's plugin says of memory; `null` if nothing, or nothing that makes sense. */
export function backendMemoryOf(facts: Readonly<Record<string, JsonValue>> | undefined): BackendMemory | null {
  const memory = facts?.["memory"];
  return isObject(memory) && Array.isArray(memory["weights"]) ? (memory as unknown as BackendMemory) : null;
}

/** What an interface's plugin says of one kind of call; nothing is that it runs its model once for each sequence. */
export function callLoadOf(facts: Readonly<Record<string, JsonValue>> | undefined, kind: string): CallLoad {
  const loads = facts?.["loads"];
  const load = isObject(loads) ? own(loads, kind) : undefined;
  return isObject(load) ? (load as CallLoad) : {};
}

/** The first of several facts whose conditions hold for these arguments. */
export function fittingFact(facts: readonly StateFact[] | undefined, args: JsonObject): StateFact | null {
  const fits = ({ when = {} }: StateFact) =>
    Object.entries(when).every(([path, value]) => (argumentAt(args, path) ?? null) === value);
  return facts?.find(fits) ?? null;
}

/** Bytes of each parameter by a fact; `null` if a type is not known. */
export function bytesPerParameter({ bytes }: StateFact, args: JsonObject): number | null {
  let sum = 0;
  for (const one of bytes) {
    const own = typeof one === "number" ? one : bytesOfType(argumentAt(args, one.typeOf));
    if (own === null) return null;
    sum += own;
  }
  return sum;
}

/** A value inside of arguments, by dotted path. */
export function argumentAt(args: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const name of path.split(".")) value = isObject(value) ? own(value, name) : undefined;
  return value;
}

/** The arguments with another value at a dotted path. */
export function withArgument(args: JsonObject, path: string, value: JsonPrimitive): JsonObject {
  const [first = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...args, [first]: value };
  const inner = args[first];
  return { ...args, [first]: withArgument(isObject(inner) ? inner : {}, rest.join("."), value) };
}

const TYPE_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  fp32: 4,
  float: 4,
  float16: 2,
  fp16: 2,
  half: 2,
  bfloat16: 2,
  bf16: 2,
  // What engines take `auto` for: the type of published checkpoints.
  auto: 2,
  fp8: 1,
  fp8_e4m3: 1,
  fp8_e5m2: 1,
  float8_e4m3fn: 1,
  int8: 1,
  uint8: 1,
};

/** Bytes of a number by the name of its type, as PyTorch and the engines write it; `null` if the name is not known. */
export function bytesOfType(type: JsonValue | undefined): number | null {
  if (typeof type !== "string") return null;
  return own(TYPE_BYTES, type.toLowerCase().replace(/^torch\./, "")) ?? null;
}
