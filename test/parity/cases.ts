import * as assay from "assay";

const { valueOrThrow: sound, meshRows: rows } = assay;
const NODES = 32;
/** Values of a case, taken as the files have them. */
export type Input<Fields extends string> = Readonly<Record<Fields, never>>;
export type TopologyInput = Input<"kind" | "pp" | "dp" | "tp">;
type ListInput = Input<"name" | "nodelist" | "nodes" | "partition_nodes" | "exclude" | "prefix" | "n_nodes">;
type MeshInput = ListInput & Input<"op" | "mapping" | "other" | "n" | "min_n_gpus" | "n_gpus_per_node">;
type JobInput = Input<"count" | "gpu" | "cpu" | "mem" | "n_gpus_per_node" | "gpu_type" | "worker_offset">;

export const topologyOf = ({ kind, pp, dp, tp }: TopologyInput) =>
  assay.processTopology({ layout: kind, pipe: pp, data: dp, tensor: tp });

export function topology(input: TopologyInput): unknown {
  const made = topologyOf(input);
  const topo = sound({ value: made, findings: assay.ownFindings(made) });
  const ranks = Array.from({ length: assay.worldSize(topo) }, (_, rank) => rank);
  const byAxis = (list: (axis: keyof assay.Coordinates) => unknown) =>
    Object.fromEntries((["data", "pipe", "tensor"] as const).map((axis) => [axis, list(axis)]));
  return {
    world_size: ranks.length,
    coords: ranks.map((rank) => assay.coordinatesOf(topo, rank)),
    comm: byAxis((axis) => assay.commLists(topo, axis)),
    axis_list: byAxis((axis) => ranks.slice(0, topo[axis]).map((index) => assay.axisList(topo, axis, index))),
    filter_pipe0_data0: assay.filterRanks(topo, { pipe: 0, data: 0 }),
    rank_repr: ranks.map((rank) => assay.rankName(topo, rank, NODES)),
  };
}

export function allocation({ string }: Input<"string">): unknown {
  const mode = sound(assay.parseAllocationMode(string));
  if (!("entries" in mode)) return { type: mode.kind.toUpperCase(), parallel: null };
  const letters = ({ data, pipe, tensor }: assay.Layout3D) => ({ d: data, p: pipe, m: tensor });
  const parallel = Object.fromEntries(mode.entries.map(({ name, layout }) => [name, letters(layout)]));
  if (mode.kind === "globalHybrid") return { type: "GLOBAL_HYBRID", parallel };
  const [type, gen] = [`DECOUPLED_${mode.engine.toUpperCase().replace("V", "v")}`, letters(mode.gen.layout)];
  return { type, parallel: { ...parallel, gen }, gen_size: assay.gpusOf(mode.gen.layout), gen_tp_size: gen.m };
}

export function mesh({ op, mapping, other, n, name, nodelist, nodes, exclude, ...input }: MeshInput): unknown {
  const { prefix = "slurmd-", n_nodes: clusterNodes = NODES, min_n_gpus: min = 4 } = input;
  const { partition_nodes: partitionNodes, n_gpus_per_node: gpusPerNode } = input;
  const of = (given: never) => sound(assay.meshFromRows(given));
  const sizes = ({ data, pipe, tensor }: assay.Layout3D) => ({ pp: pipe, tp: tensor, dp: data });
  const halves = ([first, second]: readonly assay.DeviceMesh[]) => ({ first: rows(first!), second: rows(second!) });
  const operations: Readonly<Record<string, () => unknown>> = {
    name: () => ({ mapping: rows(sound(assay.meshFromName(name, { nodelist, prefix, clusterNodes, gpusPerNode }))) }),
    parse: () => ({ nodes: sound(assay.parseNodeList(nodelist, prefix, clusterNodes)) }),
    format: () => ({ nodelist: sound(assay.formatNodeList(nodes, prefix, clusterNodes)) }),
    sort: () => ({ nodes: assay.sortNodes(nodes) }),
    available: () => ({ nodes: sound(assay.availableNodes({ nodelist, exclude, partitionNodes })) }),
    new: () => ({ valid: of(mapping).count > 0 }),
    split: () => halves(sound(assay.splitMesh(of(mapping), n))),
    sub: () => ({ meshes: sound(assay.subMeshes(of(mapping), min)).map(rows) }),
    strategies: () => ({ strategies: assay.parallelStrategies(of(mapping)).map(sizes) }),
    overlap: () => ({ result: assay.overlaps(of(mapping), of(other)) }),
    // The reference's names read the other way round.
    contain: () => ({ result: assay.isInside(of(mapping), of(other)) }),
    contained_by: () => ({ result: assay.covers(of(mapping), of(other)) }),
  };
  return operations[op]?.();
}

/** The Slurm job of an array of workers. What can't be submitted has its geometry beside the errors. */
export function geometry({ count, gpu, cpu, mem, gpu_type: gpuType, ...input }: JobInput): unknown {
  const workers = { count, scheduling: { cpu, gpu, memMiB: mem }, workerOffset: input.worker_offset };
  const { value, findings } = assay.slurmGeometry(workers, { gpusPerNode: input.n_gpus_per_node, gpuType });
  const { jobsteps: n_jobsteps, workersPerJobstep: wprocs_per_jobstep, request, ...job } = value;
  const workers_of_jobstep = job.workers.map((range) => [...assay.numbersOf(range.join("-"))]);
  const shape = { n_jobsteps, wprocs_per_jobstep, workers_of_jobstep, cpu: job.cpu, mem: job.memMiB, gpu: job.gpu };
  if (request === null) return { ...shape, submit: { error: findings } };
  const asked = { mem_per_cpu: `${request.memMiBPerCpu}M`, cpus_per_task: String(request.cpusPerTask) };
  return { ...shape, ...asked, gres: request.gres, nodes_used: request.nodes };
}
