import { columnLength, runsOf } from "../../../src/spec/column.ts";
import type { Manifest } from "../../../src/manifest/format.ts";
import type { SpansFile } from "../../../src/origin/spans-file.ts";
import { counted } from "./markdown.ts";

/** The GPUs of an experiment that an allocation string lays out: nodes, and where model workers begin. */
export interface GpuGrid {
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** GPUs in front of the first model worker: those of generation servers. */
  readonly before: number;
}

/** The grid of a build; `null` if its options don't tell. */
export function gridOf({
  manifest,
  spans,
}: {
  readonly manifest: Manifest;
  readonly spans: SpansFile;
}): GpuGrid | null {
  const { cluster } = manifest.authored;
  const size = (path: string, otherwise: number): number | null => {
    const value = spans.options.find((option) => option.path === path)?.value;
    if (value === null) return otherwise;
    return typeof value === "number" && value >= 1 ? value : null;
  };
  // Who sets none takes all of the cluster.
  const nodes = size("nNodes", cluster.nodes);
  const gpusPerNode = size("nGpusPerNode", cluster.gpusPerNode);
  const workers = manifest.resolved.setups[0]?.counts.modelWorker ?? 0;
  if (nodes === null || gpusPerNode === null || workers > nodes * gpusPerNode) return null;
  return { nodes, gpusPerNode, before: nodes * gpusPerNode - workers };
}

/** Where model workers are, in words: `nodes 9-16 (of 16)`, or `node 1 (of 1), GPUs 5-8 of 8`. */
export function workersText(grid: GpuGrid, column: string): string {
  const runs = [...runsOf(column)].sort(([a], [b]) => a - b);
  return placeText(
    grid,
    runs.map(([first, last]) => [first + grid.before, last + grid.before]),
    columnLength(column),
  );
}

/** Where the first GPUs are, which generation servers have. */
export function firstGpusText(grid: GpuGrid, count: number): string {
  return placeText(grid, [[0, count - 1]], count);
}

/** @param runs of GPUs, ascending. */
function placeText(
  { nodes, gpusPerNode }: GpuGrid,
  runs: readonly (readonly [first: number, last: number])[],
  count: number,
): string {
  const stretches: [number, number][] = [];
  for (const [first, last] of runs) {
    const [from, to] = [Math.floor(first / gpusPerNode) + 1, Math.floor(last / gpusPerNode) + 1];
    const open = stretches.at(-1);
    if (open !== undefined && from <= open[1] + 1) open[1] = Math.max(open[1], to);
    else stretches.push([from, to]);
  }
  const names = stretches.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
  const one = stretches.length === 1 && stretches[0]?.[0] === stretches[0]?.[1];
  const [run] = runs;
  if (one && run !== undefined && runs.length === 1 && count < gpusPerNode) {
    const [first, last] = [(run[0] % gpusPerNode) + 1, (run[1] % gpusPerNode) + 1];
    const gpus = first === last ? `GPU ${first}` : `GPUs ${first}-${last}`;
    return `node ${names} (of ${nodes}), ${gpus} of ${gpusPerNode}`;
  }
  return `${one ? "node" : "nodes"} ${names} (of ${nodes})`;
}

/** `d32 p2 m1 = 64 GPUs`. */
export function sizesText({ data, pipe, tensor }: { data: number; pipe: number; tensor: number }): string {
  return `d${data} p${pipe} m${tensor} = ${counted(data * pipe * tensor, "GPU")}`;
}
