import {
  type Authored,
  clusterSpec,
  type CallHook,
  experimentConfig,
  experimentScheduling,
  masterWorkerDefault,
  modelFunctionCall,
  modelShard,
  modelShardId,
  modelWorker,
  modelWorkerDefault,
  offload,
  paramRealloc,
  parseModelName,
  resolve,
  tasksGroup,
} from "assay";
import { type Answer, errorCodes } from "./compare.ts";
import { masterWorkerText, setupParts, shardMap, workersOfKind } from "./project.ts";
import { topologyOf } from "./topology.ts";

interface Hook {
  readonly kind: string;
  readonly source?: string;
  readonly target?: string;
  readonly eta?: number;
}

interface Input {
  readonly topologies: Readonly<Record<string, Parameters<typeof topologyOf>[0]>>;
  readonly workers: readonly (readonly {
    readonly model_name: string;
    readonly dp_rank: number;
    readonly tp_rank: number;
    readonly pp_rank: number;
  }[])[];
  readonly calls: readonly {
    readonly name: string;
    readonly n_seqs: number;
    readonly interface_type: string;
    readonly model_name: string;
    readonly input_keys: readonly string[];
    readonly output_keys: readonly string[];
    readonly pre_hooks?: readonly Hook[];
    readonly post_hooks?: readonly Hook[];
  }[];
}

/** A configuration whose workers are written out by hand. */
export function coreCase(input: Input): Answer {
  const pair = { type: "test", args: {} };
  const topologies = Object.fromEntries(
    Object.entries(input.topologies).map(([name, topo]) => [name, topologyOf(topo)]),
  );
  const workers = input.workers.map((shards) =>
    modelWorker({
      baseSeed: 1,
      shards: shards.map((shard) =>
        modelShard({
          id: modelShardId({
            modelName: parseModelName(shard.model_name),
            dpRank: shard.dp_rank,
            tpRank: shard.tp_rank,
            ppRank: shard.pp_rank,
            topo: topologies[shard.model_name] as ReturnType<typeof topologyOf>,
          }),
          model: pair,
          backend: pair,
        }),
      ),
    }),
  );
  const calls = input.calls.map((call) =>
    modelFunctionCall({
      name: call.name,
      nSeqs: call.n_seqs,
      interfaceType: (call.interface_type === "train_step" ? "trainStep" : call.interface_type) as never,
      interfaceImpl: pair,
      modelName: call.model_name.includes("@") ? parseModelName(call.model_name) : call.model_name,
      inputKeys: call.input_keys,
      outputKeys: call.output_keys,
      preHooks: (call.pre_hooks ?? []).map(hookOf),
      postHooks: (call.post_hooks ?? []).map(hookOf),
    }),
  );
  const cluster = clusterSpec();
  const authored: Authored = {
    experiment: "exp",
    cluster,
    scheduling: experimentScheduling({
      modelWorker: tasksGroup(workers.length, modelWorkerDefault(cluster)),
      masterWorker: tasksGroup(1, masterWorkerDefault(cluster)),
    }),
    setups: [experimentConfig({ modelRpcs: calls, modelWorker: workers })],
    launch: {},
    models: {},
    facts: {},
    acknowledgements: [],
    findings: [],
  };
  const { value: resolved, findings } = resolve({ authored });
  const errors = errorCodes(findings);
  const [setup] = resolved.setups;
  if (errors.length > 0 || setup === undefined) return { value: null, errors };
  const made = workersOfKind(authored, resolved, "modelWorker");
  return {
    errors,
    value: {
      ...setupParts(setup),
      msid2mwid: shardMap(made),
      master_worker: workersOfKind(authored, resolved, "masterWorker").map(masterWorkerText),
      should_instantiate: made.map((worker) =>
        (worker["shards"] as readonly { readonly shouldInstantiate: boolean }[]).map(
          ({ shouldInstantiate }) => shouldInstantiate,
        ),
      ),
      worker_info: made.map((worker) => snakeInfo(worker["workerInfo"])),
    },
  };
}

function hookOf({ kind, source, target, eta }: Hook): CallHook {
  if (kind === "offload") return offload();
  return paramRealloc({
    source: source === undefined ? null : parseModelName(source),
    target: target === undefined ? null : parseModelName(target),
    ...(eta === undefined ? {} : { eta }),
  });
}

function snakeInfo(info: unknown): unknown {
  return (masterWorkerText({ workerInfo: info as Record<string, unknown> }) as Record<string, unknown>)["worker_info"];
}
