import { clusterSpecFromJson, defineConfig, readInput } from "assay";

export default defineConfig({
  clusters: [clusterSpecFromJson(readInput("cluster.json"), "cluster.json")],
  inputs: ["cluster.json"],
});
