import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, atOption, type Finding, type Place, type RelatedPlace } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import type { Authored } from "../../manifest/format.ts";
import { fits, fitting, type Room, type TaskClass } from "../../spec/packing.ts";
import { groupsOf, schedulingFindings } from "../../spec/scheduling.ts";
import type { WorkerKind } from "../../spec/worker.ts";
import { clusterFindings } from "../../spec/cluster.ts";
import { isSize } from "./context.ts";

/** Codes of workers that nodes have no room for. */
export const packingDiagnostics = defineDiagnostics("scheduling", {
  "too-many-gpus": {
    severity: "error",
    message: ({ gpus, cluster, nodes, gpusPerNode, sum }: GpuFacts) =>
      sentence`workers take ${sum.length === 0 ? "" : `${sum} = `}${factor("gpus", `${gpus} GPUs`)}, cluster \`${cluster}\` has ${factor("cluster", `${nodes} x ${gpusPerNode} = ${nodes * gpusPerNode}`)}`,
    help: ({ nodes, gpusPerNode }) =>
      `schedule workers of at most ${nodes * gpusPerNode} GPUs, or name a larger cluster`,
  },
  "task-across-nodes": {
    severity: "error",
    message: ({ kind, gpu, gpusPerNode, first }: AcrossFacts) =>
      gpu > gpusPerNode
        ? sentence`a worker of kind \`${kind}\` takes ${factor("gpu", `${gpu} GPUs`)}, more than the ${factor("cluster", gpusPerNode)} of a node`
        : sentence`a worker of kind \`${kind}\` takes ${factor("gpu", `${gpu} GPUs`)}, number ${first} to ${first + gpu - 1} of nodes of ${factor("cluster", gpusPerNode)}: it would lie on two nodes`,
    help: ({ gpu, gpusPerNode }) => {
      const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 16].filter((size) => gpusPerNode % size === 0 && size < gpu);
      return `give such a worker ${sizes.slice(-2).join(" or ")} GPUs: sizes that divide a node`;
    },
  },
  "node-memory": {
    severity: "error",
    message: (facts: NodeFacts) =>
      sentence`a node must hold ${partsText(facts, "MiB")} = ${facts.needed} MiB of memory, and has ${factor("cluster", `${facts.there} MiB`)}`,
    help: (facts) => nodeHelp(facts, "MiB of memory"),
  },
  "node-cpus": {
    severity: "error",
    message: (facts: NodeFacts) =>
      sentence`a node must hold ${partsText(facts, "CPUs")} = ${facts.needed} CPUs, and has ${factor("cluster", `${facts.there} CPUs`)}`,
    help: (facts) => nodeHelp(facts, "CPUs"),
  },
  "no-room": {
    severity: "error",
    message: ({ tasks, nodes, cpu, memMiB, isSum }: RoomFacts) =>
      sentence`beside workers with GPUs there is no room for ${tasks.map(({ count, kind, cpu: each, memMiB: mem }) => `${count} x ${kind} of ${each} CPUs and ${mem} MiB`).join(", ")}: ${factor("cluster", nodes === 1 ? "the node has" : `the ${nodes} nodes have`)} ${cpu} CPUs and ${memMiB} MiB left${isSum ? "" : " in all, but in pieces that are too small"}`,
    help: ({ tasks, fitting: most }) =>
      `schedule fewer workers without GPUs${most === null ? "" : ` (${most} of \`${tasks[0]?.kind ?? ""}\` fit)`}, let them ask for less, or name a larger cluster`,
  },
});

type GpuFacts = {
  readonly gpus: number;
  readonly sum: string;
  readonly cluster: string;
  readonly nodes: number;
  readonly gpusPerNode: number;
};

type AcrossFacts = {
  readonly kind: string;
  readonly gpu: number;
  readonly gpusPerNode: number;
  /** GPU at which the worker begins, counted over all nodes. */
  readonly first: number;
};

type NodeFacts = {
  readonly parts: readonly { readonly count: number; readonly kind: string; readonly each: number }[];
  readonly needed: number;
  readonly there: number;
};

type RoomFacts = {
  readonly tasks: readonly {
    readonly kind: string;
    readonly count: number;
    readonly cpu: number;
    readonly memMiB: number;
  }[];
  readonly nodes: number;
  readonly cpu: number;
  readonly memMiB: number;
  /** Whether the sums alone are too large. */
  readonly isSum: boolean;
  /** Workers of the first kind that would fit alone. */
  readonly fitting: number | null;
};

function partsText({ parts }: NodeFacts, unit: string) {
  return parts
    .map(
      ({ count, kind, each }, index) =>
        sentence`${count} x \`${kind}\` of ${factor(`each${index}`, `${each} ${unit}`)}`,
    )
    .reduce((all, one) => sentence`${all} + ${one}`);
}

