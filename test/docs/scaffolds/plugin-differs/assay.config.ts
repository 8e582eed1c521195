import { defineConfig } from "assay";

export default defineConfig({ plugins: ["assay-dataset-chat"] });
