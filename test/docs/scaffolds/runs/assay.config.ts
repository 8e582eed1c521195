import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  runtimes: {
    absent: { command: ["no-such-program"], resources: "none" },
    failing: { command: ["bash", "-c", "echo 'no such file: train.jsonl'; exit 2"], resources: "none" },
    waiting: { command: ["sleep", "600"], resources: "none" },
  },
});
