import { preset } from "assay";
import "assay/experiments";

preset("ppo-math", "my-run", {
  cluster: "one",
  nGpusPerNode: 2,
  allocationMode: "d2p1m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  /* example */
  ppo: { klCtl: 0, disableValue: true, ppoNMinibatches: 1 },
});
