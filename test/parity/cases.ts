// Runs cases of the kinds whose functions stand alone: topologies, allocation strings, meshes, node lists, Slurm jobs.
import {
  availableNodes,
  axisList,
  commLists,
  coordinatesOf,
  covers,
  type DeviceMesh,
  filterRanks,
  formatNodeList,
  gpusOf,
  isInside,
  type Layout3D,
  meshFromName,
  meshFromRows,
  meshRows,
  overlaps,
  ownFindings,
  parallelStrategies,
  parseAllocationMode,
  parseNodeList,
  processTopology,
  type ProcessTopology,
  rankName,
  slurmGeometry,
  sortNodes,
  splitMesh,
  subMeshes,
  worldSize,
} from "assay";
import { type Answer, answer } from "./compare.ts";

/** Nodes and node-name prefix of the reference's cluster. */
const [NODES, PREFIX] = [32, "slurmd-"];
const AXES = ["data", "pipe", "tensor"] as const;

export interface TopologyInput {
  readonly kind: string;
  readonly pp: number;
  readonly dp: number;
  readonly tp: number;
}

export function topologyOf({ kind, pp, dp, tp }: TopologyInput): ProcessTopology {
  return processTopology({ layout: kind as ProcessTopology["layout"], pipe: pp, data: dp, tensor: tp });
}

export function topologyCase(input: TopologyInput): Answer {
  const topo = topologyOf(input);
  const byAxis = (list: (axis: (typeof AXES)[number]) => unknown) =>
    Object.fromEntries(AXES.map((axis) => [axis, list(axis)]));
  return answer(ownFindings(topo), () => {
    const ranks = Array.from({ length: worldSize(topo) }, (_, rank) => rank);
    return {
      world_size: worldSize(topo),
      coords: ranks.map((rank) => coordinatesOf(topo, rank)),
      comm: byAxis((axis) => commLists(topo, axis)),
      axis_list: byAxis((axis) => Array.from({ length: topo[axis] }, (_, index) => axisList(topo, axis, index))),
      filter_pipe0_data0: filterRanks(topo, { pipe: 0, data: 0 }),
      rank_repr: ranks.map((rank) => rankName(topo, rank, NODES)),
    };
  });
}

export function allocationCase({ string }: { readonly string: string }): Answer {
  const { value: mode, findings } = parseAllocationMode(string);
  const letters = ({ data, pipe, tensor }: Layout3D) => ({ d: data, p: pipe, m: tensor });
  return answer(findings, () => {
    if (mode === null) return null;
    if (!("entries" in mode)) return { type: mode.kind.toUpperCase(), parallel: null };
    const parallel = Object.fromEntries(mode.entries.map(({ name, layout }) => [name, letters(layout)]));
    if (mode.kind === "globalHybrid") return { type: "GLOBAL_HYBRID", parallel };
    const { engine, gen } = mode;
    return {
      type: `DECOUPLED_${engine === "vllm" ? "vLLM" : engine.toUpperCase()}`,
      parallel: { ...parallel, gen: letters(gen.layout) },
      gen_size: gpusOf(gen.layout),
      gen_tp_size: gen.layout.tensor,
    };
  });
}

interface MeshInput {
  readonly op: string;
  readonly mapping: readonly (readonly number[])[];
  readonly other: readonly (readonly number[])[];
  readonly n: number;
  readonly min_n_gpus?: number;
  readonly name: string;
  readonly nodelist: string;
  readonly prefix?: string;
  readonly nodes: readonly string[];
  readonly n_nodes?: number;
  readonly n_gpus_per_node: number;
  readonly partition_nodes: readonly string[];
  readonly exclude: string | null;
}

/** Meshes and node lists. */
export function meshCase(input: MeshInput): Answer {
  const { op, nodelist, nodes, prefix = PREFIX, n_nodes: clusterNodes = NODES } = input;
  switch (op) {
    case "name": {
      const names = { nodelist, prefix, clusterNodes, gpusPerNode: input.n_gpus_per_node };
      const { value, findings } = meshFromName(input.name, names);
      return answer(findings, () => ({ mapping: meshRows(value as DeviceMesh) }));
    }
    case "parse": {
      const { value, findings } = parseNodeList(nodelist, prefix, clusterNodes);
      return answer(findings, () => ({ nodes: value }));
    }
    case "format": {
      const { value, findings } = formatNodeList(nodes, prefix, clusterNodes);
      return answer(findings, () => ({ nodelist: value }));
    }
    case "sort":
      return answer([], () => ({ nodes: sortNodes(nodes) }));
    case "available": {
      const { value, findings } = availableNodes({ ...input, partitionNodes: input.partition_nodes });
      return answer(findings, () => ({ nodes: value }));
    }
    default: {
      const { value, findings } = meshFromRows(input.mapping);
      return value === null ? answer(findings, () => null) : meshOperation(value, input);
    }
  }
}

function meshOperation(mesh: DeviceMesh, { op, mapping, other, n, min_n_gpus: min = 4 }: MeshInput): Answer {
  const second = meshFromRows(other ?? mapping).value as DeviceMesh;
  switch (op) {
    case "new":
      return answer([], () => ({ valid: true }));
    case "split": {
      const { value, findings } = splitMesh(mesh, n);
      return answer(findings, () => ({ first: meshRows(value![0]), second: meshRows(value![1]) }));
    }
    case "sub": {
      const { value, findings } = subMeshes(mesh, min);
      return answer(findings, () => ({ meshes: value!.map(meshRows) }));
    }
    case "strategies": {
      const sizes = parallelStrategies(mesh).map(({ data, pipe, tensor }) => ({ pp: pipe, tp: tensor, dp: data }));
      return answer([], () => ({ strategies: sizes }));
    }
    default: {
      // The reference's `contain` asks whether this mesh lies in the other one, and the other way round.
      const tests = { overlap: overlaps, contain: isInside, contained_by: covers };
      return answer([], () => ({ result: tests[op as keyof typeof tests](mesh, second) }));
    }
  }
}

/** The Slurm job of an array of workers. What can't be submitted keeps its geometry, and has no request. */
export function geometryCase(input: Readonly<Record<string, number>> & { readonly gpu_type: never }): Answer {
  const { count = 0, gpu = 0, cpu = 0, mem = 0, n_gpus_per_node: gpusPerNode = 0, worker_offset: offset = 0 } = input;
  const { value, findings } = slurmGeometry(
    { count, scheduling: { cpu, gpu, memMiB: mem }, workerOffset: offset },
    { gpusPerNode, gpuType: input.gpu_type },
  );
  const { request } = value;
  const geometry = {
    n_jobsteps: value.jobsteps,
    wprocs_per_jobstep: value.workersPerJobstep,
    cpu: value.cpu,
    mem: value.memMiB,
    gpu: value.gpu,
    workers_of_jobstep: value.workers.map(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    ),
  };
  if (request === null) return { value: geometry, errors: findings.map(({ code }) => code), partial: true };
  return answer(findings, () => ({
    ...geometry,
    gres: request.gres,
    mem_per_cpu: `${request.memMiBPerCpu}M`,
    cpus_per_task: String(request.cpusPerTask),
    nodes_used: request.nodes,
  }));
}
