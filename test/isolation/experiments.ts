import type { BuildReport } from "../../codegen/report.ts";
import type { Span } from "../../src/diagnostics/finding.ts";
import { marked } from "../unit/codegen/read/marked.ts";

const HEAD = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
`;

/** Parts of an experiment with one train step; each stands where its name says. */
export interface Parts {
  readonly imports: string;
  /** At the top level of the module, in front of the class. */
  readonly before: string;
  /** In the method that describes the flow. */
  readonly statements: string;
  /** The whole dataset path; an expression. */
  readonly path: string;
  readonly members: string;
}

/** The source of a sound experiment, one part or another of it replaced. */
export function tuning(name: string, parts: Partial<Parts> = {}): string {
  const { imports = "", before = "", statements = "", path = `"/data/train.jsonl"`, members = "" } = parts;
  return `${HEAD}${imports}
${before}
/** Tunes. */
@Experiment("${name}")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Tune extends CommonExperiment {
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
  ${members}

  override flow() {
    ${statements}
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: ${path} })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
`;
}

/** File of an experiment. */
export function fileOf(name: string): string {
  return `experiments/${name}.ts`;
}

/** Sources of experiments by file, without their marks, and the marked stretches by name. */
export function unmarked(experiments: Readonly<Record<string, string>>): {
  readonly files: Readonly<Record<string, string>>;
  readonly spans: Readonly<Record<string, readonly Span[]>>;
} {
  const all = Object.entries(experiments).map(([name, text]) => [name, marked(text, fileOf(name))] as const);
  return {
    files: Object.fromEntries(all.map(([name, { text }]) => [fileOf(name), text])),
    spans: Object.fromEntries(all.map(([name, { spans }]) => [name, spans])),
  };
}

/** Diagnostics of one experiment, those of its builds once; name and place only. */
export function foundIn(report: BuildReport, name: string) {
  const seen = new Set<string>();
  return report.diagnostics
    .filter(({ experiment }) => experiment === name || experiment?.startsWith(`${name}.`))
    .map(({ code, message, primary, related }) => ({
      code,
      message,
      primary,
      related: related.map(({ span }) => span),
    }))
    .filter((one) => {
      const key = JSON.stringify(one);
      return seen.has(key) ? false : seen.add(key) !== undefined;
    });
}

/** Status of each build of an experiment. */
export function statuses(report: BuildReport, name: string): readonly string[] {
  return (report.experiments.find((one) => one.name === name)?.builds ?? []).map(({ status }) => status);
}
