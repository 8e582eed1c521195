import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  axisList,
  commLists,
  coordinatesOf,
  filterRanks,
  processTopology,
  rankName,
  rankOf,
  worldSize,
} from "../../../src/spec/topology.ts";
import type { Axis, TopologyLayout } from "../../../src/spec/topology.ts";

interface Case {
  readonly name: string;
  readonly input: { readonly kind: TopologyLayout; readonly pp: number; readonly dp: number; readonly tp: number };
  readonly expected: {
    readonly world_size: number;
    readonly coords: readonly Record<Axis, number>[];
    readonly comm: Record<Axis, number[][]>;
    readonly axis_list: Record<Axis, number[][]>;
    readonly filter_pipe0_data0: number[];
    readonly rank_repr: string[];
  };
}

const cases = readFileSync(new URL("../../goldens/topology/cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);

describe("a topology", () => {
  it.each(cases.map((one) => [one.name, one] as const))(
    "numbers its ranks as measured: %s",
    (_, { input, expected }) => {
      const topology = processTopology({ layout: input.kind, pipe: input.pp, data: input.dp, tensor: input.tp });
      expect(worldSize(topology)).toBe(expected.world_size);
      for (const [rank, coordinates] of expected.coords.entries()) {
        expect(coordinatesOf(topology, rank)).toEqual(coordinates);
        expect(rankOf(topology, coordinates)).toBe(rank);
      }
      for (const axis of ["pipe", "data", "tensor"] as const) {
        expect(commLists(topology, axis)).toEqual(expected.comm[axis]);
        expect(expected.axis_list[axis].map((__, index) => axisList(topology, axis, index))).toEqual(
          expected.axis_list[axis],
        );
      }
      expect(filterRanks(topology, { pipe: 0, data: 0 })).toEqual(expected.filter_pipe0_data0);
      expect(expected.rank_repr.map((__, rank) => rankName(topology, rank, 32))).toEqual(expected.rank_repr);
    },
  );
});
