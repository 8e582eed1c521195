import { parity } from "./parity.ts";

if (process.argv[2] === undefined) throw new Error("usage: npm run parity -- <folder>");
const verdicts = parity(process.argv[2]);
const failed = verdicts.filter(({ problem }) => problem);
const refused = verdicts.filter(({ deliberate }) => deliberate);
for (const { name, problem } of failed) console.log(`FAILED ${name}: ${problem}`);
if (refused.length > 0) console.log("Deliberate differences (the reference accepts these, Assay refuses them):");
for (const { name, deliberate } of refused) console.log(`  ${name}: ${deliberate}`);
console.log(`${verdicts.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
