import "assay/experiments";
import { type ClusterSpec, clusterSpec, type ModelCard } from "assay";
import { proveExperiment } from "assay/testing";
import { type Answer, errorCodes, snakeFields } from "./compare.ts";
import { callsText, masterWorkerText, modelWorkerText, setupParts, shardMap, workersOfKind } from "./project.ts";

/** Configuration files of models, by name. */
export type ModelConfigs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Input {
  readonly experiment: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A shipped experiment with options in the reference's spelling. */
export function experimentCase({ experiment, options }: Input, configs: ModelConfigs): Answer {
  const cards = cardsOf(configs);
  const overrides = Object.fromEntries(
    Object.entries(options)
      .filter(([path]) => !path.startsWith("cluster."))
      .map(([path, value]) => [path.split(".").map(camel).join("."), numeric(value)]),
  );
  const { value, findings } = proveExperiment(experiment, {
    overrides: overrides as never,
    cluster: clusterOf(options, cards),
    cards,
  });
  const errors = errorCodes(findings);
  const { authored, resolved } = value;
  const setup = resolved?.setups[0];
  const config = authored?.setups[0];
  if (errors.length > 0 || resolved === null || authored === null || setup === undefined || config === undefined) {
    if (errors.length === 0) throw new Error("nothing was built, and nothing was found");
    return { value: null, errors };
  }
  const workers = workersOfKind(authored, resolved, "modelWorker");
  return {
    errors,
    value: {
      scheduling: snakeScheduling(authored.scheduling as never),
      config: {
        model_rpcs: callsText(config),
        ...setupParts(setup),
        model_worker: workers.map(modelWorkerText),
        msid2mwid: shardMap(workers),
        master_worker: workersOfKind(authored, resolved, "masterWorker").map(masterWorkerText),
        generation_server: workersOfKind(authored, resolved, "generationServer").map(snakeFields),
        gserver_manager: workersOfKind(authored, resolved, "gserverManager").map(snakeFields),
        rollout_worker: workersOfKind(authored, resolved, "rolloutWorker").map(snakeFields),
        exp_ctrl: snakeFields({ ...config.expCtrl }),
        wandb: snakeFields({ ...config.wandb }),
        tensorboard: snakeFields({ ...config.tensorboard }),
        auto_eval: config.autoEval,
        evaluator: snakeFields({ ...config.evaluator }),
      },
    },
  };
}

function snakeScheduling(scheduling: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries(snakeFields({ ...scheduling }) as Record<string, unknown>).map(([kind, group]) => [
      kind,
      withoutPartition(group),
    ]),
  );
}

/** The reference's scheduling has no partition of its own: its launcher has. */
function withoutPartition(group: unknown): unknown {
  if (typeof group !== "object" || group === null) return group;
  const { count, scheduling } = group as { count: number; scheduling: Record<string, unknown> };
  const { partition: _partition, ...rest } = scheduling;
  return { count, scheduling: rest };
}

/** A reference name in camelCase, segment by segment. */
function camel(name: string): string {
  if (name === "_class") return "family";
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Recipes write some numbers as strings. */
function numeric(value: unknown): unknown {
  return typeof value === "string" && /^[+-]?\d+(\.\d+)?[eE][+-]?\d+$/.test(value) ? Number(value) : value;
}

function clusterOf(
  options: Readonly<Record<string, unknown>>,
  cards: Readonly<Record<string, ModelCard>>,
): ClusterSpec {
  const given = Object.entries(options)
    .filter(([path]) => path.startsWith("cluster."))
    .map(([path, value]) => [
      CLUSTER_FIELDS[path.slice("cluster.".length)] ?? camel(path.slice("cluster.".length)),
      value,
    ]);
  return clusterSpec({
    fileroot: "/",
    models: Object.fromEntries(Object.keys(cards).map((id) => [`<model:${id.slice("golden ".length)}>`, id])),
    ...Object.fromEntries(given),
  });
}

const CLUSTER_FIELDS: Readonly<Record<string, string>> = {
  cluster_name: "name",
  cluster_type: "type",
  n_nodes: "nodes",
  n_gpus_per_node: "gpusPerNode",
};

/** Cards of the configuration files; ids of their own keep them apart from the shipped catalogue. */
function cardsOf(configs: ModelConfigs): Readonly<Record<string, ModelCard>> {
  return Object.fromEntries(
    Object.entries(configs).map(([name, config]) => {
      const number = (key: string) => Number(config[key]);
      const id = `golden ${name}`;
      const card: ModelCard = {
        id,
        family: String(config["model_type"]),
        hiddenSize: number("hidden_size"),
        layers: number("num_hidden_layers"),
        heads: number("num_attention_heads"),
        kvHeads: number("num_key_value_heads"),
        headDim: number("hidden_size") / number("num_attention_heads"),
        ffnSize: number("intermediate_size"),
        vocabSize: number("vocab_size"),
        tiedEmbeddings: config["tie_word_embeddings"] === true,
        maxPositions: number("max_position_embeddings"),
        params: null,
      };
      return [id, card];
    }),
  );
}
