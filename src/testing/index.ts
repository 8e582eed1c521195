export type { HookOptions } from "./hooks.ts";
export { isProved, type Proof, proveExperiment, type ProveOptions } from "./prove.ts";
