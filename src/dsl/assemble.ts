import type { JsonObject } from "type-fest";
import { atOption, type Finding } from "../diagnostics/finding.ts";
import type { LayoutCall, LayoutInput, LayoutModel, PlacedCall } from "../layout/input.ts";
import { layOut } from "../layout/layout.ts";
import type { ShardMaker } from "../layout/shards.ts";
import { type FieldPlace, ORIGIN, type Origin, originOf, withOrigin } from "../origin/call-site.ts";
import type { ShardRequest } from "../plugin/definition.ts";
import { findPlugin } from "../plugin/registry.ts";
import { type CallHook, type ModelFunctionCall, makeCall } from "../spec/call.ts";
import {
  automaticEvaluator,
  type ExperimentConfig,
  experimentConfig,
  tensorBoardConfig,
  wandBConfig,
} from "../spec/experiment-config.ts";
import type { ModelName } from "../spec/model-name.ts";
import type { TypeArgs } from "../spec/pair.ts";
import { MODEL_WORKER_DEFAULTS, saveEvalControl } from "../spec/worker.ts";
import { workerSet } from "../spec/worker-set.ts";
import { type CallSettings, defaultKeys, type FlowCall, type HookSetting, keysOf } from "./calls.ts";
import type { CommonExperiment } from "./common-experiment.ts";
import type { BuildContext } from "./context.ts";
import { dslDiagnostics } from "./diagnostics.ts";
import type { Flow } from "./flow.ts";
import { type ModelSpec, pluginsOf } from "./model-spec.ts";
import { isGroup } from "./plain-group.ts";

const CLASS = { kind: "class" } as const;

/** Makes a setup of a flow: places its calls and lays its models out. */
export function assembleFlow(flow: Flow, experiment: CommonExperiment, context: BuildContext): ExperimentConfig {
  const { cluster } = context;
  const named = Object.entries(flow.calls).flatMap(([name, call]) => (call === null ? [] : [{ name, call }]));
  needPaths(flow, context);
  context.report(roleFindings(flow, named));
  const nSeqs = named.find(({ call }) => call.settings.nSeqs !== undefined)?.call.settings.nSeqs;
  if (nSeqs === undefined && named.length > 0) {
    const frames = originOf(named[0]?.call)?.frames ?? [];
    const calls = named.map(({ name }) => name);
    const place = frames.length > 0 ? ({ kind: "site", frames } as const) : CLASS;
    context.report([dslDiagnostics["n-seqs-missing"]({ calls }, { at: place })]);
  }
  // Calls of a role that is not there stay in the graph, so that nobody misses their keys; they are not laid out.
  const placed = named.filter(({ call }) => Object.hasOwn(flow.models, call.role));
  const input: LayoutInput = {
    cluster,
    launchMode: experiment.mode,
    nNodes: experiment.nNodes ?? cluster.nodes,
    gpusPerNode: experiment.nGpusPerNode ?? cluster.gpusPerNode,
    nodelist: experiment.nodelist,
    allocationMode: experiment.allocationMode,
    calls: placed.map((each) => layoutCall(each.name, named.indexOf(each), each.call, nSeqs ?? null)),
    leftOut: named.flatMap(({ name, call }) =>
      Object.hasOwn(flow.models, call.role) ? [] : [{ name, kind: call.kind }],
    ),
    models: Object.fromEntries(Object.entries(flow.models).map(([role, spec]) => [role, layoutModel(spec)])),
  };
  const tokenizerPath = flow.tokenizer ?? Object.values(flow.models)[0]?.path ?? "";
  const shared = {
    ...MODEL_WORKER_DEFAULTS,
    baseSeed: experiment.seed,
    datasets: flow.datasets,
    shuffleDataset: experiment.shuffleDataset,
    torchCacheMysophobia: experiment.torchCacheMysophobia,
    cudaCacheCleanliness: experiment.cacheClearFreq !== null,
    cudaCacheClearFreq: experiment.cacheClearFreq,
    tokenizerNameOrPath: tokenizerPath,
  };
  const laidOut = layOut(input, shared, shardMaker(flow, tokenizerPath, context));
  context.report(laidOut.findings);
  const calls = named.map((each, index) => {
    const position = placed.indexOf(each);
    const unplaced = () => layoutCall(each.name, index, each.call, nSeqs ?? null);
    return modelCall(each.name, each.call, input.calls[position] ?? unplaced(), laidOut.calls?.[position] ?? null);
  });
  return experimentConfig({
    expCtrl: saveEvalControl(plain(experiment.expCtrl)),
    wandb: wandBConfig(plain(experiment.wandb) as never),
    tensorboard: tensorBoardConfig(plain(experiment.tensorboard)),
    modelRpcs: calls,
    modelWorker: laidOut.modelWorker,
    generationServer: workerSet([]),
    gserverManager: workerSet([]),
    rolloutWorker: workerSet([]),
    autoEval: experiment.autoEval,
    evaluator: automaticEvaluator(plain(experiment.autoEvalConfig)),
  });
}

/** Own values of a group, without its origin: the noun made of it gets one of its own. */
function plain<T extends object>(group: T): T {
  const copy = { ...group } as Record<string | symbol, unknown>;
  delete copy[ORIGIN];
  return copy as T;
}

