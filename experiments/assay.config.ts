import { defineConfig } from "assay";
import { h800x256 } from "./clusters.ts";

export default defineConfig({
  experiments: ["experiments/*/*.ts"],
  clusters: [h800x256],
  gen: "experiments/assay.gen.ts",
});
