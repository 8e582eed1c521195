export { isProved, type Proof, proveExperiment, type ProveOptions } from "./prove.ts";
