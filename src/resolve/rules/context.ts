import type { JsonObject, JsonValue } from "type-fest";
import { atOption, type Finding, type Place } from "../../diagnostics/finding.ts";
import type { Authored, ModelCard, PluginFacts } from "../../manifest/format.ts";
import { argumentAt, backendMemoryOf } from "../../memory/facts.ts";
import { callModelName, type ModelFunctionCall } from "../../spec/call.ts";
import type { ExperimentConfig } from "../../spec/experiment-config.ts";
import { modelNameText } from "../../spec/model-name.ts";
import { isObject, own } from "../../spec/own.ts";
import type { ProcessTopology } from "../../spec/topology.ts";
import type { ShardTemplate } from "../../spec/worker-set.ts";
import { typeFacts } from "../facts.ts";
import { cardOf, weightsOf } from "../models.ts";
import type { ModelShards, Shards } from "../shards.ts";

/** What a rule looks at: one setup, with what plugins say of its parts. */
export interface RuleContext {
  readonly authored: Authored;
  readonly facts: PluginFacts;
  readonly config: ExperimentConfig;
  readonly setup: number;
  /** Pointer of the setup. */
  readonly base: string;
  readonly calls: readonly RuleCall[];
  readonly models: readonly RuleModel[];
  /** Engines that generation servers run, each with the first server that runs it so. */
  readonly servers: readonly RuleServer[];
}

/** A rule: a pure function from a setup to what breaks the rule. */
export type Rule = (context: RuleContext) => readonly Finding[];

/** A call, its model and what its interface says. */
export interface RuleCall {
  readonly call: ModelFunctionCall;
  readonly pointer: string;
  /** `null` if no worker holds its model. */
  readonly model: RuleModel | null;
  readonly interfaceFacts: JsonObject;
  readonly args: JsonObject;
}

/** A model with its layout, its card and what its backend says. */
export interface RuleModel {
  readonly shards: ModelShards;
  readonly name: string;
  readonly template: ShardTemplate;
  /** Pointer of its first shard. */
  readonly pointer: string;
  readonly topo: ProcessTopology;
  readonly backend: string;
  readonly backendArgs: JsonObject;
  readonly backendFacts: JsonObject;
  /** What the backend asks of models and layouts. */
  readonly supports: JsonObject;
  /** `null` if nothing is known of the checkpoint. */
  readonly card: ModelCard | null;
  /** Family by whose code the checkpoint is read: that of its card unless its arguments name one. */
  readonly family: string | null;
  /** Pointer of the checkpoint's path. */
  readonly pathPointer: string;
  /** `true` for the shards of an engine, which loads the checkpoint by itself. */
  readonly isEngine: boolean;
}

/** A generation server. */
export interface RuleServer {
  readonly engine: string;
  readonly args: JsonObject;
  readonly argsPointer: string;
  readonly facts: JsonObject;
  readonly supports: JsonObject;
  readonly tensor: number;
  readonly tensorPlace: Place;
  readonly card: ModelCard | null;
  readonly pathPointer: string;
}

/** Gathers what rules need of a setup. @param shards `null` if its models could not be laid out */
export function ruleContext(
  authored: Authored,
  config: ExperimentConfig,
  setup: number,
  shards: Shards | null,
  facts: PluginFacts,
): RuleContext {
  const base = `/setups/${setup}`;
  const models = [...(shards?.models.values() ?? [])].flatMap((model) => ruleModel(model, authored, facts) ?? []);
  const calls = config.modelRpcs.map((call, index): RuleCall => {
    const pointer = `${base}/modelRpcs/${index}`;
    const name = modelNameText(callModelName(call));
    const { type, args } = call.interfaceImpl;
    return {
      call,
      pointer,
      model: models.find((model) => model.name === name) ?? null,
      interfaceFacts: {
        ...typeFacts(facts, "interface", type)?.facts,
        ...own(authored.facts, `${pointer}/interfaceImpl`),
      },
      args,
    };
  });
  return { authored, facts, config, setup, base, calls, models, servers: ruleServers(authored, config, base, facts) };
}

