import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence } from "../diagnostics/sentence.ts";

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
      sentence`a mesh of ${factor("all", `${gpus} GPUs`)} from GPU ${factor("generation", first)} on must consist of whole nodes of ${factor("gpusPerNode", gpusPerNode)}`,
    help: () => "take a number of GPUs that is less than a node, or that fills nodes",
  },
  values: {
    severity: "error",
    message: ({ found }: { found: number }) => sentence`a mesh holds 0 and 1 only, found ${factor("found", found)}`,
    help: () => "write 1 for a GPU that belongs to the mesh, and 0 for one that does not",
  },
  shape: {
    severity: "error",
    message: ({ expected, found }: { expected: string; found: string }) =>
      sentence`a mesh has ${expected}, found ${factor("found", found)}`,
    help: () => "give each node a row, and each of its GPUs an entry",
  },
  "gpus-not-power-of-two": {
    severity: "error",
    message: ({ gpusPerNode }: { gpusPerNode: number }) =>
      sentence`GPUs per node must be a power of two, found ${factor("gpusPerNode", gpusPerNode)}`,
  },
  "split-size": {
    severity: "error",
    message: ({ size, gpus }: { size: number; gpus: number }) =>
      sentence`${factor("generation", `${size} GPUs`)} can't be split off a mesh of ${factor("all", gpus)}: both parts need at least one`,
    help: ({ gpus }) => (gpus > 1 ? `split off 1 to ${gpus - 1} GPUs` : "take a larger mesh"),
  },
  "gpu-id": {
    severity: "error",
    message: ({ found, gpusPerNode }: { found: string; gpusPerNode: number }) =>
      sentence`${found === "" ? "nothing" : `\`${found}\``} is no number of a GPU: a node's are 0 to ${factor("gpusPerNode", gpusPerNode - 1)}`,
    help: ({ gpusPerNode }) => `write numbers from 0 to ${gpusPerNode - 1}, separated by commas`,
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
    help: ({ prefix }) => `write a name that starts with \`${prefix}\`, or set \`nodeNamePrefix\` of the cluster`,
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
    help: () => "name a node of the list, or add this one to `nodelist`",
  },
  "no-nodes": {
    severity: "error",
    message: ({ prefix }: { prefix: string }) => `a list of nodes \`${prefix}...\` needs at least one node, found none`,
    help: ({ prefix }) => `list a node, e.g. \`${prefix}[01-04]\``,
  },
  "whole-nodes": {
    severity: "error",
    message: ({ what, gpus, gpusPerNode }: { what: string; gpus: number; gpusPerNode: number }) =>
      sentence`${what} of ${factor("gpus", `${gpus} GPUs`)} must divide a node of ${gpusPerNode}, or take whole nodes`,
    help: ({ gpus, gpusPerNode }) => `take ${sizesThatFit(gpus, gpusPerNode).join(" or ")} GPUs`,
  },
  "node-outside-partition": {
    severity: "warning",
    message: ({ node }: { node: string }) => `node \`${node}\` is not in the partition: it is left out`,
    help: () => "name nodes of the partition only",
  },
  "outside-nodes": {
    severity: "error",
    message: ({ name, nNodes }: { name: string; nNodes: number }) =>
      sentence`\`${name}\` reaches beyond the first ${factor("nNodes", `${nNodes} nodes`)} of the node list, which are those in use`,
    help: () => "name nodes among those, or use more nodes (`nNodes`)",
  },
  "list-too-short": {
    severity: "error",
    message: ({ nodelist, found, nNodes }: { nodelist: string; found: number; nNodes: number }) =>
      sentence`node list \`${nodelist}\` has ${factor("nodelist", `${found} ${found === 1 ? "node" : "nodes"}`)}, ${factor("nNodes", nNodes)} are in use`,
    help: ({ found, nNodes }) => `list ${nNodes} nodes, or use at most ${found} (\`nNodes\`)`,
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
    }) =>
      sentence`the layout of call \`${call}\` takes ${factor("layout", `${data} x ${pipe} x ${tensor}`)} = ${product} GPUs, its mesh has ${factor("gpus", gpus)}`,
  },
  "list-without-brackets": {
    severity: "warning",
    message: ({ nodelist }: { nodelist: string }) =>
      `\`${nodelist}\` has no brackets: it is read as the name of one node`,
    help: () => "write several nodes in brackets, e.g. `slurmd-[01,02]`",
  },
});

/** Sizes nearest to `gpus`, the smaller and the larger one, that divide a node or fill nodes. */
function sizesThatFit(gpus: number, gpusPerNode: number): readonly number[] {
  const fits = (size: number) => gpusPerNode % size === 0 || size % gpusPerNode === 0;
  const within = Math.min(
    Math.max(Math.floor(gpus) || 1, 1),
    gpusPerNode * Math.ceil(Math.max(gpus, 1) / gpusPerNode || 1),
  );
  const found: number[] = [];
  for (let smaller = within; smaller >= 1 && found.length === 0; smaller -= 1)
    if (smaller < gpus && fits(smaller)) found.push(smaller);
  let larger = Math.max(within, 1);
  while (!(larger > gpus && fits(larger)) && larger <= within + gpusPerNode) larger += 1;
  return [...found, larger];
}
