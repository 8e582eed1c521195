import "assay/experiments";
import * as assay from "assay";
import { resolveWorkerConfigs, shardHolders, type WorkerSource } from "assay/manifest";
import { proveExperiment } from "assay/testing";
import { topologyOf, type TopologyInput } from "./cases.ts";
import { camel, fromReference, toReference } from "./reference.ts";

const TRIAL = { experiment: "exp", trial: "trial", user: "" };
const OWN = { shared: false };
const workersOf = (from: WorkerSource, kind: assay.WorkerKind) => [...resolveWorkerConfigs(from, kind, TRIAL, OWN)];

/** What goldens of both kinds have of a setup. */
function setupOf(source: WorkerSource) {
  const setup = source.resolved.setups[0] as assay.ResolvedSetup;
  const { nodes, edges, dataProducers, dataConsumers } = setup.graph;
  const where = (test: "isSrc" | "isDst" | "isDstOfModelRole") =>
    nodes.flatMap((node) => (node[test] ? [node.name] : []));
  const byName = (list: "parents" | "children") => Object.fromEntries(nodes.map((node) => [node.name, node[list]]));
  const tests = { isSrc: where("isSrc"), isDst: where("isDst"), isDstOfModelRole: where("isDstOfModelRole") };
  const maps = { dataProducers, dataConsumers, parents: byName("parents"), children: byName("children") };
  const graph = { edges: edges.map(({ from, to, keys }) => [from, to, keys]), ...tests, ...maps };
  const msid2mwid = shardHolders(setup).map((of) => [of.model, of.dpRank, of.tpRank, of.ppRank, of.worker]);
  const { modelTopos, dataTransferPairs, syncParamPairs, modelNamesToInstantiate } = setup;
  const lists = { msid2mwid, dataTransferPairs, syncParamPairs, modelNamesToInstantiate };
  return { graph, modelTopos, ...lists, masterWorker: workersOf(source, "masterWorker") };
}

type Shard = { readonly model_name: string };
type Core = { calls: object[]; topologies: Readonly<Record<string, TopologyInput>>; workers: readonly Shard[][] };
/** A configuration whose workers are written out by hand. */
export function core({ topologies, workers, calls }: Core): unknown {
  const pair = { type: "test", args: {} };
  const shardOf = (shard: Shard) => {
    const topo = topologyOf(topologies[shard.model_name] as TopologyInput);
    const id = assay.modelShardId({ ...fromReference<assay.ModelShardId>(shard), topo });
    return assay.modelShard({ id, model: pair, backend: pair });
  };
  const modelWorker = workers.map((held) => assay.modelWorker({ baseSeed: 1, shards: held.map(shardOf) }));
  const rpcs = fromReference<assay.ModelFunctionCall[]>(calls).map((call) => ({ ...call, interfaceImpl: pair }));
  const config = assay.experimentConfig({ modelRpcs: rpcs.map(assay.modelFunctionCall), modelWorker });
  const authored = assay.authoredPart({ experiment: "exp", cluster: assay.clusterSpec(), setups: [config] });
  const source = { name: "exp", authored, resolved: assay.valueOrThrow(assay.resolve({ authored })) };
  const held = workersOf(source, "modelWorker") as unknown as readonly assay.ModelWorker[];
  const shouldInstantiate = held.map(({ shards }) => shards.map((shard) => shard.shouldInstantiate));
  return toReference({ ...setupOf(source), shouldInstantiate, workerInfo: held.map((worker) => worker.workerInfo) });
}

type Shipped = { readonly experiment: string; readonly options: Readonly<Record<string, string | number>> };
/** A shipped experiment with options in the reference's spelling; recipes write some numbers as strings. */
export function experiment({ experiment: name, options }: Shipped, cards: assay.PluginFacts["cards"]): unknown {
  const numeric = (value: unknown) => (/^[+-]?\d+(\.\d+)?e[+-]?\d+$/i.test(String(value)) ? Number(value) : value);
  const ofCluster = Object.keys(options).filter((path) => path.startsWith("cluster."));
  const spec = ofCluster.map((path) => [path.replace("cluster.", ""), options[path]]);
  const own = Object.entries(options).filter(([path]) => !ofCluster.includes(path));
  const overrides = Object.fromEntries(own.map(([path, value]) => [camel(path), numeric(value)])) as never;
  const cluster = assay.clusterSpecFromJson(JSON.stringify(Object.fromEntries(spec)), "options");
  const proof = assay.valueOrThrow(proveExperiment(name, { overrides, cluster, cards }));
  const source = { name, ...(proof as { readonly authored: assay.Authored; readonly resolved: assay.Resolved }) };
  const kinds = ["modelWorker", "generationServer", "gserverManager", "rolloutWorker"] as const;
  const workers = Object.fromEntries(kinds.map((kind) => [kind, workersOf(source, kind)]));
  const parts = { ...source.authored.setups[0], ...setupOf(source), ...workers };
  return { scheduling: toReference(source.authored.scheduling), config: toReference(parts) };
}
