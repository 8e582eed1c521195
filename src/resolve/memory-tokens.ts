import type { JsonObject, JsonValue } from "type-fest";
import type { PluginFacts } from "../manifest/format.ts";
import { argumentAt, type CallLoad, callLoadOf } from "../memory/facts.ts";
import type { CallTokens } from "../memory/model.ts";
import { callModelName, type InterfaceType, type ModelFunctionCall } from "../spec/call.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { modelNameText } from "../spec/model-name.ts";
import { isObject } from "../spec/own.ts";
import type { TypeArgs } from "../spec/pair.ts";
import { datasetsOf, isPair } from "../spec/placed-pairs.ts";
import { typeFacts } from "./facts.ts";

/** Longest sequences of a setup, in tokens. */
export interface SequenceLimits {
  /** Of prompts, or of whole examples; `null` if nothing says it. */
  readonly prompt: number | null;
  /** Generated after a prompt, at most; 0 where nothing is generated. */
  readonly generated: number;
}

/** The limits of a setup's sequences, by what the plugins of its datasets and interfaces say of their arguments. */
export function sequenceLimits(config: ExperimentConfig, base: string, facts: PluginFacts): SequenceLimits {
  const ofDatasets = [...datasetsOf(config, base)].map(({ pair }) => tokensOfDataset(pair, facts));
  const ofTopologies = (config.modelWorker?.shards ?? []).map(({ topo }) => topo.maxPromptLen);
  const prompts = [...ofDatasets, ...ofTopologies].filter((tokens) => tokens !== null);
  const generated = config.modelRpcs.flatMap(({ interfaceImpl }) => newTokensOf(interfaceImpl, facts));
  return { prompt: prompts.length === 0 ? null : Math.max(...prompts), generated: Math.max(0, ...generated) };
}

function tokensOfDataset(pair: TypeArgs, facts: PluginFacts): number | null {
  const known = typeFacts(facts, "dataset", pair.type)?.facts;
  if (known === undefined) return null;
  const { maxTokens, stream } = known;
  if (typeof stream === "string") {
    const inner = pair.args[stream];
    const all = (Array.isArray(inner) ? inner : []).flatMap((one) =>
      isPair(one) ? [tokensOfDataset(one, facts)] : [],
    );
    const found = all.filter((tokens) => tokens !== null);
    return found.length === 0 ? null : Math.max(...found);
  }
  return typeof maxTokens === "string" ? positive(argumentAt(pair.args, maxTokens)) : null;
}

function newTokensOf(pair: TypeArgs, facts: PluginFacts): readonly number[] {
  const known = typeFacts(facts, "interface", pair.type)?.facts;
  const loads = known?.["loads"];
  const own = Object.keys(isObject(loads) ? loads : {}).flatMap((kind) => {
    const { newTokens } = callLoadOf(known, kind);
    return newTokens === undefined ? [] : [positive(argumentAt(pair.args, newTokens)) ?? 0];
  });
  return [...own, ...innerPairs(pair, known).flatMap((inner) => newTokensOf(inner, facts))];
}

/** Interfaces in the arguments of an interface. */
function innerPairs(
  pair: TypeArgs,
  known: JsonObject | Readonly<Record<string, JsonValue>> | undefined,
): readonly TypeArgs[] {
  const kinds = known?.["pairs"];
  if (!isObject(kinds)) return [];
  return Object.entries(kinds).flatMap(([argument, kind]) => {
    if (kind !== "interface") return [];
    const value = pair.args[argument];
    return isPair(value) ? [value] : Object.values(value ?? {}).filter((one): one is never => isPair(one));
  });
}

/** What a call makes its model do: nothing (`idle`), so many tokens, or what nobody can tell (`null`). */
export function tokensOfCall(
  call: ModelFunctionCall,
  limits: SequenceLimits,
  facts: PluginFacts,
): CallTokens | "idle" | null {
  const runs = runsOf(call.interfaceImpl, call.interfaceType, facts);
  if (runs.length === 0) return "idle";
  if (limits.prompt === null) return null;
  const { nMbs, maxTokensPerMb } = call.mbSpec;
  const counts = [call.nSeqs, nMbs, maxTokensPerMb];
  if (!counts.every((count) => Number.isFinite(count) && count >= 1)) return null;
  const sequences = runs.map(
    ({ load, args }) =>
      load.sequences?.map((name) => positive(argumentAt(args, name))).find((found) => found !== null) ?? 1,
  );
  const minibatches = runs.map(({ load, args }) =>
    load.minibatches === undefined ? 1 : (positive(argumentAt(args, load.minibatches)) ?? 1),
  );
  return {
    sequences: call.nSeqs * Math.max(...sequences),
    prompt: limits.prompt,
    generated: limits.generated,
    minibatches: Math.min(...minibatches),
    nMbs,
    maxTokensPerMb,
  };
}

interface Run {
  readonly load: CallLoad;
  readonly args: JsonObject;
}

/** What runs the model: the interface, or those that it puts together. */
function runsOf(pair: TypeArgs, kind: InterfaceType, facts: PluginFacts): readonly Run[] {
  const known = typeFacts(facts, "interface", pair.type)?.facts;
  const inner = innerPairs(pair, known);
  if (inner.length > 0) return inner.flatMap((one) => runsOf(one, kind, facts));
  const load = callLoadOf(known, kind);
  return load.runs === false ? [] : [{ load, args: pair.args }];
}

function positive(value: JsonValue | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 1 ? value : null;
}

/** Name of a call's model. */
export function modelOf(call: ModelFunctionCall): string {
  return modelNameText(callModelName(call));
}