function ruleModel(shards: ModelShards, authored: Authored, facts: PluginFacts): RuleModel | null {
  const template = shards.holdings[0]?.template;
  if (template === undefined || !SIZES.every((axis) => isSize(shards.topo[axis]))) return null;
  const { type, args } = template.backend;
  const backendFacts = { ...typeFacts(facts, "backend", type)?.facts };
  const weights = weightsOf(template, facts);
  // The shards of an engine have no model: it loads a checkpoint by itself.
  const enginePath = weights === null ? (backendMemoryOf(backendFacts)?.pool?.path ?? null) : null;
  const path = weights?.path ?? (enginePath === null ? undefined : own(args, enginePath));
  const card = typeof path === "string" ? cardOf(path, authored, facts) : null;
  const family = weights?.family ?? "";
  return {
    shards,
    name: shards.name,
    template,
    pointer: shards.pointer,
    topo: shards.topo,
    backend: type,
    backendArgs: args,
    backendFacts,
    supports: objectAt(backendFacts, "supports"),
    card,
    family: family === "" ? (card?.family ?? null) : family,
    pathPointer:
      weights === null
        ? `${shards.pointer}/backend/args/${enginePath ?? ""}`
        : `${shards.pointer}${weights.pathPointer}`,
    isEngine: backendFacts["role"] === "generate",
  };
}

const SIZES = ["pipe", "data", "tensor"] as const;

/** True for a number that a size can be; others have findings of their own. */
export function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

/** Servers of a set: fields stand once for all, or once a group. */
function ruleServers(
  authored: Authored,
  { generationServer: set }: ExperimentConfig,
  base: string,
  facts: PluginFacts,
): readonly RuleServer[] {
  return set.groups.flatMap((group, index) => {
    const field = (name: string): readonly [JsonValue | undefined, string] => {
      const shared = own(set.shared, name);
      return shared === undefined
        ? [own(group.own, name), `${base}/generationServer/groups/${index}/own/${name}`]
        : [shared, `${base}/generationServer/shared/${name}`];
    };
    const [engine] = field("backendType");
    const [args, argsPointer] = field("backendArgs");
    const [path, pathPointer] = field("modelPath");
    const [tensor, tensorPointer] = field("tpSize");
    if (typeof engine !== "string" || !isSize(tensor)) return [];
    const engineFacts = { ...typeFacts(facts, "backend", engine)?.facts };
    return [
      {
        engine,
        args: isObject(args) ? args : {},
        argsPointer,
        facts: engineFacts,
        supports: objectAt(engineFacts, "supports"),
        tensor,
        tensorPlace: { kind: "pointer", pointer: tensorPointer },
        card: typeof path === "string" ? cardOf(path, authored, facts) : null,
        pathPointer,
      },
    ];
  });
}

/** A map inside of facts; an empty one if it is not there. */
export function objectAt(facts: JsonObject, name: string): JsonObject {
  const value = own(facts, name);
  return isObject(value) ? value : {};
}

/** A text inside of facts. */
export function textAt(facts: JsonObject, name: string): string | null {
  const value = own(facts, name);
  return typeof value === "string" ? value : null;
}

/** A number inside of arguments; `null` if it is none. */
export function numberAt(args: JsonObject, path: string): number | null {
  const value = argumentAt(args, path);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Pointer of an argument, by dotted path. */
export function argumentPointer(pointer: string, path: string): string {
  return `${pointer}/${path.replaceAll(".", "/")}`;
}

/** The cluster of the experiment. */
export const ofCluster = (): Place => atOption("cluster");

/** Name of a call. */
export function callName({ call }: RuleCall): string {
  return call.name;
}

export { argumentAt };