function nodeHelp({ parts, needed, there }: NodeFacts, what: string): string {
  const [largest] = [...parts].sort((a, b) => b.count * b.each - a.count * a.each);
  if (largest === undefined) return "ask for less";
  const others = needed - largest.count * largest.each;
  const each = Math.floor((there - others) / largest.count);
  const fewer = each >= 1 ? `ask for at most ${each} ${what} for each \`${largest.kind}\`` : "ask for less";
  return `${fewer}, or name a cluster with larger nodes`;
}

/** Workers that are scheduled alike. */
interface Tasks extends TaskClass {
  readonly kind: WorkerKind;
  readonly gpu: number;
  readonly pointer: string;
}

/** Kinds in the order in which they get GPUs: servers have the first ones, as an allocation gives them. */
const GPU_ORDER: readonly WorkerKind[] = [
  "generationServer",
  "modelWorker",
  "masterWorker",
  "gserverManager",
  "rolloutWorker",
];

/**
 * Packs all workers onto the nodes. Those with GPUs lie where the layout puts them, row by row, generation first; those without take
 * what CPUs and memory are left, on any node. What can't be packed whatever the scheduler does is an error.
 */
export function hostPacking({ scheduling, cluster, findings }: Authored): readonly Finding[] {
  // A cluster or an amount that makes no sense has a finding of its own, and so has a layout of GPUs that are not there.
  if (clusterFindings(cluster).length > 0 || findings.some(({ code }) => SIZES.has(code))) return [];
  const tasks = GPU_ORDER.flatMap((kind) => tasksOf(kind, scheduling));
  if (tasks.some((one) => !isSound(one))) return [];
  const withGpus = tasks.filter(({ gpu, count }) => gpu > 0 && count > 0);
  const gpus = withGpus.reduce((sum, { count, gpu }) => sum + gpusTaken(count, gpu), 0);
  const { nodes, gpusPerNode } = cluster;
  const clusterGives: RelatedPlace = {
    at: atOption("cluster"),
    message: clusterText(cluster),
    gives: ["cluster"],
  };
  if (gpus > nodes * gpusPerNode) {
    const [first, ...others] = [...withGpus].sort((a, b) => b.count * b.gpu - a.count * a.gpu) as [Tasks, ...Tasks[]];
    const sum = withGpus.map(({ count, gpu }) => `${count} x ${gpu}`).join(" + ");
    return [
      packingDiagnostics["too-many-gpus"](
        { gpus, sum, cluster: cluster.name, nodes, gpusPerNode },
        {
          at: at(`${first.pointer}/count`),
          gives: ["gpus"],
          related: [
            clusterGives,
            ...others.map((one) => ({
              at: at(`${one.pointer}/count`),
              message: `${one.count} \`${one.kind}\``,
              gives: ["gpus"],
            })),
          ],
        },
      ),
    ];
  }
  const laid = layOnNodes(withGpus, gpusPerNode);
  if ("across" in laid) {
    const { task, first } = laid.across;
    return [
      packingDiagnostics["task-across-nodes"](
        { kind: task.kind, gpu: task.gpu, gpusPerNode, first },
        { at: at(`${task.pointer}/scheduling/gpu`), gives: ["gpu"], related: [clusterGives] },
      ),
    ];
  }
  const crowded = (["memMiB", "cpu"] as const).flatMap((of) => crowdedNode(laid.nodes, of, cluster, clusterGives));
  if (crowded.length > 0) return crowded;
  return noRoom(tasks, laid.nodes, cluster, clusterGives);
}

