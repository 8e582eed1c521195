export { isProved, type Proof, proveExperiment, type ProveOptions } from "../dsl/prove.ts";
