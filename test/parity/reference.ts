// Values in the reference's spelling: names of fields, text forms of names, its projections of shards and topologies.
import { type ModelName, modelNameText, type ModelShardId, parallelismRank, type ProcessTopology } from "assay";
import { isObject } from "./compare.ts";

/** Maps that are keyed by names, not by fields. */
const MAPS = new Set(["envVars", "inputKeyRemap", "outputKeyRemap", "additionalEngineArgs", "config"]);
/** What stands once on the configuration, not in each worker. */
const SHARED = ["datasetCacheRoot", "modelRpcs", "modelTopos", "msid2mwid", "dataTransferPairs", "syncParamPairs"];

/** A noun in the reference's spelling; `type` is `type_` in the nouns themselves, inside of arguments only of a pair. */
export function toReference(value: unknown, inArguments = false): unknown {
  if (Array.isArray(value)) return value.map((item) => toReference(item, inArguments));
  if (!isObject(value)) return value;
  if (inArguments && !(typeof value["type"] === "string" && isObject(value["args"]))) return fields(value, true);
  if ("layout" in value) return topology(value as unknown as ProcessTopology);
  if ("role" in value && "replicaId" in value) return modelNameText(value as unknown as ModelName);
  if ("args" in value) {
    const { type, args, ...rest } = value;
    return { type_: type, args: toReference(args, true), ...fields(rest, false) };
  }
  if (isObject(value["id"])) {
    const { id, ...rest } = value;
    const rank = parallelismRank(id as unknown as ModelShardId);
    return { ...fields({ ...(id as object), parallelismRank: rank }, false), ...fields(rest, false) };
  }
  if (value["kind"] === "offload") return { kind: "offload" };
  return fields(value, false);
}

/** A worker without what stands once on the configuration. */
export function worker(value: Record<string, unknown>, dropped: readonly string[] = SHARED): unknown {
  return toReference(Object.fromEntries(Object.entries(value).filter(([key]) => !dropped.includes(key))));
}

function fields(value: object, inArguments: boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), field(key, inner, inArguments)]));
}

function field(key: string, value: unknown, inArguments: boolean): unknown {
  if (MAPS.has(key)) return value;
  if (key === "interfaceType" || key === "kind") return snake(String(value));
  if (key === "modelName" && typeof value === "string") return `${value}@0`;
  return toReference(value, inArguments);
}

/** camelCase as the reference writes it. */
export function snake(name: string): string {
  if (name === "memMiB") return "mem";
  if (name === "datasetCacheRoot") return "dataset_cahce_root";
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A name of the reference in camelCase. */
export function camel(name: string): string {
  return name === "_class" ? "family" : name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function topology(topo: ProcessTopology): unknown {
  const { layout, gradientCheckpointing, gradientAccumulationFusion } = topo;
  const axes = layout.split("-") as ("pipe" | "data" | "tensor")[];
  const training = layout === "pipe-data-tensor" ? { gradientCheckpointing, gradientAccumulationFusion } : {};
  const { sequenceParallel, maxPromptLen } = topo;
  return fields({ axes, dims: axes.map((axis) => topo[axis]), sequenceParallel, ...training, maxPromptLen }, true);
}
