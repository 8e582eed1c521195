export type { HookOptions } from "./hooks.ts";
export { isProved, type Proof, proveExperiment, type ProveOptions, type SampleText } from "./prove.ts";
