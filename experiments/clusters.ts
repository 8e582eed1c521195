import { clusterSpec, registerCluster } from "assay";
import { CHECKPOINTS } from "./checkpoints.ts";

/** 32 nodes of 8 GPUs with 80 GB each. */
export const h800x256 = registerCluster(
  clusterSpec({
    name: "h800x256",
    type: "slurm",
    fileroot: "/storage/ray/experiments",
    gpuType: "h800",
    gpuMemMiB: 81_920,
    mount: "/storage:/storage",
    nodeNamePrefix: "slurmd-",
    nodes: 32,
    gpusPerNode: 8,
    cpusPerNode: 128,
    memMiBPerNode: 1_048_576,
    models: CHECKPOINTS,
  }),
);
