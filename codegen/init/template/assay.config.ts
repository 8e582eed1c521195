import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  // Where experiments run. A preset names a cluster; without a name, the first one is meant.
  clusters: [
    clusterSpec({
      name: "my-cluster",
      // Nodes, and what each of them has.
      nodes: 2,
      gpusPerNode: 8,
      gpuType: "h100",
      gpuMemMiB: 81_920,
      // Names of nodes: `gpu-01`, `gpu-02`.
      nodeNamePrefix: "gpu-",
      // A folder that all nodes see: logs and checkpoints go there.
      fileroot: "/storage/assay",
    }),
  ],
  // Checkpoints of your own, and the models that they have the shape of.
  models: {
    "/storage/models/my-checkpoint": "qwen2.5-1.5b",
  },
  // Packages that bring datasets, models or interfaces besides Assay's own.
  plugins: [],
});
