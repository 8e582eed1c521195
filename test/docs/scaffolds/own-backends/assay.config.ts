import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8, gpuType: "h100" })],
  plugins: ["./plugins/lab.ts"],
});
