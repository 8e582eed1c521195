import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { allocationCase, geometryCase, meshCase, topologyCase } from "./cases.ts";
import { type Answer, firstDifference, type Golden } from "./compare.ts";
import { coreCase, experimentCase } from "./experiments.ts";
import { CODES_BY_REASON, DELIBERATE } from "./reasons.ts";

/** What became of a folder's cases. */
export interface Report {
  readonly passed: number;
  /** Name and first difference of each. */
  readonly failed: readonly { readonly name: string; readonly problem: string }[];
  /** Cases that Assay refuses on purpose; they count as passed. */
  readonly deliberate: readonly { readonly name: string; readonly codes: readonly string[]; readonly why: string }[];
}

type Configs = Parameters<typeof experimentCase>[1];
type Verdict = null | { readonly problem: string } | { readonly codes: readonly string[]; readonly why: string };

const KINDS: Readonly<Record<string, (input: never, configs: Configs) => Answer>> = {
  core: coreCase,
  topology: topologyCase,
  "allocation-mode": allocationCase,
  "device-mesh": meshCase,
  "slurm-nodelist": meshCase,
  "slurm-geometry": geometryCase,
  experiment: experimentCase,
};

/** What stands in place of a result that the reference refuses. */
interface Refusal {
  readonly error?: { readonly reason: string };
}

/** Runs every case of a folder through the public entries and compares with what was measured on the reference. */
export function parity(folder: string): Report {
  const models = [folder, dirname(folder)].map((place) => join(place, "models.json")).find((file) => existsSync(file));
  const configs = (models === undefined ? {} : JSON.parse(readFileSync(models, "utf8"))) as Configs;
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  const lines = files.sort().flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
  const cases = lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as Golden);
  const verdicts = cases.map((golden) => ({ name: golden.name, verdict: judge(golden, configs) }));
  const failed = verdicts.flatMap(({ name, verdict }) =>
    verdict !== null && "problem" in verdict ? [{ name, ...verdict }] : [],
  );
  const deliberate = verdicts.flatMap(({ name, verdict }) =>
    verdict !== null && "codes" in verdict ? [{ name, ...verdict }] : [],
  );
  return { passed: cases.length - failed.length, failed, deliberate };
}

function judge({ kind, input, expected }: Golden, configs: Configs): Verdict {
  const run = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (run === undefined) return { problem: `kind \`${kind}\` is not supported` };
  try {
    const { value, errors, partial } = run(input, configs);
    const codes = [...new Set(errors)];
    const { error, submit, ...rest } = expected as Refusal & { readonly submit?: Required<Refusal> };
    if (error !== undefined) return judgeRefusal(error.reason, codes);
    if (submit !== undefined && partial === true) {
      const problem = firstDifference(rest, value);
      return problem === null ? judgeRefusal(submit.error.reason, codes) : { problem };
    }
    if (codes.length === 0) {
      const problem = firstDifference(expected, value);
      return problem === null ? null : { problem };
    }
    const reasons = codes.map((code) => DELIBERATE[kind]?.[code]);
    if (reasons.includes(undefined)) return { problem: `refused: ${codes.join(", ")}` };
    return { codes, why: reasons.join("; ") };
  } catch (error) {
    return { problem: `threw ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Every error must answer the cause that the reference names. */
function judgeRefusal(reason: string, codes: readonly string[]): Verdict {
  const row = Object.hasOwn(CODES_BY_REASON, reason) ? CODES_BY_REASON[reason] : undefined;
  if (row === undefined) return { problem: `reason \`${reason}\` has no row` };
  if (codes.length === 0) return { problem: `accepted, but the reference refuses it: ${reason}` };
  const other = codes.filter((code) => !row.includes(code));
  return other.length === 0 ? null : { problem: `${reason} expected, found ${other.join(", ")}` };
}