/** Codes of GPUs that are not there. */
const SIZES: ReadonlySet<string> = new Set([
  "allocation/too-many-nodes",
  "allocation/too-many-gpus-per-node",
  "config/unknown-cluster",
]);

function tasksOf(kind: WorkerKind, scheduling: Authored["scheduling"]): readonly Tasks[] {
  const groups = scheduling[kind];
  const isList = Array.isArray(groups);
  return groupsOf(groups).map(({ count, scheduling: { cpu, gpu, memMiB } }, index) => ({
    kind,
    count,
    cpu,
    gpu,
    memMiB,
    pointer: `/scheduling/${kind}${isList ? `/${index}` : ""}`,
  }));
}

function isSound({ count, cpu, gpu, memMiB }: Tasks): boolean {
  const unused = { nodelist: null, exclude: null, containerImage: null, envVars: {}, timeLimit: null };
  const asked = { ...unused, begin: null, deadline: null, partition: null, cpu, gpu, memMiB };
  return (isSize(count) || count === 0) && schedulingFindings(asked).length === 0;
}

/** GPUs of so many workers: those with a part of one share it. */
function gpusTaken(count: number, gpu: number): number {
  return gpu < 1 ? Math.ceil(count / Math.floor(1 / gpu)) : count * gpu;
}

/** What lies on a node, and on how many nodes in a row it is the same. */
interface NodeTasks {
  readonly nodes: number;
  readonly held: readonly { readonly task: Tasks; readonly count: number }[];
}

/** Lays workers with GPUs onto nodes, one after another. */
function layOnNodes(
  tasks: readonly Tasks[],
  gpusPerNode: number,
): { readonly nodes: readonly NodeTasks[] } | { readonly across: { readonly task: Tasks; readonly first: number } } {
  const nodes: NodeTasks[] = [];
  let open = new Map<Tasks, number>();
  let used = 0;
  let done = 0;
  const close = () => {
    nodes.push({ nodes: 1, held: [...open].map(([task, count]) => ({ task, count })) });
    open = new Map();
    done += 1;
    used = 0;
  };
  for (const task of tasks) {
    // Workers that share GPUs come in bundles of one GPU.
    const bundle = task.gpu < 1 ? Math.floor(1 / task.gpu) : 1;
    const gpu = task.gpu < 1 ? 1 : task.gpu;
    let left = task.count;
    while (left > 0) {
      const room = Math.floor((gpusPerNode - used) / gpu);
      if (room === 0) {
        if (used < gpusPerNode) return { across: { task, first: done * gpusPerNode + used } };
        close();
        continue;
      }
      const each = room * bundle;
      if (used === 0 && left >= 2 * each && room * gpu === gpusPerNode) {
        const whole = Math.floor(left / each);
        nodes.push({ nodes: whole, held: [{ task, count: each }] });
        done += whole;
        left -= whole * each;
        continue;
      }
      const count = Math.min(left, each);
      open.set(task, (open.get(task) ?? 0) + count);
      used += Math.ceil(count / bundle) * gpu;
      left -= count;
    }
    if (used === gpusPerNode) close();
  }
  if (used > 0) close();
  return { nodes };
}