/** Notes the roles in use that have no checkpoint. */
export function needPaths(flow: Flow, context: BuildContext): void {
  const roles = Object.values(flow.calls).flatMap((call) => (call === null ? [] : [call.role]));
  for (const role of new Set(roles)) {
    const spec = Object.hasOwn(flow.models, role) ? flow.models[role] : undefined;
    if (spec === undefined || spec.path !== "") continue;
    context.need(`${originOf(spec)?.option ?? role}.path`);
  }
}

function roleFindings(
  flow: Flow,
  named: readonly { readonly name: string; readonly call: FlowCall }[],
): readonly Finding[] {
  return named.flatMap(({ name, call }) => {
    const place = (argument: number) => ({
      kind: "site" as const,
      frames: originOf(call)?.frames ?? [],
      path: [argument],
    });
    if (!Object.hasOwn(flow.models, call.role)) {
      return [
        dslDiagnostics["unknown-role"](
          { call: name, role: call.role, roles: Object.keys(flow.models) },
          { at: place(0) },
        ),
      ];
    }
    if (call.kind === "trainStep" && flow.models[call.role]?.frozen === true) {
      return [dslDiagnostics["frozen-role"]({ call: name, role: call.role }, { at: place(0) })];
    }
    return [];
  });
}

function layoutCall(name: string, index: number, { kind, role, settings }: FlowCall, nSeqs: number | null): LayoutCall {
  const { allocation } = settings;
  return {
    name,
    pointer: `/setups/0/modelRpcs/${index}`,
    kind,
    role,
    nSeqs: settings.nSeqs ?? nSeqs,
    minNSeqsPerPass: settings.minSeqsPerPass ?? 1,
    mbSpec: { nMbs: 1, maxTokensPerMb: 1_000_000_000_000, ...allocation?.mbSpec, ...settings.microBatches },
    manual:
      allocation === undefined
        ? null
        : {
            parallel: allocation.parallel,
            deviceMesh: allocation.deviceMesh,
            option: originOf(allocation)?.option ?? null,
          },
  };
}

function layoutModel(spec: ModelSpec): LayoutModel {
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
  };
}

/** Makes the pairs of shards through the plugins of each model. */
function shardMaker(flow: Flow, tokenizerPath: string, context: BuildContext): ShardMaker {
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

/** Where the fields of a model function call stand in the author's call. */
const CALL_FIELDS: Readonly<Record<string, FieldPlace>> = {
  name: ["#key"],
  modelName: [0],
  interfaceImpl: [1],
  nSeqs: [2, "nSeqs"],
  inputKeys: [2, "reads"],
  outputKeys: [2, "yields"],
  outputKeyRemap: [2, "rename"],
  inputKeyRemap: [2, "renameReads"],
  minNSeqsPerPass: [2, "minSeqsPerPass"],
  mbSpec: [2, "microBatches"],
  logReturnValue: [2, "log"],
  preHooks: [2, "preHooks"],
  postHooks: [2, "postHooks"],
};

function modelCall(name: string, call: FlowCall, layout: LayoutCall, placed: PlacedCall | null): ModelFunctionCall {
  const { settings, interfaceImpl, kind, role } = call;
  const facts = findPlugin("interface", interfaceImpl.type)?.facts["calls"];
  const keys = defaultKeys(call, facts);
  const model: ModelName = withOrigin(
    { role, replicaId: placed?.replicaId ?? 0 },
    { frames: originOf(call)?.frames ?? [], fields: { role: [0] } },
  );
  const made = makeCall(modelCall as never, {
    name,
    nSeqs: layout.nSeqs ?? 1,
    interfaceType: kind,
    interfaceImpl,
    modelName: model,
    inputKeys: settings.reads === undefined ? keys.reads : keysOf(settings.reads),
    inputKeyRemap: settings.renameReads ?? {},
    outputKeys: settings.yields === undefined ? keys.yields : keysOf(settings.yields),
    outputKeyRemap: settings.rename ?? {},
    mbSpec: layout.mbSpec,
    minNSeqsPerPass: layout.minNSeqsPerPass,
    logReturnValue: settings.log ?? kind === "trainStep",
    preHooks: hooks(settings.preHooks, placed?.preHooks ?? []),
    postHooks: hooks(settings.postHooks, placed?.postHooks ?? []),
  });
  return { ...made, [ORIGIN]: callOrigin(call, settings) } as ModelFunctionCall;
}

function callOrigin(call: FlowCall, settings: CallSettings): Origin {
  const frames = originOf(call)?.frames ?? [];
  const allocation = settings.allocation === undefined ? undefined : originOf(settings.allocation)?.option;
  return {
    frames,
    fields: {
      ...CALL_FIELDS,
      ...keyPlaces("inputKeys", "reads", settings),
      ...keyPlaces("outputKeys", "yields", settings),
    },
    ...(allocation === undefined ? {} : { fieldOptions: { mbSpec: `${allocation}.mbSpec` } }),
  };
}

/** Where keys stand in a list from which conditions have left some out. */
function keyPlaces(
  field: string,
  setting: "reads" | "yields",
  settings: CallSettings,
): Readonly<Record<string, FieldPlace>> {
  const written = settings[setting] ?? [];
  if (written.every((key) => typeof key === "string")) return {};
  const places = written.flatMap((key, index) => (typeof key === "string" ? [index] : []));
  return Object.fromEntries(places.map((index, position) => [`${field}/${position}`, [2, setting, index]]));
}

function hooks(setting: HookSetting | undefined, derived: readonly CallHook[]): readonly CallHook[] {
  if (setting === undefined) return derived;
  return typeof setting === "function" ? setting(derived) : setting;
}
