import * as assay from "assay";

export type Fields = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** Maps of the author's own, and maps of what a setup has by name: their keys are no fields. */
const MAPS = ["envVars", "inputKeyRemap", "outputKeyRemap", "additionalEngineArgs", "config"];
const BY_NAME = ["dataProducers", "dataConsumers", "parents", "children", "modelTopos"];
const ODD: Fields = { memMiB: "mem", datasetCacheRoot: "dataset_cahce_root" };
const snake = (name: string) => String(ODD[name] ?? name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
/** A name of the reference, or a dotted path of such names, in camelCase. */
export const camel = (path: string) =>
  path.replace(/\b_class$/, "family").replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** What the reference wrote of a noun, for the noun's constructor. */
export function fromReference<T>(written: object): T {
  return JSON.parse(JSON.stringify(written), (field, value: unknown) => {
    if (["model_name", "source", "target"].includes(field)) return assay.parseModelName(String(value));
    if (field === "interface_type" || field === "kind") return camel(String(value));
    if (!isObject(value) || Array.isArray(value)) return value;
    const noun = Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), inner]));
    return noun["kind"] === "paramRealloc" ? assay.paramRealloc(noun) : noun;
  }) as T;
}

/** A noun, or what holds nouns, as the reference writes it. */
export function toReference(value: unknown, field = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => toReference(item));
  if (field === "interfaceType" || field === "kind") return snake(String(value));
  if (!isObject(value) || MAPS.includes(field)) return value;
  if ("replicaId" in value) return assay.modelNameText(value as never);
  const spelled = BY_NAME.includes(field) ? String : snake;
  const left = "shards" in value ? "datasetCacheRoot" : "cpu" in value ? "partition" : "baseSeed" in value && "expCtrl";
  const fields = Object.entries(reshape(value)).filter(([name]) => name !== left);
  return Object.fromEntries(fields.map(([name, inner]) => [spelled(name), toReference(inner, name)]));
}

/** A noun with the fields that it has in the reference. */
function reshape(noun: Fields): Fields {
  const { id, type, layout, ...rest } = noun;
  if ("args" in noun) return { type_: type, ...rest };
  if (isObject(id)) return { ...id, parallelismRank: assay.parallelismRank(id as never), ...rest };
  if (typeof layout !== "string") return noun;
  const { gradientCheckpointing, gradientAccumulationFusion, sequenceParallel, maxPromptLen } = noun;
  const axes = layout.split("-");
  const training = axes[0] === "pipe" ? { gradientCheckpointing, gradientAccumulationFusion } : {};
  return { axes, dims: axes.map((axis) => noun[axis]), sequenceParallel, maxPromptLen, ...training };
}