function crowdedNode(
  nodes: readonly NodeTasks[],
  of: "cpu" | "memMiB",
  cluster: Authored["cluster"],
  clusterGives: RelatedPlace,
): readonly Finding[] {
  const there = of === "cpu" ? cluster.cpusPerNode : cluster.memMiBPerNode;
  if (there === null) return [];
  const needed = ({ held }: NodeTasks) => held.reduce((sum, { task, count }) => sum + count * task[of], 0);
  const worst = nodes.reduce<NodeTasks | null>(
    (most, node) => (most === null || needed(node) > needed(most) ? node : most),
    null,
  );
  if (worst === null || needed(worst) <= there) return [];
  const parts = worst.held.map(({ task, count }) => ({ count, kind: task.kind, each: task[of] }));
  const places = worst.held.map(({ task }): Place => at(`${task.pointer}/scheduling/${of}`));
  const largest = parts.reduce((most, part, index) => {
    const other = parts[most] as (typeof parts)[number];
    return part.count * part.each > other.count * other.each ? index : most;
  }, 0);
  const make = of === "cpu" ? packingDiagnostics["node-cpus"] : packingDiagnostics["node-memory"];
  return [
    make(
      { parts, needed: needed(worst), there },
      {
        at: places[largest] as Place,
        gives: [`each${largest}`],
        related: [
          ...places.flatMap((place, index) =>
            index === largest
              ? []
              : [{ at: place, message: `\`${parts[index]?.kind}\`, too`, gives: [`each${index}`] }],
          ),
          clusterGives,
        ],
      },
    ),
  ];
}

/** Workers without GPUs on what is left of the nodes. */
function noRoom(
  tasks: readonly Tasks[],
  nodes: readonly NodeTasks[],
  cluster: Authored["cluster"],
  clusterGives: RelatedPlace,
): readonly Finding[] {
  const without = tasks.filter(({ gpu, count }) => gpu === 0 && count > 0);
  const { cpusPerNode, memMiBPerNode } = cluster;
  // What a node has and nobody said proves nothing.
  if (cpusPerNode === null || memMiBPerNode === null) return [];
  const taken = nodes.reduce((sum, one) => sum + one.nodes, 0);
  const rooms: Room[] = nodes.map(({ nodes: count, held }) => ({
    nodes: count,
    cpu: cpusPerNode - held.reduce((sum, one) => sum + one.count * one.task.cpu, 0),
    memMiB: memMiBPerNode - held.reduce((sum, one) => sum + one.count * one.task.memMiB, 0),
  }));
  rooms.push({ nodes: Math.max(0, cluster.nodes - taken), cpu: cpusPerNode, memMiB: memMiBPerNode });
  if (fits(without, rooms) !== false) return [];
  const sorted = [...without].sort((a, b) => b.count * b.memMiB - a.count * a.memMiB);
  const [largest] = sorted as [Tasks, ...Tasks[]];
  const left = (of: "cpu" | "memMiB") => rooms.reduce((sum, room) => sum + room.nodes * room[of], 0);
  const asked = (of: "cpu" | "memMiB") => without.reduce((sum, task) => sum + task.count * task[of], 0);
  const most = rooms.reduce((sum, room) => sum + room.nodes * fitting(largest, room), 0);
  return [
    packingDiagnostics["no-room"](
      {
        tasks: sorted.map(({ kind, count, cpu, memMiB }) => ({ kind, count, cpu, memMiB })),
        nodes: cluster.nodes,
        cpu: left("cpu"),
        memMiB: left("memMiB"),
        isSum: asked("cpu") > left("cpu") || asked("memMiB") > left("memMiB"),
        fitting: most < largest.count ? most : null,
      },
      { at: at(largest.pointer), related: [clusterGives] },
    ),
  ];
}

function clusterText({ name, nodes, gpusPerNode, cpusPerNode, memMiBPerNode }: Authored["cluster"]): string {
  const host = [
    ...(cpusPerNode === null ? [] : [`${cpusPerNode} CPUs`]),
    ...(memMiBPerNode === null ? [] : [`${memMiBPerNode} MiB`]),
  ];
  const each = host.length === 0 ? "" : `, ${host.join(" and ")} a node`;
  return `cluster \`${name}\`: ${nodes} x ${gpusPerNode} GPUs${each}`;
}
