import type { JsonObject } from "type-fest";
import { atOption } from "../diagnostics/finding.ts";
import type { CapturedLength, LayoutModel } from "../layout/input.ts";
import type { ShardMaker } from "../layout/shards.ts";
import { originOf, withOrigin } from "../origin/call-site.ts";
import type { BackendDefinition, ShardRequest } from "../plugin/definition.ts";
import type { TypeArgs } from "../spec/pair.ts";
import type { BuildContext } from "./context.ts";
import { dslDiagnostics } from "./diagnostics.ts";
import type { Flow } from "./flow.ts";
import { type ModelSpec, pluginsOf } from "./model-spec.ts";
import { isGroup } from "./plain-group.ts";

/** What a layout needs to know of a model. */
export function layoutModel(spec: ModelSpec): LayoutModel {
  const plugins = pluginsOf(spec).flatMap((definition) => (definition.kind === "backend" ? [definition] : []));
  const train = plugins.find(({ type, role }) => role === "train" && type === spec.backend);
  const groups = spec as unknown as Readonly<Record<string, unknown>>;
  const hybrid = plugins.filter(({ role, group }) => {
    const options = group === null ? undefined : groups[group];
    return role === "generate" && isGroup(options) && options["hybridTrain"] === true;
  });
  return {
    option: originOf(spec)?.option ?? null,
    gradientCheckpointing: spec.gradientCheckpointing,
    train:
      train === undefined ? null : { type: train.type, gradientAccumulationFusion: train.gradientAccumulationFusion },
    trainName: spec.backend,
    hybrid: hybrid.map(({ type, hybridTrain }) => ({ type, supported: hybridTrain })),
    captured: plugins.flatMap((definition) => capturedLength(definition, groups)),
  };
}

function capturedLength(
  { type, group, captures }: BackendDefinition,
  groups: Readonly<Record<string, unknown>>,
): readonly CapturedLength[] {
  const options = group === null ? undefined : groups[group];
  if (captures === null || !isGroup(options)) return [];
  const limit = options[captures.limit];
  if (typeof limit !== "number") return [];
  const isEager = options[captures.unless] === true;
  const [limitOption, eagerOption] = [`${group}.${captures.limit}`, `${group}.${captures.unless}`];
  return [{ engine: type, limit, limitOption, eagerOption, isEager }];
}

/** Makes the pairs of shards through the plugins of each model. */
export function shardMaker(flow: Flow, tokenizerPath: string, context: BuildContext): ShardMaker {
  const made = new Map<string, { model: TypeArgs; backend: TypeArgs } | null>();
  return {
    evalDataset: flow.evalDataset,
    evalBs: flow.evalBatchSize,
    maxPromptLen: flow.maxPromptLen,
    pairs: (role, backend, holds) => {
      const key = `${role} ${backend} ${holds}`;
      let pairs = made.get(key);
      if (pairs === undefined) {
        pairs = makePairs(flow.models[role] as ModelSpec, backend, holds, tokenizerPath, context);
        made.set(key, pairs);
      }
      return pairs;
    },
  };
}

function makePairs(
  spec: ModelSpec,
  backendType: string,
  holds: "weights" | "tokenizer",
  tokenizerPath: string,
  context: BuildContext,
): { model: TypeArgs; backend: TypeArgs } | null {
  const plugins = pluginsOf(spec);
  const model = plugins.find((definition) => definition.kind === "model" && definition.holds === holds);
  const backend = plugins.find((definition) => definition.kind === "backend" && definition.type === backendType);
  const option = originOf(spec)?.option;
  if (model?.kind !== "model" || backend?.kind !== "backend") {
    const missing = model === undefined ? `model that holds ${holds}` : `backend \`${backendType}\``;
    context.report([
      dslDiagnostics["plugin-missing"](
        { wanted: missing },
        { at: option === undefined ? { kind: "class" } : atOption(option) },
      ),
    ]);
    return null;
  }
  const request: ShardRequest = {
    model: spec as unknown as ShardRequest["model"],
    family: spec.type.family ?? context.cardOf(spec.path)?.family ?? "",
    tokenizerPath,
    apart: holds === "tokenizer",
  };
  return {
    model: derivedPair(model.type, model.shard(request), option, {
      ...(typeof model.facts["path"] === "string" ? { [`args/${model.facts["path"]}`]: "path" } : {}),
      ...(typeof model.facts["family"] === "string" ? { [`args/${model.facts["family"]}`]: "type.family" } : {}),
    }),
    backend: derivedPair(backend.type, backend.shard(request), option, {}),
  };
}

/** A pair that a plugin derived from a model's options names those options. */
function derivedPair(
  type: string,
  args: JsonObject,
  option: string | undefined,
  fields: Readonly<Record<string, string>>,
): TypeArgs {
  if (option === undefined) return withOrigin({ type, args }, { frames: [] });
  const fieldOptions = Object.fromEntries(Object.entries(fields).map(([field, path]) => [field, `${option}.${path}`]));
  return withOrigin({ type, args }, { frames: [], option, fieldOptions });
}
