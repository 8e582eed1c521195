import { clusterSpec, defineConfig } from "assay";

export default defineConfig({ clusters: [clusterSpec({ name: "h100x8", nodes: 1 })] });
