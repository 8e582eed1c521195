import { clusterSpec, defineConfig } from "assay";

/** The first one serves presets that name none. */
export default defineConfig({
  clusters: [
    clusterSpec({ name: "slurmd", nodes: 32 }),
    clusterSpec({ name: "h100x8", nodes: 1 }),
    clusterSpec({ name: "h100x16", nodes: 2 }),
    clusterSpec({ name: "h100x24", nodes: 3 }),
    clusterSpec({ name: "small-node", nodes: 1, cpusPerNode: 64, memMiBPerNode: 524_288 }),
    clusterSpec({ name: "local-folders", nodes: 2, fileroot: "/tmp/assay" }),
    clusterSpec({ name: "h100x4", nodes: 1, gpusPerNode: 4 }),
    clusterSpec({ name: "a100x8", nodes: 1, gpuType: "a100-80g" }),
  ],
  models: { "/models/math-1.5b": "qwen2.5-1.5b" },
  inputs: ["models/*/config.json"],
});
