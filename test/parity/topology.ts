import {
  axisList,
  commLists,
  coordinatesOf,
  filterRanks,
  ownFindings,
  processTopology,
  rankName,
  type ProcessTopology,
  worldSize,
} from "assay";
import { type Answer, errorCodes } from "./compare.ts";

interface Input {
  readonly kind: string;
  readonly pp: number;
  readonly dp: number;
  readonly tp: number;
}

/** Makes a topology as a case describes it. */
export function topologyOf({ kind, pp, dp, tp }: Input): ProcessTopology {
  return processTopology({ layout: kind as ProcessTopology["layout"], pipe: pp, data: dp, tensor: tp });
}

/** Numbering of ranks. The reference's cluster has 32 nodes. */
export function topologyCase(input: Input): Answer {
  const topology = topologyOf(input);
  const errors = errorCodes(ownFindings(topology));
  if (errors.length > 0) return { value: null, errors };
  const ranks = Array.from({ length: worldSize(topology) }, (_, rank) => rank);
  return {
    errors,
    value: {
      world_size: worldSize(topology),
      coords: ranks.map((rank) => coordinatesOf(topology, rank)),
      comm: Object.fromEntries((["data", "pipe", "tensor"] as const).map((axis) => [axis, commLists(topology, axis)])),
      axis_list: Object.fromEntries(
        (["data", "pipe", "tensor"] as const).map((axis) => [
          axis,
          Array.from({ length: topology[axis] }, (_, index) => axisList(topology, axis, index)),
        ]),
      ),
      filter_pipe0_data0: filterRanks(topology, { pipe: 0, data: 0 }),
      rank_repr: ranks.map((rank) => rankName(topology, rank, 32)),
    },
  };
}
