import { atOption, type RelatedPlace } from "../diagnostics/finding.ts";
import type { LayoutInput, PlacedCall } from "./input.ts";

type Sizes = Pick<LayoutInput, "nNodes" | "gpusPerNode" | "cluster" | "sizedBy">;

/** Factors of messages that the sizes of a layout give: their own names, unless a message puts them together. */
export interface SizeFactors {
  readonly nNodes: readonly string[];
  readonly gpusPerNode: readonly string[];
}

const OWN_NAMES: SizeFactors = { nNodes: ["nNodes"], gpusPerNode: ["gpusPerNode"] };

/** Where the number of GPUs comes from: nodes and GPUs a node that are asked for, and the cluster that has them. */
export function gpuFactors(sizes: Sizes, names: SizeFactors = OWN_NAMES): readonly RelatedPlace[] {
  const ofCluster = (["nNodes", "gpusPerNode"] as const).filter((size) => sizes.sizedBy[size] === "cluster");
  return [
    ...askedFor(sizes, names),
    clusterFactor(
      sizes,
      ofCluster.flatMap((size) => names[size]),
    ),
  ];
}

/** The cluster, with what it has. @param gives factors of the message that are its */
export function clusterFactor({ cluster }: Pick<LayoutInput, "cluster">, gives: readonly string[]): RelatedPlace {
  const { name, nodes, gpusPerNode } = cluster;
  return {
    at: atOption("cluster"),
    message: `cluster \`${name}\` has ${nodes} ${nodes === 1 ? "node" : "nodes"} of ${gpusPerNode} GPUs`,
    gives: [...new Set(gives)],
  };
}

/** Options that take a part of the cluster only. */
export function askedFor(
  { nNodes, gpusPerNode, sizedBy }: Omit<Sizes, "cluster">,
  names: SizeFactors = OWN_NAMES,
): readonly RelatedPlace[] {
  const nodes = `${nNodes} ${nNodes === 1 ? "node is" : "nodes are"} asked for here`;
  const gpus = `${gpusPerNode} GPUs a node are asked for here`;
  return [
    ...(sizedBy.nNodes === "cluster" ? [] : [{ at: atOption("nNodes"), message: nodes, gives: names.nNodes }]),
    ...(sizedBy.gpusPerNode === "cluster"
      ? []
      : [{ at: atOption("nGpusPerNode"), message: gpus, gives: names.gpusPerNode }]),
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
  const gives = ["layout"];
  if (range !== null) return [{ at: atOption("allocationMode", range), message, gives }];
  const option = call.manual?.option ?? null;
  return option === null ? [] : [{ at: atOption(`${option}.parallel`), message, gives }];
}
