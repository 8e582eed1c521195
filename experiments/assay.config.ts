import { defineConfig } from "assay";
import { h800x256 } from "./clusters.ts";

export default defineConfig({
  experiments: ["experiments/*/*.ts"],
  clusters: [h800x256],
  models: {
    "${cluster.fileroot}/checkpoints/${user}/${experiment}/${trial}/warm-up": "qwen2.5-1.5b",
  },
  gen: "experiments/assay.gen.ts",
});
