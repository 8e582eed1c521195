import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence } from "../diagnostics/sentence.ts";
import { namesInTicks } from "./diagnostics.ts";

const nodesText = (nodes: number) => `${nodes} ${nodes === 1 ? "node" : "nodes"}`;

/** Codes of allocation strings, and of layouts made from them. */
export const allocationDiagnostics = defineDiagnostics("allocation", {
  syntax: {
    severity: "error",
    message: ({ text, problem }: { text: string; problem: string }) =>
      `allocation string \`${text}\` can't be read: ${problem}`,
    help: () =>
      "write `d4p1m2`, `call:d4p1m2,*:d8p1m1`, `sglang.d4p1m1+d4p1m2`, `manual` or `heuristic`; d is data, p pipeline, m tensor",
  },
  "zero-degree": {
    severity: "error",
    message: ({ axis }: { axis: string }) =>
      sentence`the ${axis} degree is ${factor("degree", 0)}; it must be at least 1`,
    help: () => "write 1 where an axis is not split",
  },
  "repeated-name": {
    severity: "error",
    message: ({ name }: { name: string }) => `\`${name}\` has two layouts in one allocation string`,
    help: () => "keep one of them",
  },
  "unused-name": {
    severity: "warning",
    message: ({ name, calls }: { name: string; calls: readonly string[] }) =>
      `no call is named \`${name}\`: its layout is ignored; calls are ${namesInTicks(calls)}`,
  },
  "no-layout-for-call": {
    severity: "error",
    message: ({ call, mode }: { call: string; mode: string }) =>
      `allocation \`${mode}\` has no layout for call \`${call}\``,
    help: ({ call }) => `add \`${call}:...\` or \`*:...\``,
  },
  "gpu-product": {
    severity: "error",
    message: ({
      call,
      data,
      pipe,
      tensor,
      product,
      nNodes,
      gpusPerNode,
      gpus,
      engine,
    }: {
      call: string;
      data: number;
      pipe: number;
      tensor: number;
      product: number;
      nNodes: number;
      gpusPerNode: number;
      gpus: number;
      engine: number;
    }) =>
      sentence`the layout of call \`${call}\` takes ${factor("layout", `${data} x ${pipe} x ${tensor}`)} = ${product} GPUs${engine > 0 ? `, generation ${engine}` : ""}, but ${factor("nNodes", nodesText(nNodes))} x ${factor("gpusPerNode", gpusPerNode)} = ${gpus} are there`,
    help: ({ gpus, engine }) => `make the product ${gpus - engine}`,
  },
  "generate-size": {
    severity: "error",
    message: ({ gpus, gpusPerNode, all }: { gpus: number; gpusPerNode: number; all: number }) =>
      sentence`generation takes ${factor("generation", `${gpus} GPUs`)} of ${factor("all", all)}: it must leave some, and be less than a node of ${factor("gpusPerNode", gpusPerNode)} or whole nodes`,
  },
  "generate-pipeline": {
    severity: "error",
    message: ({ pipe }: { pipe: number }) => `generation runs without pipeline stages, found p${pipe}`,
    help: () => "write `p1` in the engine's part",
  },
  "no-generate-call": {
    severity: "error",
    message: ({ engine }: { engine: string }) => `the allocation gives GPUs to ${engine}, but no call generates`,
    help: () => "leave out the engine's part",
  },
  "two-generate-calls": {
    severity: "error",
    message: ({ calls }: { calls: readonly string[] }) =>
      `calls ${namesInTicks(calls)} generate; an engine apart serves one call only`,
    help: () => "leave out the engine's part, or let one call generate",
  },
  "no-heuristic": {
    severity: "error",
    message: ({ mode }: { mode: string }) =>
      `allocation \`${mode}\`: this experiment has no rule that lays its calls out`,
    help: () => "give a layout, e.g. `d8p1m1`",
  },
  "heuristic-gpus": {
    severity: "error",
    message: ({ gpusPerNode, wanted }: { gpusPerNode: number; wanted: number }) =>
      sentence`a heuristic layout needs nodes of ${wanted} GPUs, found ${factor("gpusPerNode", gpusPerNode)}`,
    help: () => "give a layout, e.g. `d4p1m1`",
  },
  "async-needs-decoupled": {
    severity: "error",
    message: ({ mode }: { mode: string; engine: string }) =>
      `allocation \`${mode}\` gives generation no GPUs of its own, but this experiment generates on servers beside training`,
    help: ({ engine }) => `write the servers' part first, e.g. \`${engine}.d4p1m1+d4p1m1\``,
  },
  "engine-ignored": {
    severity: "warning",
    message: ({ named, engine }: { named: string; engine: string }) =>
      `the allocation names ${named}, but the servers of this experiment run ${engine}`,
    help: ({ engine }) => `write \`${engine}.\``,
  },
  "nodelist-required": {
    severity: "error",
    message: ({ mode }: { mode: string }) => `allocation \`${mode}\` needs option \`nodelist\``,
    help: () => "set `nodelist`, e.g. to `slurmd-[01-04]`, or give a layout such as `d8p1m1`",
  },
  "mock-engine-unsupported": {
    severity: "error",
    message: ({ engine }: { engine: string }) => `engine \`${engine}\` has no backend that could hold shards`,
    help: () => "use `sglang` or `vllm`",
  },
  "sglang-hybrid": {
    severity: "error",
    message: ({ role, engine }: { role: string; engine: string }) =>
      `role \`${role}\`: ${engine} can't generate on the GPUs that train`,
    help: ({ engine }) => `switch \`${engine}.hybridTrain\` off, or give the engine GPUs of its own`,
  },
  "too-many-nodes": {
    severity: "error",
    message: ({ nNodes, cluster, nodes }: { nNodes: number; cluster: string; nodes: number }) =>
      sentence`${factor("nNodes", `${nNodes} nodes`)} are asked for, cluster \`${cluster}\` has ${factor("nodes", nodes)}`,
    help: ({ nodes }) => `ask for at most ${nodes}, or name a larger cluster`,
  },
  "too-many-gpus-per-node": {
    severity: "error",
    message: ({ nGpusPerNode, cluster, gpusPerNode }: { nGpusPerNode: number; cluster: string; gpusPerNode: number }) =>
      sentence`${factor("nGpusPerNode", `${nGpusPerNode} GPUs a node`)} are asked for, cluster \`${cluster}\` has ${factor("gpusPerNode", gpusPerNode)}`,
    help: ({ gpusPerNode }) => `ask for at most ${gpusPerNode}`,
  },
  "partial-nodes": {
    severity: "error",
    message: ({ nNodes, nGpusPerNode, gpusPerNode }: { nNodes: number; nGpusPerNode: number; gpusPerNode: number }) =>
      sentence`${factor("nGpusPerNode", nGpusPerNode)} of ${factor("gpusPerNode", `${gpusPerNode} GPUs`)} on each of ${factor("nNodes", `${nNodes} nodes`)}: more than one node must be used whole`,
    help: ({ gpusPerNode }) => `take all ${gpusPerNode} GPUs of each node, or one node only`,
  },
  "local-multi-node": {
    severity: "error",
    message: ({ nNodes }: { nNodes: number }) =>
      sentence`a local run has one node, ${factor("nNodes", nNodes)} are asked for`,
    help: () => "ask for one node (`nNodes`), or run in another `mode`",
  },
  backend: {
    severity: "error",
    message: ({ role, backend }: { role: string; backend: string }) =>
      `role \`${role}\` trains on backend \`${backend}\`, which no plugin brings`,
    help: () => "name a backend that a loaded plugin brings, or import the plugin that brings this one",
  },
  "batch-too-small": {
    severity: "error",
    message: ({
      calls,
      call,
      nSeqs,
      least,
      factor: passes,
      data,
      pipe,
      minNSeqsPerPass,
      nMbs,
    }: {
      calls: readonly string[];
      call: string;
      nSeqs: number;
      least: number;
      factor: number;
      data: number;
      pipe: number;
      minNSeqsPerPass: number;
      nMbs: number;
    }) =>
      sentence`${calls.length === 1 ? `call \`${call}\` takes` : `calls ${namesInTicks(calls)} take`} ${factor("nSeqs", `${nSeqs} sequences`)}, ${calls.length === 1 ? "its layout" : `the layout of \`${call}\``} needs ${passes === 2 ? "2 x " : ""}${factor("layout", `dp ${data} x pp ${pipe}`)} x ${factor("minNSeqsPerPass", `${minNSeqsPerPass} per pass`)} x ${factor("nMbs", `${nMbs} micro-batches`)} = ${least}`,
    help: ({ nSeqs, least, factor, data, pipe, minNSeqsPerPass, nMbs }) => {
      const largest = Math.min(Math.floor(nSeqs / (factor * pipe * minNSeqsPerPass * nMbs)), data - 1);
      const fewer = largest >= 1 ? `, or lower dp to at most ${largest}` : "";
      return `take at least ${Math.ceil(least)} sequences${fewer}`;
    },
  },
});
