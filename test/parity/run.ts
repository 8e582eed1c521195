import { parity } from "./parity.ts";

const [, , folder = ""] = process.argv;
const verdicts = parity(folder);
if (verdicts.length === 0) console.error(`usage: npm run parity -- <folder>; no cases in "${folder}"`);
const failed = verdicts.filter(({ problem }) => problem);
const refused = verdicts.filter(({ deliberate }) => deliberate);
for (const { name, problem } of failed) console.log(`FAILED ${name}: ${problem}`);
if (refused.length > 0) console.log("Deliberate differences (the reference accepts these, Assay refuses them):");
for (const { name, deliberate } of refused) console.log(`  ${name}: ${deliberate}`);
console.log(`${verdicts.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = verdicts.length === 0 ? 2 : Math.min(failed.length, 1);
