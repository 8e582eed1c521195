import { numbersOf } from "../spec/column.ts";
import { coordinatesOf } from "../spec/topology.ts";
import type { ResolvedSetup } from "./format.ts";

/** One shard of a model, and the model worker that holds it. */
export interface ShardHolder {
  /** Text form of the model's name, `role@replica`. */
  readonly model: string;
  readonly dpRank: number;
  readonly tpRank: number;
  readonly ppRank: number;
  /** Index of the model worker. */
  readonly worker: number;
}

/**
 * Who holds each shard of a setup: its `msid2mwid` written out, model by model, then by data, tensor and pipeline rank. As many
 * entries as all models have ranks.
 */
export function shardHolders({ modelTopos, msid2mwid }: ResolvedSetup): readonly ShardHolder[] {
  return Object.entries(msid2mwid).flatMap(([model, workers]) => {
    const topo = modelTopos[model];
    if (topo === undefined) return [];
    const holders = [...numbersOf(workers)].map((worker, rank) => {
      const { data, tensor, pipe } = coordinatesOf(topo, rank);
      return { model, dpRank: data, tpRank: tensor, ppRank: pipe, worker };
    });
    return holders.sort((a, b) => a.dpRank - b.dpRank || a.tpRank - b.tpRank || a.ppRank - b.ppRank);
  });
}
