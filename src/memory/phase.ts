import type { MemoryPart } from "../manifest/format.ts";
import { cacheCapacityTokens, keyValueBytesPerToken } from "./cache.ts";
import { attentionScoreBytes, inFlight, layerActivationBytes, layerInputBytes, logitBytes } from "./activations.ts";
import { isBounded, microBatchesOf } from "./batches.ts";
import { argumentAt, bytesOfType } from "./facts.ts";
import { bytesOf, type CallTokens, type MemoryCall, type MemoryModel } from "./model.ts";
import { layersOfStage, stageParameters } from "./parameters.ts";
import { gatheredPart, stateParts } from "./state.ts";
import { gibText, wholeText } from "./text.ts";

/**
 * Contexts of CUDA and NCCL, kernels and fragments that no formula has: 2 GiB, the least of what is seen on GPUs of 80 GiB, where it
 * is 2 to 4.
 */
export const RUNTIME_BYTES = 2 * 1024 ** 3;

/** Bytes of each logit where a backend says nothing: one copy in 32 bits, and its gradient. */
const LOGIT_BYTES = { forward: 4, train: 8 } as const;
const ONE_EACH = { forward: 1, train: 1 } as const;
/** Types of 16 bits, which caches have unless a backend says otherwise. */
const CACHE_BYTES = 2;

/** Memory of the GPU that needs most while a call runs. */
export interface PhaseMemory {
  readonly parts: readonly MemoryPart[];
  readonly totalBytes: number;
  /** Pipeline stage of the call's model on that GPU. */
  readonly stage: number;
}

/** All that is on a GPU while a call runs. */
export interface Phase {
  readonly call: MemoryCall;
  readonly own: MemoryModel;
  /** Other models on the same GPUs. */
  readonly others: readonly MemoryModel[];
  /** Model whose parameters come to the call's own before it, from the same or other GPUs; `null` for none. */
  readonly source: MemoryModel | null;
  /** Memory of a GPU, for engines that take a part of it; `null` if it is not known. */
  readonly gpuBytes: number | null;
}

/** Works out the memory of the GPU that needs most while a call runs; `null` if the call's own model can't be worked out. */
export function phaseMemory(phase: Phase): PhaseMemory | null {
  const { own, others } = phase;
  const rest = [
    ...others.flatMap((other) => residentParts(other, phase.gpuBytes)),
    { kind: "runtime", model: null, bytes: RUNTIME_BYTES, how: "contexts of CUDA and NCCL, fragments" } as const,
  ];
  let most: PhaseMemory | null = null;
  for (let stage = 0; stage < own.layout.pipe; stage += 1) {
    const state = poolParts(own, phase.gpuBytes) ?? stateParts(own, stage);
    if (state === null) return null;
    const parts = [...state, ...activeParts(phase, stage), ...rest].filter(
      ({ bytes, how }) => bytes > 0 || how !== "none",
    );
    const totalBytes = bytesOf(parts);
    if (most === null || totalBytes > most.totalBytes) most = { parts, totalBytes, stage };
  }
  return most;
}

/**
 * The same phase with the least that a micro-batch can have, where nothing but the batch bounds it: one longest sequence. What does
 * not fit then never does. `null` if a bound decides already.
 */
export function leastPhase(phase: Phase): Phase | null {
  const { call, own } = phase;
  const { tokens } = call;
  if (tokens === null) return null;
  const length = lengthIn(call.kind, tokens);
  const factor = pipelineFactor(own, call.kind === "trainStep" ? "train" : "forward");
  if (isBounded(tokens, own.layout.data, length, call.kind === "generate" ? 1 : factor)) return null;
  return { ...phase, call: { ...call, tokens: { ...tokens, maxTokensPerMb: length } } };
}

/** Sequences of the largest micro-batch of a call that runs its model. */
export function sequencesAtATime({ call, own }: Phase): number {
  const { tokens, kind } = call;
  if (tokens === null) return 0;
  const factor = kind === "generate" ? 1 : pipelineFactor(own, kind === "trainStep" ? "train" : "forward");
  return microBatchesOf(tokens, own.layout.data, lengthIn(kind, tokens), factor).sequences;
}

/** Tokens of a sequence by which micro-batches are cut: those of a prompt where the rest is still to be generated. */
function lengthIn(kind: MemoryCall["kind"], { prompt, generated }: CallTokens): number {
  return kind === "generate" ? prompt : prompt + generated;
}

/** Micro-batches that a pipeline makes of each. */
function pipelineFactor({ layout: { pipe }, backend }: MemoryModel, pass: "forward" | "train"): number {
  return pipe === 1 ? 1 : pipe * (backend.pipelineBatches ?? ONE_EACH)[pass];
}

