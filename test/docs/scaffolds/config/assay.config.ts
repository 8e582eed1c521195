import { clusterSpec, defineConfig } from "assay";

/* example */
