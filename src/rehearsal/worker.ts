// Program of a worker of a rehearsal: `node worker.js --manifest FILE --type KIND --index NUMBER`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readManifest } from "../manifest/read.ts";
import { resolveWorkerConfig, workerCount } from "../manifest/worker-config.ts";
import { WORKER_TYPE_NAMES, type WorkerKind } from "../spec/worker.ts";
import { bindingsFrom } from "./bindings.ts";

const { values } = parseArgs({
  options: { manifest: { type: "string" }, type: { type: "string" }, index: { type: "string" } },
});
const { manifest: file = "", type = "", index = "" } = values;

const bytes = readFileSync(file);
const hash = createHash("sha256").update(bytes).digest("hex");
const expected = process.env["ASSAY_MANIFEST_SHA256"];
if (expected !== undefined && expected !== hash) {
  throw new Error(`the manifest ${file} is not the one that was proved: its hash is ${hash}, not ${expected}`);
}
if (!Object.hasOwn(WORKER_TYPE_NAMES, type)) throw new Error(`there is no kind of worker \`${type}\``);
const kind = type as WorkerKind;
const manifest = readManifest(bytes.toString("utf8"));
const config = resolveWorkerConfig(manifest, kind, Number(index), bindingsFrom(process.env));
const count = workerCount(manifest, kind);
const fields = Object.keys(config).length;
process.stdout.write(`${kind} ${index} of ${count}: its own config has ${fields} fields\n`);
