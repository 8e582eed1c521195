import { defineConfig } from "assay";

/* example */
