import { existsSync } from "node:fs";
import { parity } from "./parity.ts";

const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  console.error(folder === undefined ? "usage: npm run parity -- <folder>" : `no such folder: ${folder}`);
  process.exit(2);
}
const { passed, failed, deliberate } = parity(folder);
for (const { name, problem } of failed) console.log(`FAILED ${name}: ${problem}`);
if (deliberate.length > 0) console.log("Deliberate differences (the reference accepts these, Assay refuses them):");
for (const { name, codes, why } of deliberate) console.log(`  ${name}: ${codes.join(", ")}: ${why}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
