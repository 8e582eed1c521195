export { AssayError } from "../diagnostics/assay-error.ts";
export type { Bindings } from "./bindings.ts";
export { MANIFEST_VERSION, type Manifest } from "./format.ts";
export { resolveWorkerConfig, workerCount, type WorkerSource } from "./worker-config.ts";
