import type { JsonObject } from "type-fest";
import type { Authored, ModelCard, PluginFacts } from "../manifest/format.ts";
import { argumentAt, type BackendMemory, backendMemoryOf } from "../memory/facts.ts";
import type { MemoryModel } from "../memory/model.ts";
import { countParameters } from "../memory/parameters.ts";
import { callModelName } from "../spec/call.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { modelNameText } from "../spec/model-name.ts";
import { isObject } from "../spec/own.ts";
import type { ShardTemplate } from "../spec/worker-set.ts";
import { typeFacts } from "./facts.ts";
import { cardOf } from "./models.ts";
import type { ModelShards, Shards } from "./shards.ts";

/** The models of a setup that memory is worked out of, and why it is not of the others. */
export interface MemoryModels {
  readonly models: ReadonlyMap<string, MemoryModel>;
  /** Model -> reason; models that hold nothing are in neither. */
  readonly unknown: ReadonlyMap<string, string>;
}

/** Gathers what memory depends on of each model of a setup. */
export function memoryModels(
  shards: Shards,
  config: ExperimentConfig,
  authored: Authored,
  facts: PluginFacts,
  instantiated: readonly string[],
): MemoryModels {
  const models = new Map<string, MemoryModel>();
  const unknown = new Map<string, string>();
  for (const held of shards.models.values()) {
    const template = held.holdings[0]?.template;
    if (template === undefined || !isSized(held)) continue;
    const found = memoryModel(held, template, authored, facts);
    if (found === null) continue;
    if (typeof found === "string") unknown.set(held.name, found);
    else models.set(held.name, { ...found, ...usesOf(held.name, config, instantiated) });
  }
  return { models, unknown };
}

function isSized({ topo: { data, pipe, tensor } }: ModelShards): boolean {
  return [data, pipe, tensor].every((size) => Number.isSafeInteger(size) && size > 0);
}

type Unused = Omit<MemoryModel, "isTrained" | "stays">;

/** The model, or why it can't be worked out; `null` if its shards hold nothing on the GPU. */
function memoryModel(
  { name, topo }: ModelShards,
  { model, backend }: ShardTemplate,
  authored: Authored,
  facts: PluginFacts,
): Unused | string | null {
  const kind = typeFacts(facts, "model", model.type)?.facts;
  const memory = backendMemoryOf(typeFacts(facts, "backend", backend.type)?.facts);
  const path = checkpointOf(model.args, kind, backend.args, memory);
  if (path === null) return null;
  if (memory === null) return `backend \`${backend.type}\` says nothing of its memory`;
  const critic = isObject(kind) && typeof kind["critic"] === "string" ? argumentAt(model.args, kind["critic"]) : false;
  const card = knownCard(path, authored, facts);
  if (typeof card === "string") return card;
  const { data, pipe, tensor, sequenceParallel, gradientCheckpointing } = topo;
  return {
    name,
    card,
    isCritic: critic === true,
    layout: { data, pipe, tensor, sequenceParallel, recompute: gradientCheckpointing },
    backend: memory,
    args: backend.args,
  };
}

/** The card of a checkpoint, or why there is none that memory could be worked out of. */
export function knownCard(path: string, authored: Authored, facts: PluginFacts): ModelCard | string {
  const card = cardOf(path, authored, facts);
  if (card === null) return "no model card";
  return countParameters(card) === null ? `the card of \`${card.id}\` lacks the size of its feed-forward layers` : card;
}

/** The checkpoint whose parameters a shard holds: its model's, or its engine's. */
function checkpointOf(
  args: JsonObject,
  kind: unknown,
  backendArgs: JsonObject,
  memory: BackendMemory | null,
): string | null {
  if (!isObject(kind)) return null;
  const named =
    kind["holds"] === "weights" && typeof kind["path"] === "string"
      ? argumentAt(args, kind["path"])
      : memory?.pool?.path === undefined
        ? undefined
        : argumentAt(backendArgs, memory.pool.path);
  return typeof named === "string" ? named : null;
}

/** What the calls of a model do with it. */
function usesOf(
  name: string,
  config: ExperimentConfig,
  instantiated: readonly string[],
): Pick<MemoryModel, "isTrained" | "stays"> {
  const own = config.modelRpcs.filter((call) => modelNameText(callModelName(call)) === name);
  const isOffloaded = own.some(({ postHooks }) => postHooks.some(({ kind }) => kind === "offload"));
  // Parameters that come before each call and go back after it are not there in between.
  const isLent =
    !instantiated.includes(name) &&
    own.every(({ preHooks }) => preHooks.some((hook) => hook.kind === "paramRealloc" && hook.source !== null));
  return {
    isTrained: own.some(({ interfaceType }) => interfaceType === "trainStep"),
    stays: !isOffloaded && !isLent,
  };
}
