import type { JsonObject, JsonValue } from "type-fest";
import { sha256 } from "../manifest/seal.ts";
import { canonicalJson } from "../manifest/canonical.ts";
import type { Manifest, PluginFacts } from "../manifest/format.ts";
import { callModelName, type CallHook, type ModelFunctionCall } from "../spec/call.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { ModelName } from "../spec/model-name.ts";
import { isObject } from "../spec/own.ts";
import type { ExperimentScheduling, Scheduling, TasksGroup } from "../spec/scheduling.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import { WORKER_KINDS, type WorkerKind } from "../spec/worker.ts";
import type { ShardTemplate, WorkerSet } from "../spec/worker-set.ts";
import { argumentsOf, pairOf } from "./realhf-args.ts";
import { fieldName, snakeCase } from "./realhf-names.ts";
import { made, plain, tuple } from "./realhf-values.ts";
import type { Export, LeftOut } from "./target.ts";

/** Classes of the workers of each kind. The reference makes its master workers itself. */
const WORKER_CLASSES: Readonly<Partial<Record<WorkerKind, string>>> = {
  modelWorker: "system_api.ModelWorker",
  generationServer: "system_api.GenerationServer",
  gserverManager: "system_api.GserverManager",
  rolloutWorker: "system_api.RolloutWorker",
};

/** Fields that the reference fills in itself, or has a default of its own for, where nothing is given. */
const FILLED_IN: ReadonlySet<string> = new Set([
  "modelRpcs",
  "modelTopos",
  "msid2mwid",
  "dataTransferPairs",
  "syncParamPairs",
  "workerInfo",
  "datasetCacheRoot",
]);

/**
 * A Python module that registers the experiment, and the data that it reads.
 * @param template text of `realhf.py`
 */
