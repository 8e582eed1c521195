import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  plugins: ["./rules/assay-plugin.json"],
  rules: [{ type: "gpus", args: { most: 8 } }],
  limits: { timeoutMs: 2000 },
});
