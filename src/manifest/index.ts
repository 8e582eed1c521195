export { AssayError } from "../diagnostics/assay-error.ts";
export type { Bindings } from "./bindings.ts";
export { checkManifest } from "./check.ts";
export { type Manifest, MANIFEST_VERSION } from "./format.ts";
export { readManifest } from "./read.ts";
export { type ShardHolder, shardHolders } from "./shard-holders.ts";
export {
  resolveWorkerConfig,
  resolveWorkerConfigs,
  type SetupOption,
  workerCount,
  type WorkerSource,
} from "./worker-config.ts";