export function exportRealhf(manifest: Manifest, facts: PluginFacts, template: string): Export {
  const leftOut: LeftOut[] = [];
  const text = dataOf(manifest, facts, leftOut);
  const stem = moduleName(manifest);
  const file = `${stem}.json`;
  const given = JSON.stringify(JSON.stringify({ file, name: manifest.name, sha256: sha256(text) }));
  // What JSON escapes Python reads as the same text, once everything outside of ASCII is escaped, too.
  const literal = given.replaceAll(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const module = template.replace(/^MADE = \{\}.*$/m, () => `MADE = json.loads(${literal})`);
  return {
    files: [
      { name: `${stem}.py`, text: module },
      { name: file, text },
    ],
    leftOut,
  };
}

/** Name of the module: that of the build, in letters that Python takes. */
function moduleName({ name, preset }: Manifest): string {
  const whole = preset === null ? name : `${name}.${preset}`;
  return whole.replaceAll(".", "__").replaceAll(/[^A-Za-z0-9_]/g, "_");
}

/**
 * Data from which `realhf.py` makes the objects of the reference, as canonical JSON: an object whose key `$` says its class has the
 * fields of that class. Workers stay sets, as in the manifest.
 */
function dataOf({ authored, hashes }: Manifest, facts: PluginFacts, leftOut: LeftOut[]): string {
  return canonicalJson({
    fileroot: authored.cluster.fileroot,
    manifest: { ...hashes },
    scheduling: schedulingOf(authored.scheduling, leftOut),
    setups: authored.setups.map((setup, index) => setupOf(setup, `/setups/${index}`, facts, leftOut)),
  });
}

function schedulingOf(of: ExperimentScheduling, leftOut: LeftOut[]): JsonObject {
  const group = ({ count, scheduling }: TasksGroup, pointer: string): JsonObject =>
    made("system_api.TasksGroup", { count, scheduling: resourcesOf(scheduling, `${pointer}/scheduling`, leftOut) });
  const kinds = WORKER_KINDS.flatMap((kind): readonly (readonly [string, JsonValue])[] => {
    const groups = of[kind];
    if (groups === null || groups === undefined) return [];
    const pointer = `/scheduling/${kind}`;
    const all: JsonValue = Array.isArray(groups)
      ? (groups as readonly TasksGroup[]).map((one, index) => group(one, `${pointer}/${index}`))
      : group(groups as TasksGroup, pointer);
    return [[snakeCase(kind), all]];
  });
  return made("system_api.ExperimentScheduling", {
    ...Object.fromEntries(kinds),
    controller_image: of.controllerImage,
  });
}

function resourcesOf({ partition, ...of }: Scheduling, pointer: string, leftOut: LeftOut[]): JsonObject {
  if (partition !== null) leftOut.push({ pointer: `${pointer}/partition`, what: `partition \`${partition}\`` });
  const { envVars, ...fields } = of;
  return made("system_api.Scheduling", { ...spelled(fields), env_vars: plain(Object.entries(envVars)) });
}

function setupOf(setup: ExperimentConfig, base: string, facts: PluginFacts, leftOut: LeftOut[]): JsonObject {
  for (const [index, { type }] of (setup.trackers ?? []).entries()) {
    leftOut.push({ pointer: `${base}/trackers/${index}`, what: `tracker \`${type}\`` });
  }
  if (setup.masterWorker !== null) leftOut.push({ pointer: `${base}/masterWorker`, what: "master workers of its own" });
  const { config, ...wandb } = setup.wandb;
  return made("system_api.ExperimentConfig", {
    exp_ctrl: made("cli_args.ExperimentSaveEvalControl", spelled({ ...setup.expCtrl })),
    wandb: made("cli_args.WandBConfig", {
      ...spelled({ ...wandb } as JsonObject),
      config: config === null ? null : plain(Object.entries(config)),
    }),
    tensorboard: made("cli_args.TensorBoardConfig", spelled({ ...setup.tensorboard })),
    model_rpcs: setup.modelRpcs.map((call) => callOf(call, facts)),
    ...Object.fromEntries(
      Object.entries(WORKER_CLASSES).map(([kind, name]) => [
        snakeCase(kind),
        workersOf(name, setup[kind as WorkerKind], facts),
      ]),
    ),
    auto_eval: setup.autoEval,
    evaluator: made("cli_args.AutomaticEvaluator", spelled({ ...setup.evaluator })),
  });
}

function callOf(call: ModelFunctionCall, facts: PluginFacts): JsonObject {
  const { interfaceType, interfaceImpl, inputKeys, outputKeys, inputKeyRemap, outputKeyRemap, mbSpec, ...rest } = call;
  const { preHooks, postHooks, modelName: _modelName, ...fields } = rest;
  return made("dfg.MFCDef", {
    ...spelled(fields),
    interface_type: { $: "enum", of: "ModelInterfaceType", member: snakeCase(interfaceType).toUpperCase() },
    interface_impl: pairOf("interface", interfaceImpl as unknown as JsonValue, facts),
    model_name: modelNameOf(callModelName(call)),
    input_keys: tuple(inputKeys),
    output_keys: tuple(outputKeys),
    input_key_remap: plain(Object.entries(inputKeyRemap)),
    output_key_remap: plain(Object.entries(outputKeyRemap)),
    mb_spec: made("cli_args.MicroBatchSpec", spelled({ ...mbSpec })),
    pre_hooks: preHooks.map(hookOf),
    post_hooks: postHooks.map(hookOf),
  });
}

function hookOf(hook: CallHook): JsonObject {
  if (hook.kind === "offload") return made("dfg.OffloadHook", {});
  const { source, target, eta } = hook;
  const nameOrNull = (name: ModelName | null) => (name === null ? null : modelNameOf(name));
  return made("dfg.ParamReallocHook", { source: nameOrNull(source), target: nameOrNull(target), eta });
}

function modelNameOf({ role, replicaId }: ModelName): JsonObject {
  return made("config.ModelName", { role, replica_id: replicaId });
}

/** Workers of one kind; the reference has an empty list where there are none. */
function workersOf(name: string, set: WorkerSet | null, facts: PluginFacts): JsonValue {
  if (set === null) return [];
  const fields = (of: JsonObject) => workerFields({ ...set.shared, ...of }, of, facts);
  return {
    $: "workers",
    class: name,
    count: set.count,
    shared: fields(set.shared),
    shards: set.shards.map((shard) => shardOf(shard, facts)),
    groups: set.groups.map(({ workers, own, columns, shards }) => ({
      workers,
      own: fields(own),
      columns: Object.fromEntries(Object.entries(columns).map(([field, column]) => [fieldName(field), column])),
      shards: shards.map((held) => ({ ...held }) as unknown as JsonObject),
    })),
  };
}

/** Fields of workers that `given` has. @param all also those that they share with others */
function workerFields(all: JsonObject, given: JsonObject, facts: PluginFacts): JsonObject {
  const entries = Object.entries(given).filter(([field, value]) => value !== null || !FILLED_IN.has(field));
  return Object.fromEntries(
    entries.map(([field, value]) => [fieldName(field), workerField(field, value, all, facts)] as const),
  );
}

function workerField(field: string, value: JsonValue, all: JsonObject, facts: PluginFacts): JsonValue {
  switch (field) {
    case "datasets":
      return Array.isArray(value) ? value.map((item) => pairOf("dataset", item, facts)) : value;
    case "env":
      return pairOf("environment", value, facts);
    case "agent":
      return pairOf("agent", value, facts);
    case "modelName":
      return modelNameOf(value as unknown as ModelName);
    case "backendArgs":
      return isObject(value) ? argumentsOf("backend", String(all["backendType"]), value, facts) : value;
    case "workerInfo":
      return made("system_api.WorkerInformation", spelled(value as JsonObject));
    default:
      return value;
  }
}

function shardOf(
  { modelName, topo, model, backend, evalDataset, evalBs }: ShardTemplate,
  facts: PluginFacts,
): JsonObject {
  const wrappers = model.wrappers.map((one) => pairOf("wrapper", one as unknown as JsonValue, facts));
  return {
    model_name: modelNameOf(modelName),
    topo: topologyOf(topo),
    axes: topo.layout.split("-").map((axis) => [axis, topo[axis as "pipe" | "data" | "tensor"]]),
    fields: {
      model: pairOf("model", model as unknown as JsonValue, facts, { wrappers }),
      backend: pairOf("backend", backend as unknown as JsonValue, facts),
      eval_dataset: evalDataset === null ? null : pairOf("dataset", evalDataset as unknown as JsonValue, facts),
      eval_bs: evalBs,
    },
  };
}

function topologyOf({ layout, pipe, data, tensor, ...of }: ProcessTopology): JsonObject {
  const sizes = { num_pp: pipe, num_dp: data, num_tp: tensor };
  const { sequenceParallel, maxPromptLen, gradientCheckpointing, gradientAccumulationFusion } = of;
  const shared = { ...sizes, ...spelled({ sequenceParallel, maxPromptLen }) };
  return layout === "pipe-data-tensor"
    ? made("topology.PipeDataTensorParallelTopology", {
        ...shared,
        ...spelled({ gradientCheckpointing, gradientAccumulationFusion }),
      })
    : made("topology.DataPipeTensorParallelTopology", shared);
}

/** Fields with the names of the reference. */
function spelled(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [fieldName(name), value]));
}