/** What a model has on a GPU while calls of others run, on the stage that needs most. */
function residentParts(model: MemoryModel, gpuBytes: number | null): readonly MemoryPart[] {
  const { pool } = model.backend;
  if (pool !== undefined) {
    const isFreed = pool.freedBy !== undefined && argumentAt(model.args, pool.freedBy) === true;
    return isFreed ? [] : (poolParts(model, gpuBytes) ?? []);
  }
  if (!model.stays) return [];
  let most: readonly MemoryPart[] = [];
  for (let stage = 0; stage < model.layout.pipe; stage += 1) {
    const parts = stateParts(model, stage) ?? [];
    if (bytesOf(parts) > bytesOf(most)) most = parts;
  }
  return most;
}

/** What a generation engine has: the pool that it takes when it starts. */
export interface EnginePool {
  readonly poolBytes: number;
  /** Parameters on a GPU of the stage that has most. */
  readonly parameters: number;
  readonly weightBytes: number;
  readonly bytesPerToken: number;
  /** Tokens that its cache holds. */
  readonly capacityTokens: number;
  readonly fraction: number;
}

/**
 * The pool of an engine: part of the GPU's memory by its argument, of which weights are taken off and the rest is its cache (vLLM's
 * `gpu_memory_utilization`, SGLang's `mem_fraction_static`). `null` for what is no engine, or if anything is not known.
 */
export function enginePool(
  { card, isCritic, layout, backend, args }: MemoryModel,
  gpuBytes: number | null,
): EnginePool | null {
  const { pool } = backend;
  if (pool === undefined || gpuBytes === null) return null;
  const given = argumentAt(args, pool.fraction) ?? null;
  const fraction = given === null ? pool.fractionIfNull : given;
  const weightType = argumentAt(args, pool.weightsType) ?? "auto";
  const cacheType = argumentAt(args, pool.cacheType) ?? "auto";
  const weight = bytesOfType(weightType);
  const cache = bytesOfType(cacheType === "auto" ? weightType : cacheType);
  if (typeof fraction !== "number" || weight === null || cache === null) return null;
  const { tensor, pipe } = layout;
  let parameters = 0;
  for (let stage = 0; stage < pipe; stage += 1) {
    const here = stageParameters(card, { tensor, pipe }, stage, isCritic);
    if (here === null) return null;
    parameters = Math.max(parameters, here);
  }
  const poolBytes = Math.floor(fraction * gpuBytes);
  const weightBytes = Math.ceil(parameters * weight);
  const bytesPerToken = Math.ceil(keyValueBytesPerToken(card, tensor, cache) / pipe);
  const taken = weightBytes + (pool.holds === "everything" ? RUNTIME_BYTES : 0);
  return {
    poolBytes,
    parameters,
    weightBytes,
    bytesPerToken,
    capacityTokens: cacheCapacityTokens(poolBytes, taken, bytesPerToken),
    fraction,
  };
}

function poolParts(model: MemoryModel, gpuBytes: number | null): readonly MemoryPart[] | null {
  const pool = enginePool(model, gpuBytes);
  if (pool === null || gpuBytes === null) return null;
  const { poolBytes, parameters, weightBytes, bytesPerToken, capacityTokens, fraction } = pool;
  const inside = model.backend.pool?.holds === "everything" ? RUNTIME_BYTES : 0;
  const cache = Math.max(0, poolBytes - weightBytes - inside);
  return [
    {
      kind: "weights",
      model: model.name,
      bytes: weightBytes,
      how: `${wholeText(parameters)} parameters x ${weightBytes / parameters} bytes`,
    },
    {
      kind: "cache",
      model: model.name,
      bytes: cache,
      how: `rest of ${fraction} x ${gibText(gpuBytes)}: ${wholeText(capacityTokens)} tokens x ${wholeText(bytesPerToken)} bytes`,
    },
  ];
}

/** What the call itself needs on a stage of its model. */
function activeParts(phase: Phase, stage: number): readonly MemoryPart[] {
  const { call, own } = phase;
  const parts: MemoryPart[] = [];
  const gathered = gatheredPart(own);
  if (gathered !== null && call.tokens !== null) parts.push(gathered);
  const buffer = reallocationPart(phase, stage);
  if (buffer !== null) parts.push(buffer);
  if (call.tokens === null || own.backend.pool !== undefined) return parts;
  if (call.kind === "generate") return [...parts, ...generationParts(own, call.tokens, stage)];
  return [...parts, ...passParts(own, call.tokens, stage, call.kind === "trainStep")];
}

