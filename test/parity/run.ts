// Runs every golden case of a folder through the public entries and compares with what was measured on the reference.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { allocationCase } from "./allocation-mode.ts";
import { type Answer, firstDifference, type Golden } from "./compare.ts";
import { coreCase } from "./core.ts";
import { experimentCase, type ModelConfigs } from "./experiment.ts";
import { CODES_BY_REASON, DELIBERATE } from "./reasons.ts";
import { topologyCase } from "./topology.ts";

const folder = process.argv[2];
if (folder === undefined || !existsSync(folder)) {
  console.error(folder === undefined ? "usage: npm run parity -- <folder>" : `no such folder: ${folder}`);
  process.exit(2);
}

const models = [folder, dirname(folder)].map((place) => join(place, "models.json")).find((file) => existsSync(file));
const configs = (models === undefined ? {} : JSON.parse(readFileSync(models, "utf8"))) as ModelConfigs;
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".jsonl"))
  .sort();
const cases = files.flatMap((file) =>
  readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Golden),
);

let passed = 0;
let failed = 0;
const differences: string[] = [];
for (const golden of cases) {
  const verdict = judge(golden);
  if (verdict === null) passed += 1;
  else if ("deliberate" in verdict) {
    passed += 1;
    differences.push(`${golden.name}: ${verdict.deliberate.join(", ")}`);
  } else {
    failed += 1;
    console.log(`FAILED ${golden.name}: ${verdict.problem}`);
  }
}
if (differences.length > 0) {
  console.log("Deliberate differences (the reference accepts these, Assay refuses them):");
  for (const line of differences) console.log(`  ${line}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

type Verdict = null | { readonly problem: string } | { readonly deliberate: readonly string[] };

function judge(golden: Golden): Verdict {
  let answer: Answer | null;
  try {
    answer = answerOf(golden);
  } catch (error) {
    return { problem: `threw ${error instanceof Error ? error.message : String(error)}` };
  }
  if (answer === null) return { problem: `kind \`${golden.kind}\` is not supported` };
  const { errors } = answer;
  const refused = (golden.expected as { readonly error?: { readonly reason: string } }).error;
  if (refused !== undefined) {
    const row = Object.hasOwn(CODES_BY_REASON, refused.reason) ? CODES_BY_REASON[refused.reason] : undefined;
    if (row === undefined) return { problem: `reason \`${refused.reason}\` has no row` };
    if (errors.length === 0) return { problem: `accepted, but the reference refuses it: ${refused.reason}` };
    const other = errors.filter((code) => !row.includes(code));
    return other.length === 0
      ? null
      : { problem: `${refused.reason} expected, found ${[...new Set(other)].join(", ")}` };
  }
  if (errors.length > 0) {
    const marked = DELIBERATE[golden.kind] ?? [];
    const unexpected = errors.filter((code) => !marked.includes(code));
    return unexpected.length === 0
      ? { deliberate: [...new Set(errors)] }
      : { problem: `refused: ${[...new Set(unexpected)].join(", ")}` };
  }
  const difference = firstDifference(golden.expected, answer.value);
  return difference === null ? null : { problem: difference };
}

function answerOf(golden: Golden): Answer | null {
  switch (golden.kind) {
    case "core":
      return coreCase(golden.input as never);
    case "topology":
      return topologyCase(golden.input as never);
    case "allocation-mode":
      return allocationCase(golden.input as never);
    case "experiment":
      return experimentCase(golden.input as never, configs);
    default:
      return null;
  }
}
