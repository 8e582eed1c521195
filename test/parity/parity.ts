import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AssayError, type Finding, modelCardFromConfig, type PluginFacts } from "assay";
import { allocation, geometry, mesh, topology } from "./cases.ts";
import { core, experiment } from "./experiments.ts";
import { CODES_BY_REASON, DELIBERATE } from "./reasons.ts";
import { type Fields, isObject } from "./reference.ts";

type Cards = PluginFacts["cards"];
type Run = (input: never, cards: Cards) => unknown;
const RUNS = { core, topology, experiment, "allocation-mode": allocation, "device-mesh": mesh, "slurm-nodelist": mesh };
const KINDS = new Map<string, Run>(Object.entries({ ...RUNS, "slurm-geometry": geometry }));
const shown = (findings: readonly Finding[]) => findings.map(({ code, message }) => `${code}: ${message}`).join("; ");
type Golden = { readonly name: string; readonly kind: string; readonly input: never; readonly expected: Fields };
/** What became of a case: without a problem it passed, also where Assay refuses on purpose what the reference takes. */
export type Verdict = { readonly name: string; readonly problem?: string | null; readonly deliberate?: string };

/** Runs every case of a folder through the public entries and compares with what was measured on the reference. */
export function parity(folder: string): readonly Verdict[] {
  const models = [folder, dirname(folder)].map((place) => join(place, "models.json")).find((file) => existsSync(file));
  const configs = Object.entries<Fields>(models === undefined ? {} : JSON.parse(readFileSync(models, "utf8")));
  const cards = configs.map(([name, config]) => [`<model:${name}>`, modelCardFromConfig(config, `<model:${name}>`)]);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".jsonl")) : [];
  const lines = files.sort().flatMap((file) => readFileSync(join(folder, file), "utf8").trim().split("\n"));
  return lines.map((line) => judge(JSON.parse(line) as Golden, Object.fromEntries(cards)));
}

function judge({ name, kind, input, expected }: Golden, cards: Cards): Verdict {
  const run = KINDS.get(kind);
  if (run === undefined) return { name, problem: `kind \`${kind}\` is not supported` };
  try {
    return { name, problem: firstDifference(expected, run(input, cards)) };
  } catch (error) {
    if (!(error instanceof AssayError)) return { name, problem: `threw ${String(error)}` };
    const errors = error.findings.filter(({ severity }) => severity === "error");
    if ("error" in expected) return { name, problem: firstDifference(expected, { error: errors }) };
    const wanted = ["core", "allocation-mode"].includes(kind) && errors.every(({ code }) => DELIBERATE.includes(code));
    return wanted ? { name, deliberate: shown(errors) } : { name, problem: `refused: ${shown(errors)}` };
  }
}

/** Where two JSON values first differ, `null` if they are equal. An expected reason has to be answered by errors. */
function firstDifference(expected: unknown, found: unknown, path = ""): string | null {
  if (expected === found) return null;
  if (!isObject(expected) || !isObject(found) || Array.isArray(expected) !== Array.isArray(found)) {
    const [left, right] = [expected, found].map((value) => (JSON.stringify(value) ?? "nothing").slice(0, 120));
    return `${path || "/"}: expected ${left}, found ${right}`;
  }
  if (isObject(expected["error"])) return wrongRefusal(expected["error"], found["error"] as never);
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  const differences = [...keys].map((key) => firstDifference(expected[key], found[key], `${path}/${key}`));
  return differences.find((difference) => difference !== null) ?? null;
}

function wrongRefusal({ reason }: Fields, errors: readonly Finding[] = []): string | null {
  const row = CODES_BY_REASON.get(String(reason)) ?? [];
  const wrong = errors.filter(({ code }) => !row.includes(code));
  if (errors.length > 0 && wrong.length === 0) return null;
  return `${reason} (${row.join(", ") || "no row"}) expected, found ${shown(wrong) || "no error"}`;
}
