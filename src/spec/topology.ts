import { at, type Finding } from "../diagnostics/finding.ts";
import { topologyDiagnostics } from "./diagnostics.ts";
import { noun } from "./noun.ts";

/** An axis of parallelism. */
export type Axis = "pipe" | "data" | "tensor";

/** Axis order, first to last; the last axis runs fastest. Training uses the first, inference and generation the second. */
export type TopologyLayout = "pipe-data-tensor" | "data-pipe-tensor";

/** How the ranks of one model are laid out, and what the layout implies for the model's modules. */
export interface ProcessTopology {
  readonly layout: TopologyLayout;
  readonly pipe: number;
  readonly data: number;
  readonly tensor: number;
  readonly sequenceParallel: boolean;
  /** Only training layouts have it; `false` otherwise. */
  readonly gradientCheckpointing: boolean;
  /** Only training layouts have it; `false` otherwise. */
  readonly gradientAccumulationFusion: boolean;
  /** Longest prompt in tokens, where a call of the model generates. */
  readonly maxPromptLen: number | null;
}

/** Sizes of a topology with the switches that default to off. */
export type TopologyInput = Pick<ProcessTopology, "layout" | "pipe" | "data" | "tensor"> &
  Partial<Omit<ProcessTopology, "layout" | "pipe" | "data" | "tensor">>;

/** Coordinates of one rank. */
export type Coordinates = Readonly<Record<Axis, number>>;

const AXES: Readonly<Record<TopologyLayout, readonly [Axis, Axis, Axis]>> = {
  "pipe-data-tensor": ["pipe", "data", "tensor"],
  "data-pipe-tensor": ["data", "pipe", "tensor"],
};

/** Makes a topology; a size below 1 is `topology/size`, an unknown axis order `topology/axes`. */
export function processTopology(input: TopologyInput): ProcessTopology {
  const topology: ProcessTopology = {
    sequenceParallel: false,
    gradientCheckpointing: false,
    gradientAccumulationFusion: false,
    maxPromptLen: null,
    ...input,
  };
  return noun(processTopology, topology, { findings: topologyFindings(topology) });
}

/** What is wrong with a topology; pointers are relative to it. */
export function topologyFindings(topology: ProcessTopology): readonly Finding[] {
  const findings: Finding[] = [];
  if (!Object.hasOwn(AXES, topology.layout)) {
    findings.push(topologyDiagnostics.axes({ axes: topology.layout }, { at: at("/layout") }));
  }
  for (const axis of ["pipe", "data", "tensor"] as const) {
    const size = topology[axis];
    if (!Number.isSafeInteger(size) || size < 1)
      findings.push(topologyDiagnostics.size({ axis, size }, { at: at(`/${axis}`), gives: ["size"] }));
  }
  return findings;
}

/** The axes in order, slowest first. */
export function axesOf(topology: ProcessTopology): readonly [Axis, Axis, Axis] {
  return AXES[topology.layout];
}

/** Number of ranks. */
export function worldSize(topology: ProcessTopology): number {
  return topology.pipe * topology.data * topology.tensor;
}

/** Rank of coordinates: mixed radix in axis order. */
export function rankOf(topology: ProcessTopology, coordinates: Coordinates): number {
  let rank = 0;
  for (const axis of axesOf(topology)) rank = rank * topology[axis] + coordinates[axis];
  return rank;
}

/** Coordinates of a rank. */
export function coordinatesOf(topology: ProcessTopology, rank: number): Coordinates {
  const coordinates = { pipe: 0, data: 0, tensor: 0 };
  let rest = rank;
  const axes = axesOf(topology);
  for (let index = axes.length - 1; index >= 0; index -= 1) {
    const axis = axes[index] as Axis;
    coordinates[axis] = rest % topology[axis];
    rest = Math.floor(rest / topology[axis]);
  }
  return coordinates;
}

/** For every combination of the other axes, in axis order, the ranks along `axis`. */
export function commLists(topology: ProcessTopology, axis: Axis): readonly (readonly number[])[] {
  const [first, second] = axesOf(topology).filter((other) => other !== axis) as [Axis, Axis];
  const lists: number[][] = [];
  for (let i = 0; i < topology[first]; i += 1) {
    for (let j = 0; j < topology[second]; j += 1) {
      const ranks: number[] = [];
      for (let k = 0; k < topology[axis]; k += 1) {
        ranks.push(rankOf(topology, { pipe: 0, data: 0, tensor: 0, [first]: i, [second]: j, [axis]: k }));
      }
      lists.push(ranks);
    }
  }
  return lists;
}

/** All ranks that match the given coordinates, ascending. */
export function filterRanks(topology: ProcessTopology, match: Partial<Coordinates>): readonly number[] {
  const ranks: number[] = [];
  for (let rank = 0; rank < worldSize(topology); rank += 1) {
    const coordinates = coordinatesOf(topology, rank);
    if ((Object.keys(match) as Axis[]).every((axis) => coordinates[axis] === match[axis])) ranks.push(rank);
  }
  return ranks;
}

/** All ranks with coordinate `index` on `axis`, ascending. */
export function axisList(topology: ProcessTopology, axis: Axis, index: number): readonly number[] {
  return filterRanks(topology, { [axis]: index });
}

/**
 * Name of a rank: `axis_NN` for each axis that is not omitted, joined by `-`.
 * @param clusterNodes its number of digits is the padding.
 */
export function rankName(
  topology: ProcessTopology,
  rank: number,
  clusterNodes: number,
  omit: readonly Axis[] = ["data", "pipe"],
): string {
  const coordinates = coordinatesOf(topology, rank);
  const digits = String(clusterNodes).length;
  return axesOf(topology)
    .filter((axis) => !omit.includes(axis))
    .map((axis) => `${axis}_${String(coordinates[axis]).padStart(digits, "0")}`)
    .join("-");
}

/** True if two topologies map the same coordinates to the same ranks. */
export function sameTopology(a: ProcessTopology, b: ProcessTopology): boolean {
  if (a.pipe !== b.pipe || a.data !== b.data || a.tensor !== b.tensor) return false;
  // With one of the two leading axes of size 1, both orders number the ranks alike; the axis names still differ.
  return a.layout === b.layout;
}
