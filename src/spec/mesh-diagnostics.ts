import { defineDiagnostics } from "../diagnostics/define.ts";

/** Codes of device meshes, their names, and node lists. */
export const meshDiagnostics = defineDiagnostics("mesh", {
  "not-contiguous": {
    severity: "error",
    message: ({ name, gpus }: { name: string; gpus: number }) =>
      gpus === 0 ? `${name} has no GPU` : `the ${gpus} GPUs of ${name} are not one run without a gap`,
    help: () => "name neighbouring nodes, or neighbouring GPUs of one node",
  },
  "partial-nodes": {
    severity: "error",
    message: ({ gpus, first, gpusPerNode }: { gpus: number; first: number; gpusPerNode: number }) =>
      `a mesh of ${gpus} GPUs from GPU ${first} on must consist of whole nodes of ${gpusPerNode}`,
  },
  values: {
    severity: "error",
    message: ({ found }: { found: number }) => `a mesh holds 0 and 1 only, found ${found}`,
  },
  shape: {
    severity: "error",
    message: ({ expected, found }: { expected: string; found: string }) => `a mesh has ${expected}, found ${found}`,
  },
  "gpus-not-power-of-two": {
    severity: "error",
    message: ({ gpusPerNode }: { gpusPerNode: number }) => `GPUs per node must be a power of two, found ${gpusPerNode}`,
  },
  "split-size": {
    severity: "error",
    message: ({ size, gpus }: { size: number; gpus: number }) =>
      `${size} GPUs can't be split off a mesh of ${gpus}: both parts need at least one`,
  },
  "gpu-id": {
    severity: "error",
    message: ({ found, gpusPerNode }: { found: string; gpusPerNode: number }) =>
      `${found === "" ? "nothing" : `\`${found}\``} is no number of a GPU: a node's are 0 to ${gpusPerNode - 1}`,
  },
  "gpus-of-many-nodes": {
    severity: "error",
    message: ({ name }: { name: string }) => `\`${name}\` lists GPUs of more than one node`,
    help: () => "list GPUs of one node, or name whole nodes",
  },
  "node-prefix": {
    severity: "error",
    message: ({ text, prefix }: { text: string; prefix: string }) =>
      `\`${text}\` does not start with the cluster's node prefix \`${prefix}\``,
  },
  "node-number": {
    severity: "error",
    message: ({ found }: { found: string }) =>
      `${found === "" ? "nothing" : `\`${found}\``} is no number of a node and no range of at most 65,536`,
    help: () => "write numbers and ranges in brackets, e.g. `slurmd-[01-04,07]`",
  },
  "node-not-in-list": {
    severity: "error",
    message: ({ node, nodelist }: { node: string; nodelist: string }) =>
      `node \`${node}\` is not in the node list \`${nodelist}\``,
  },
  "no-nodes": {
    severity: "error",
    message: ({ prefix }: { prefix: string }) => `a list of nodes \`${prefix}...\` needs at least one node, found none`,
  },
  "whole-nodes": {
    severity: "error",
    message: ({ what, gpus, gpusPerNode }: { what: string; gpus: number; gpusPerNode: number }) =>
      `${what} of ${gpus} GPUs must divide a node of ${gpusPerNode}, or take whole nodes`,
  },
  "node-outside-partition": {
    severity: "warning",
    message: ({ node }: { node: string }) => `node \`${node}\` is not in the partition: it is left out`,
  },
  "outside-nodes": {
    severity: "error",
    message: ({ name, nNodes }: { name: string; nNodes: number }) =>
      `\`${name}\` reaches beyond the first ${nNodes} nodes of the node list, which are those in use`,
  },
  "list-too-short": {
    severity: "error",
    message: ({ nodelist, found, nNodes }: { nodelist: string; found: number; nNodes: number }) =>
      `node list \`${nodelist}\` has ${found} nodes, ${nNodes} are in use`,
  },
  product: {
    severity: "error",
    message: ({
      call,
      data,
      pipe,
      tensor,
      product,
      gpus,
    }: {
      call: string;
      data: number;
      pipe: number;
      tensor: number;
      product: number;
      gpus: number;
    }) => `the layout of call \`${call}\` takes ${data} x ${pipe} x ${tensor} = ${product} GPUs, its mesh has ${gpus}`,
  },
  "list-without-brackets": {
    severity: "warning",
    message: ({ nodelist }: { nodelist: string }) =>
      `\`${nodelist}\` has no brackets: it is read as the name of one node`,
    help: () => "write several nodes in brackets, e.g. `slurmd-[01,02]`",
  },
});
