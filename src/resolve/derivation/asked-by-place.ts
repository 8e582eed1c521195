import type { Manifest } from "../../manifest/format.ts";
import { callModelName } from "../../spec/call.ts";
import { modelNameText } from "../../spec/model-name.ts";
import { isKind } from "./counts.ts";

/**
 * The question that a place in the manifest asks: what the resolver or the library worked out has an answer of its own, by the
 * name of a call, a model, a pair or a count. `null` where the value itself was written.
 * @param path segments from the root of the manifest, or of its authored part.
 */
export function questionAt(manifest: Manifest, path: readonly string[]): string | null {
  const [first = "", second = "", ...rest] = path[0] === "authored" ? path.slice(1) : path;
  if (first === "scheduling" && isKind(second)) return ["scheduling", second, ...rest].join(".");
  if (first === "scheduling") return second === "" ? "scheduling" : null;
  if (first === "setups") return ofSetup(second, authoredQuestion(manifest, Number(second), rest));
  if (first === "resolved" && second === "setups") {
    const [index = "", ...inner] = rest;
    return ofSetup(index, resolvedQuestion(manifest, Number(index), inner));
  }
  return null;
}

function ofSetup(index: string, question: string | null): string | null {
  return question === null ? null : `setup ${index} ${question}`;
}

function authoredQuestion({ authored }: Manifest, index: number, path: readonly string[]): string | null {
  const setup = authored.setups[index];
  const [field = "", at = "", part, ...rest] = path;
  if (setup === undefined) return null;
  if (field === "modelRpcs") {
    const call = setup.modelRpcs[Number(at)];
    if (call === undefined) return null;
    if (part === undefined) return `call ${call.name}`;
    if (part === "preHooks" || part === "postHooks") return `hook ${call.name}`;
    return part === "modelName" && rest[0] !== "role" ? `replica ${modelNameText(callModelName(call))}` : null;
  }
  if (!isKind(field)) return null;
  if (at === "count") return `count ${field}`;
  if (at === "shared" && part !== undefined && field !== "modelWorker") return `${field}.${part}`;
  const shard = at === "shards" ? setup.modelWorker?.shards[Number(part)] : undefined;
  if (shard === undefined) return null;
  const model = modelNameText(shard.modelName);
  switch (rest[0]) {
    case undefined:
    case "modelName":
      return `replica ${model}`;
    case "topo":
      return `topology ${model}`;
    case "shouldInstantiate":
      return `instantiation ${model}`;
    default:
      return null;
  }
}

/** Fields of a resolved setup, and the words that ask for all that is in them. */
const WHOLE: Readonly<Record<string, string>> = {
  counts: "counts",
  modelTopos: "topologies",
  msid2mwid: "topologies",
  models: "replicas",
  modelNames: "replicas",
  modelNamesToInstantiate: "instantiation",
  dataTransferPairs: "pairs",
  syncParamPairs: "pairs",
  graph: "edges",
  memory: "memory",
};

function resolvedQuestion({ resolved }: Manifest, index: number, path: readonly string[]): string | null {
  const setup = resolved.setups[index];
  const [field = "", at = "", ...rest] = path;
  if (setup === undefined) return null;
  if (at === "") return Object.hasOwn(WHOLE, field) ? (WHOLE[field] ?? null) : null;
  const number = Number(at);
  switch (field) {
    case "counts":
      return `count ${at}`;
    case "modelTopos":
    case "msid2mwid":
      return `topology ${at}`;
    case "models":
      return `replica ${at}`;
    case "modelNames":
      return asked("replica", setup.modelNames[number]);
    case "modelNamesToInstantiate":
      return asked("instantiation", setup.modelNamesToInstantiate[number]);
    case "dataTransferPairs":
      return asked("pair data", setup.dataTransferPairs[number]?.join(" "));
    case "syncParamPairs":
      return asked("pair sync", setup.syncParamPairs[number]?.join(" "));
    case "masterWorker":
      return at === "count" ? "count masterWorker" : asked("masterWorker.", rest[0], "");
    case "memory": {
      const phase = at === "phases" ? setup.memory?.phases[Number(rest[0])] : undefined;
      return phase === undefined ? "memory" : `memory ${phase.call ?? "generationServer"}`;
    }
    case "graph": {
      const [one = ""] = rest;
      if (at === "dataProducers" || at === "dataConsumers") return asked("key", one);
      if (at === "nodes") return asked("call", setup.graph.nodes[Number(one)]?.name);
      const edge = at === "edges" ? setup.graph.edges[Number(one)] : undefined;
      return edge === undefined ? null : `edge ${edge.from} ${edge.to}`;
    }
    default:
      return null;
  }
}

function asked(word: string, name: string | undefined, between = " "): string | null {
  return name === undefined || name === "" ? null : `${word}${between}${name}`;
}
