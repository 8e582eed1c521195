import { clusterSpec, defineConfig } from "assay";

const checkpoints = { models: { "/models/actor": "qwen2.5-1.5b" } };

export default defineConfig({
  clusters: [
    clusterSpec({ name: "slurmd", nodes: 32, ...checkpoints }),
    clusterSpec({ name: "h100x8", nodes: 1, ...checkpoints }),
    clusterSpec({ name: "h100x16", nodes: 2, ...checkpoints }),
    clusterSpec({ name: "h100x24", nodes: 3, ...checkpoints }),
    clusterSpec({ name: "h100x4", nodes: 1, gpusPerNode: 4, ...checkpoints }),
  ],
});
