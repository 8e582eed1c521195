import type { Finding } from "../src/diagnostics/finding.ts";
import { didYouMean } from "../src/diagnostics/nearest.ts";
import { dslDiagnostics } from "../src/dsl/diagnostics.ts";
import type { ProjectExperiment } from "./declare.ts";

/** Which builds of which experiments were asked for. */
export interface Selection {
  /** Presets (`null`: the bare experiment) to build of an experiment; empty if it was not asked for. */
  readonly presetsOf: (experiment: ProjectExperiment) => readonly (string | null)[];
  readonly findings: readonly Finding[];
}

/** Reads names as they are typed: `sft` is an experiment with all its presets, `sft.one-node` one of these. */
export function select(experiments: readonly ProjectExperiment[], only: readonly string[]): Selection {
  const all = ({ presets }: ProjectExperiment): readonly (string | null)[] => [null, ...presets];
  if (only.length === 0) return { presetsOf: all, findings: [] };
  const wanted = new Map<string, Set<string | null>>();
  const findings: Finding[] = [];
  for (const name of only) {
    const found = find(experiments, name);
    if ("finding" in found) {
      findings.push(found.finding);
      continue;
    }
    const { experiment, preset } = found;
    const builds = wanted.get(experiment.declared.name) ?? new Set();
    for (const one of preset === undefined ? all(experiment) : [preset]) builds.add(one);
    wanted.set(experiment.declared.name, builds);
  }
  return {
    presetsOf: (experiment) => all(experiment).filter((preset) => wanted.get(experiment.declared.name)?.has(preset)),
    findings,
  };
}

type Found =
  | { readonly experiment: ProjectExperiment; readonly preset: string | undefined }
  | { readonly finding: Finding };

function find(experiments: readonly ProjectExperiment[], name: string): Found {
  const own = experiments.find(({ declared }) => declared.name === name);
  if (own !== undefined) return { experiment: own, preset: undefined };
  const at = { kind: "nowhere", reason: "the name was given on the command line" } as const;
  // Names may hold dots: the longest experiment's name in front counts.
  const base = experiments
    .filter(({ declared }) => name.startsWith(`${declared.name}.`))
    .sort((a, b) => b.declared.name.length - a.declared.name.length)[0];
  if (base === undefined) {
    const names = experiments.flatMap(({ declared, presets }) => [
      declared.name,
      ...presets.map((preset) => `${declared.name}.${preset}`),
    ]);
    const experimentNames = experiments.map(({ declared }) => declared.name);
    const help = pointHelp(name, experiments) ?? didYouMean(name, names) ?? didYouMean(name, experimentNames);
    return { finding: dslDiagnostics["unknown-experiment"]({ name }, { at, ...(help === undefined ? {} : { help }) }) };
  }
  const preset = name.slice(base.declared.name.length + 1);
  if (base.presets.includes(preset)) return { experiment: base, preset };
  const help = pointHelp(name, experiments) ?? didYouMean(preset, base.presets);
  return {
    finding: dslDiagnostics["unknown-preset"](
      { experiment: base.declared.name, preset },
      { at, ...(help === undefined ? {} : { help }) },
    ),
  };
}

/** What to do about the name of a point: it names an output, and no source. */
function pointHelp(name: string, experiments: readonly ProjectExperiment[]): string | undefined {
  const [base = ""] = name.split("@", 1);
  if (base === name || "finding" in find(experiments, base)) return undefined;
  return `build a point by its overrides, behind \`${base} -m\``;
}
