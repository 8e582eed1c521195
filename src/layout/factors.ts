import { atOption, type RelatedPlace } from "../diagnostics/finding.ts";
import type { LayoutInput, PlacedCall } from "./input.ts";

/** Where the number of GPUs comes from: nodes and GPUs a node that are asked for, and the cluster that has them. */
export function gpuFactors({ nNodes, gpusPerNode, cluster }: LayoutInput): readonly RelatedPlace[] {
  return [...askedFor(nNodes, gpusPerNode), clusterFactor({ cluster })];
}

/** The cluster, with what it has. */
export function clusterFactor({ cluster }: Pick<LayoutInput, "cluster">): RelatedPlace {
  const { name, nodes, gpusPerNode } = cluster;
  return {
    at: atOption("cluster"),
    message: `cluster \`${name}\` has ${nodes} ${nodes === 1 ? "node" : "nodes"} of ${gpusPerNode} GPUs`,
  };
}

/** Options that take a part of the cluster only. */
export function askedFor(nNodes: number, gpusPerNode: number): readonly RelatedPlace[] {
  return [
    { at: atOption("nNodes"), message: `${nNodes} ${nNodes === 1 ? "node is" : "nodes are"} asked for here` },
    { at: atOption("nGpusPerNode"), message: `${gpusPerNode} GPUs a node are asked for here` },
  ];
}

/** Where the degrees of a placed call come from. */
export function degreeFactor({
  call,
  sizes,
  range,
}: Pick<PlacedCall, "call" | "sizes" | "range">): readonly RelatedPlace[] {
  const { data, pipe, tensor } = sizes;
  const message = `dp ${data}, pp ${pipe}, tp ${tensor} of \`${call.name}\` come from here`;
  if (range !== null) return [{ at: atOption("allocationMode", range), message }];
  const option = call.manual?.option ?? null;
  return option === null ? [] : [{ at: atOption(`${option}.parallel`), message }];
}
