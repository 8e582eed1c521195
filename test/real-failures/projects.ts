import { readFileSync } from "node:fs";

/** A project of somebody who runs an experiment: its config, its one run, and files beside them. */
export interface FailureProject {
  readonly cluster: string;
  readonly run: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Modules of the project that bring plugins. */
  readonly plugins?: Readonly<Record<string, string>>;
}

/** Lines of a file of JSON objects. */
export const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A cluster, as its properties; what is left out is eight H100 on one node, with CPUs and memory for them. */
export function cluster(changes: Readonly<Record<string, number>> = {}): string {
  const all = { nodes: 1, gpusPerNode: 8, cpusPerNode: 128, memMiBPerNode: 1_048_576, ...changes };
  const properties = Object.entries(all).map(([name, value]) => `    ${name}: ${value},\n`);
  return `  clusterSpec({\n    name: "site",\n    gpuType: "h100",\n${properties.join("")}  }),\n`;
}

export function configOf({ cluster: site, files, plugins }: FailureProject): string {
  const inputs = Object.keys(files ?? {});
  const modules = Object.keys(plugins ?? {}).map((file) => `./${file}`);
  const declared = [
    inputs.length === 0 ? "" : `  inputs: ${JSON.stringify(inputs)},\n`,
    modules.length === 0 ? "" : `  plugins: ${JSON.stringify(modules)},\n`,
  ].join("");
  return `import { clusterSpec, defineConfig } from "assay";\n\nexport default defineConfig({\n  clusters: [\n${site}  ],\n${declared}});\n`;
}

const run = (experiment: string, properties: readonly string[]): string =>
  `import { preset } from "assay";\n\npreset("${experiment}", "run", {\n  cluster: "site",\n${properties
    .filter((line) => line !== "")
    .map((line) => `  ${line},\n`)
    .join("")}});\n`;

/** What differs between runs of `sft`; each text is what stands behind the property. */
export interface SftRun {
  readonly allocation: string;
  readonly model?: string;
  readonly dataset?: string;
  readonly microBatches?: string;
  readonly more?: readonly string[];
}

export function sft({ allocation, model, dataset, microBatches, more = [] }: SftRun): string {
  return run("sft", [
    `allocationMode: "${allocation}"`,
    `model: ${model ?? '{ path: "qwen2.5-1.5b", type: { family: "qwen2" } }'}`,
    `dataset: { validPath: "/data/valid.jsonl", ${dataset ?? 'trainPath: "/data/train.jsonl"'} }`,
    `allocation: { mbSpec: { ${microBatches ?? "maxTokensPerMb: 16_384"} } }`,
    ...more,
  ]);
}

/** What differs between runs of `ppo-math`. */
export interface PpoRun {
  readonly experiment?: "ppo-math" | "async-ppo-math";
  readonly allocation: string;
  readonly actor?: string;
  readonly prompts?: string;
  readonly ppo?: string;
  readonly groupSize?: number;
  readonly tokens?: string;
  readonly more?: readonly string[];
}

export function ppo(of: PpoRun): string {
  const { experiment = "ppo-math", allocation, prompts = 'path: "/data/math.jsonl"', tokens = "32_768" } = of;
  return run(experiment, [
    `allocationMode: "${allocation}"`,
    `actor: ${of.actor ?? '{ path: "qwen2.5-1.5b", type: { family: "qwen2" } }'}`,
    `actorTrain: { mbSpec: { maxTokensPerMb: ${tokens} } }`,
    `dataset: { maxPromptLen: 1024, ${prompts} }`,
    `ppo: { klCtl: 0, disableValue: true${of.ppo === undefined ? "" : `, ${of.ppo}`} }`,
    `groupSize: ${of.groupSize ?? 16}`,
    ...(of.more ?? []),
  ]);
}

const scaffold = (file: string): string =>
  readFileSync(new URL(`../docs/scaffolds/own-backends/${file}`, import.meta.url), "utf8");

/** An experiment of somebody who brings backends: an engine on GPUs that train, with as many replicas as those have data ranks. */
export function besideTraining(allocation: string): FailureProject {
  const preset = `@Preset("run", { allocationMode: "${allocation}", actor: { beside: { hybridTrain: true } } })`;
  return {
    cluster: cluster(),
    run: scaffold("experiments/my-run.ts").replace("/* example */", preset),
    plugins: { "plugins/lab.ts": scaffold("plugins/lab.ts") },
  };
}
