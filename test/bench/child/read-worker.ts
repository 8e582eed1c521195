// Reads one worker's configuration from a manifest file, and prints what that took.
import { readFileSync } from "node:fs";
import { readManifest, resolveWorkerConfig } from "assay/manifest";
import { timed, timedMany } from "../measure.ts";

/** What is printed. */
export interface Answer {
  readonly loadMs: number;
  readonly firstMs: number;
  readonly warmMs: number;
}

const start = performance.now();
const manifest = readManifest(readFileSync(process.argv[2] as string, "utf8"));
const loadMs = performance.now() - start;
const bindings = { trial: "t", user: "u" };
const read = (index: number) => resolveWorkerConfig(manifest, "modelWorker", index, bindings);
const firstMs = timed(() => read(12_345));
let index = 0;
const warmMs = timedMany(50, () => read((index += 97)));
console.log(JSON.stringify({ loadMs, firstMs, warmMs } satisfies Answer));
