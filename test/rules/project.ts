import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import type { PluginCode, PluginTypeDescriptor } from "../../src/plugin/descriptor.ts";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";

/** The package of rules and a mutator that tests share. */
const SITE_RULES = fileURLToPath(new URL("../fixtures/packages/assay-site-rules", import.meta.url));

/** An experiment that takes 8 GPUs in its only preset. `more` are further members of its class. */
export function experiment(more = "", settings = `{ cluster: "one", allocationMode: "d8p1m1" }`, tags = ""): string {
  return `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

@Experiment("tune"${tags})
@Preset("small", ${settings})
export class Tune extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b");
  ${more}
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
`;
}

/** A config with these further properties; its factories are those of the shared package and of `my-rules`. */
export function config(properties: string, imports = ""): string {
  return `import { clusterSpec, defineConfig } from "assay";
import { gpuLimit, naming, ownerTag, partitions, siteDefaults } from "assay-site-rules";
${imports}
export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  plugins: ["assay-site-rules"],
  ${properties}
});
`;
}

/** A project with one experiment and the shared package. */
export function siteProject(properties: string, files: Readonly<Record<string, string>> = {}): TemporaryProject {
  const project = temporaryProject({
    "assay.config.ts": config(properties),
    "experiments/tune.ts": experiment(),
    ...files,
  });
  cpSync(SITE_RULES, join(project.root, "node_modules/assay-site-rules"), { recursive: true });
  return project;
}

/** What a package of a test brings. */
export interface HookPackage {
  readonly types: readonly Pick<PluginTypeDescriptor, "kind" | "type">[];
  readonly codes?: readonly PluginCode[];
  /** Text of its module; it may use `defineRule`, `defineMutator` and a schema `any`. */
  readonly code: string;
}

const HEAD = `import { defineMutator, defineRule } from "assay/plugin";
const any = { type: "object" };
const error = { severity: "error", meaning: "Something is wrong." };
`;

/** Files of a package `my-rules`, in `folder`. All rules have all codes. */
export function hookPackage(
  { types, codes = [], code }: HookPackage,
  folder = "node_modules/my-rules",
): Readonly<Record<string, string>> {
  const described = types.map(({ kind, type }) => ({
    kind,
    type,
    args: true,
    facts: kind === "rule" ? { codes: codes.map((one) => one.code) } : {},
  }));
  return {
    [`${folder}/package.json`]: JSON.stringify({
      name: "my-rules",
      version: "1.0.0",
      type: "module",
      exports: { ".": "./index.js", "./package.json": "./package.json" },
    }),
    [`${folder}/assay-plugin.json`]: JSON.stringify({
      assayPlugin: 1,
      package: "my-rules",
      version: "1.0.0",
      types: described,
      codes,
    }),
    [`${folder}/index.js`]: `${HEAD}${code}`,
  };
}

/** A package with the rule `mine` and its code `my/code`, whose `check` has this body. */
export function rulePackage(body: string, folder?: string): Readonly<Record<string, string>> {
  return hookPackage(
    {
      types: [{ kind: "rule", type: "mine" }],
      codes: [{ code: "my/code", severity: "error", meaning: "Something is wrong." }],
      code: `class Mine {
  *check({ args, build }) {
    ${body}
  }
}
export const mine = defineRule({ type: "mine", args: any, codes: { "my/code": error }, rule: Mine });
`,
    },
    folder,
  );
}

/** A package with mutators, each with the body of its `mutate`. */
export function mutatorPackage(bodies: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return hookPackage({
    types: Object.keys(bodies).map((type) => ({ kind: "mutator", type })),
    code: Object.entries(bodies)
      .map(
        ([type, body]) => `class ${type} {
  *mutate({ args, authored, name, preset, cluster }) {
    ${body}
  }
}
export const make${type} = defineMutator({ type: "${type}", args: any, mutator: ${type} });
`,
      )
      .join(""),
  });
}

/** A config that uses `my-rules` by mere objects, one a line: rules and mutators by their types. */
export function plainConfig(uses: {
  readonly rules?: readonly string[];
  readonly mutators?: readonly string[];
}): string {
  const list = (name: string, types: readonly string[] = []) =>
    types.length === 0 ? "" : `  ${name}: [\n${types.map((type) => `    { type: "${type}" },\n`).join("")}  ],\n`;
  return `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  plugins: ["my-rules"],
${list("rules", uses.rules)}${list("mutators", uses.mutators)}});
`;
}

/** A place in a file, with what stands there. */
export function placeOf({ root }: TemporaryProject, read: (file: string) => string, { primary }: Diagnostic): string {
  if (primary === null) return `nowhere of ${root}`;
  const line = read(primary.file).split("\n")[primary.line - 1] ?? "";
  return `${primary.file}:${primary.line} ${line.slice(primary.column - 1, primary.column - 1 + primary.length)}`;
}
