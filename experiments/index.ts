// Generated from the folders beside this file by `npm run gen`.
export * from "./clusters.ts";
export * from "./assay.gen.ts";
export * from "./sft/experiment.ts";
export * from "./sft-two-phases/experiment.ts";
