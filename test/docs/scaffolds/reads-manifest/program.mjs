import { readFileSync } from "node:fs";
import { readManifest, resolveWorkerConfig, workerCount } from "assay/manifest";

const bindings = { trial: "t1", user: "ada", env: { SPLIT: "train" } };
const manifest = readManifest(readFileSync(".assay/my-run.one-node.manifest.json", "utf8"));

/* example */