/**
 * Parameters that arrive before a call are received whole before they take their place: the smaller of both shards once more.
 * Parameters that engines load from disk need none.
 */
function reallocationPart({ own, source }: Phase, stage: number): MemoryPart | null {
  if (source === null || own.backend.pool !== undefined || source.backend.pool !== undefined) return null;
  const weightsOf = (model: MemoryModel, at: number) =>
    stateParts(model, at)?.find(({ kind }) => kind === "weights")?.bytes ?? 0;
  const bytes = Math.min(weightsOf(own, stage), weightsOf(source, Math.min(stage, source.layout.pipe - 1)));
  if (bytes === 0) return null;
  return { kind: "buffers", model: own.name, bytes, how: "parameters as they arrive from another replica" };
}

/** A forward pass, or one with its backward pass. */
function passParts(model: MemoryModel, tokens: CallTokens, stage: number, trains: boolean): readonly MemoryPart[] {
  const { card, layout, backend, name, isCritic } = model;
  const { pipe, tensor } = layout;
  const pass = trains ? "train" : "forward";
  const length = tokens.prompt + tokens.generated;
  const batches = microBatchesOf(tokens, layout.data, length, pipelineFactor(model, pass));
  const [first, end] = layersOfStage(card.layers, pipe, stage);
  const layers = end - first;
  const flying = trains ? inFlight(pipe, stage, batches.count) : 1;
  const scores = backend.keepsAttentionScores === true ? attentionScoreBytes(card, tensor, batches.tokens, length) : 0;
  const layer = layerActivationBytes(card, layout, batches.tokens) + scores;
  const input = layerInputBytes(card, layout, batches.tokens);
  const each = wholeText(batches.tokens);
  const under = flying === 1 ? "" : ` x ${flying} micro-batches under way`;
  const activations: MemoryPart = !trains
    ? { kind: "activations", model: name, bytes: layer, how: `${each} tokens of one layer` }
    : layout.recompute
      ? {
          kind: "activations",
          model: name,
          bytes: layers * input * flying + layer,
          how: `${each} tokens: inputs of ${layers} layers${under}, and one layer computed again`,
        }
      : {
          kind: "activations",
          model: name,
          bytes: layers * layer * flying,
          how: `${each} tokens of ${layers} layers${under}`,
        };
  if (stage !== pipe - 1 || isCritic) return [activations];
  const bytes = (backend.logitBytes ?? LOGIT_BYTES)[pass];
  const over = tensor === 1 ? "" : ` / tp ${tensor}`;
  return [
    activations,
    {
      kind: "logits",
      model: name,
      bytes: logitBytes(card, tensor, batches.tokens, bytes),
      how: `${each} tokens x ${wholeText(card.vocabSize)} words${over} x ${bytes} bytes`,
    },
  ];
}

/** Generation without an engine: a cache for the longest sequences of a micro-batch, made at once, and one forward pass of the prompts. */
function generationParts(model: MemoryModel, tokens: CallTokens, stage: number): readonly MemoryPart[] {
  const { card, layout, backend, name } = model;
  const { pipe, tensor } = layout;
  const batches = microBatchesOf(tokens, layout.data, tokens.prompt, 1);
  const sequences = Math.min(batches.sequences, Math.max(1, Math.floor(batches.tokens / Math.max(1, tokens.prompt))));
  const length = tokens.prompt + tokens.generated;
  const [first, end] = layersOfStage(card.layers, pipe, stage);
  const whole = keyValueBytesPerToken(card, tensor, backend.cacheBytes ?? CACHE_BYTES);
  const perToken = Math.ceil((whole * (end - first)) / card.layers);
  const cache: MemoryPart = {
    kind: "cache",
    model: name,
    bytes: sequences * length * perToken,
    how: `${wholeText(sequences)} sequences x ${wholeText(length)} tokens x ${wholeText(perToken)} bytes`,
  };
  const prefill = layerActivationBytes(card, layout, batches.tokens);
  const activations: MemoryPart = {
    kind: "activations",
    model: name,
    bytes: prefill,
    how: `${wholeText(batches.tokens)} tokens of prompts in one layer`,
  };
  if (stage !== pipe - 1) return [cache, activations];
  const each = (backend.logitBytes ?? LOGIT_BYTES).forward;
  const logits: MemoryPart = {
    kind: "logits",
    model: name,
    bytes: logitBytes(card, tensor, sequences, each),
    how: `${wholeText(sequences)} sequences x ${wholeText(card.vocabSize)} words x ${each} bytes`,
  };
  return [cache, activations, logits];
}
