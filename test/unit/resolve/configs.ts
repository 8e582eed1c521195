import type { Finding, Place } from "../../../src/diagnostics/finding.ts";
import type { Authored, PluginFacts, TypeFacts } from "../../../src/manifest/format.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { type ModelFunctionCall, modelFunctionCall, type ModelFunctionCallInput } from "../../../src/spec/call.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { type ExperimentConfig, experimentConfig } from "../../../src/spec/experiment-config.ts";
import { parseModelName } from "../../../src/spec/model-name.ts";
import { experimentScheduling, scheduling, tasksGroup } from "../../../src/spec/scheduling.ts";
import { coordinatesOf, type ProcessTopology, processTopology, worldSize } from "../../../src/spec/topology.ts";
import { type ModelShard, modelShard, modelShardId, modelWorker, type ModelWorker } from "../../../src/spec/worker.ts";

/** A pair of which no facts say anything. */
export const PAIR = { type: "test", args: {} } as const;

/** `pipe-data-tensor`, or the other way round with `data` first. */
export function topo(pipe: number, data: number, tensor: number, more: Partial<ProcessTopology> = {}): ProcessTopology {
  return processTopology({ layout: "pipe-data-tensor", pipe, data, tensor, ...more });
}

/** One rank of a model, `role@replica`. */
export function shard(model: string, topology: ProcessTopology, rank: number, more: object = {}): ModelShard {
  const { pipe, data, tensor } = coordinatesOf(topology, rank);
  const modelName = parseModelName(model);
  return modelShard({
    id: modelShardId({ modelName, topo: topology, ppRank: pipe, dpRank: data, tpRank: tensor }),
    model: PAIR,
    backend: PAIR,
    ...more,
  });
}

/** A worker for each list of shards. */
export function workers(...held: readonly (readonly ModelShard[])[]): readonly ModelWorker[] {
  return held.map((shards) => modelWorker({ baseSeed: 1, shards }));
}

/** Every rank of each model in turn, one a worker. */
export function ranksOf(models: Readonly<Record<string, ProcessTopology>>): readonly ModelWorker[] {
  const count = Math.max(...Object.values(models).map(worldSize));
  return workers(
    ...Array.from({ length: count }, (_, index) =>
      Object.entries(models).flatMap(([name, topology]) =>
        index < worldSize(topology) ? [shard(name, topology, index)] : [],
      ),
    ),
  );
}

/** A call; a train step unless told otherwise. */
export function call(
  name: string,
  model: string,
  reads: readonly string[] = [],
  yields: readonly string[] = [],
  more: Partial<ModelFunctionCallInput> = {},
): ModelFunctionCall {
  return modelFunctionCall({
    name,
    nSeqs: 8,
    interfaceType: "inference",
    interfaceImpl: PAIR,
    modelName: parseModelName(model),
    inputKeys: reads,
    outputKeys: yields,
    ...more,
  });
}

/** What an experiment authored, with a scheduling that fits its first setup. */
export function authored(setups: readonly ExperimentConfig[], more: Partial<Authored> = {}): Authored {
  const each = scheduling({ cpu: 1, gpu: 0, memMiB: 1 });
  return {
    experiment: "test",
    cluster: clusterSpec(),
    scheduling: experimentScheduling({
      modelWorker: tasksGroup(setups[0]?.modelWorker?.count ?? 0, each),
      masterWorker: tasksGroup(1, each),
    }),
    setups,
    launch: {},
    models: {},
    facts: {},
    acknowledgements: [],
    findings: [],
    ...more,
  };
}

/** One setup of calls and workers, resolved. */
export function resolved(
  calls: readonly ModelFunctionCall[],
  modelWorkers: readonly ModelWorker[],
  more: Partial<Authored> = {},
  facts?: PluginFacts,
) {
  return resolve(
    { authored: authored([experimentConfig({ modelRpcs: calls, modelWorker: modelWorkers })], more) },
    facts,
  );
}

/** Facts of types, by kind and type. */
export function factsOf(
  types: Readonly<Record<string, Readonly<Record<string, Partial<TypeFacts>>>>>,
  cards: PluginFacts["cards"] = {},
): PluginFacts {
  const whole = Object.entries(types).map(([kind, own]) => [
    kind,
    Object.fromEntries(
      Object.entries(own).map(([type, facts]) => [type, { owner: "test", args: null, facts: {}, ...facts }]),
    ),
  ]);
  return { types: Object.fromEntries(whole) as PluginFacts["types"], cards };
}

/** Code and place of each finding, as one line: `code pointer[offset,length]`. */
export function lines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, at }) => `${code} ${placeText(at)}`);
}

/** A place as text. */
export function placeText(place: Place): string {
  const range = "range" in place && place.range ? `[${place.range.offset},${place.range.length}]` : "";
  switch (place.kind) {
    case "pointer":
      return `${place.pointer}${place.part === "key" ? "#key" : ""}${range}`;
    case "option":
      return `option:${place.path}${range}`;
    case "site":
      return `site:${(place.path ?? []).join("/")}`;
    case "span":
      return `span:${place.span.file}:${place.span.line}:${place.span.column}`;
    case "class":
    case "nowhere":
      return place.kind;
  }
}
