import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT, temporaryProject, TSCONFIG } from "../compiled-build.ts";

const TUNE = `import { ClusterSpec, CommonExperiment, Experiment, flow, loadExperiment, makeExperiment, model, Option, trainStep, when } from "assay";
import { promptAnswer, sft } from "assay/plugins";
import { defineDataset, defineInterface } from "assay/plugin";
import { proveExperiment } from "assay/testing";
import "assay/experiments";

export const scorer = defineInterface({
  type: "scorer",
  args: { type: "object", properties: { scale: { type: "number" } }, additionalProperties: false },
  calls: {
    inference: { reads: { required: ["packed_input_ids"] }, yields: { always: ["scores"] } },
    trainStep: { reads: "any", yields: "any" },
  },
});
export const lines = defineDataset({ type: "lines", args: { type: "object" }, yields: ["text"] });
export const small = model("qwen2.5-1.5b");
export const train = (isTrained: boolean) => when(isTrained, trainStep("default", sft(), { nSeqs: 8 }));
export const made = makeExperiment("sft", { allocationMode: "d8p1m1" });
export const loaded = loadExperiment("ppo-math");
export const prove = () => proveExperiment("sft");

@Experiment("tune")
export class Tune extends CommonExperiment {
  @Option() model = small;
  override readonly allocationMode = "d8p1m1";
  constructor(readonly cluster: ClusterSpec) {
    super();
  }
  get calls() {
    return { train: trainStep("default", sft(), { nSeqs: 8 }) };
  }
  override flow() {
    const datasets = [promptAnswer({ maxLength: 8, datasetPath: "/data/train.jsonl" })];
    return flow({ datasets, models: { default: this.model }, calls: this.calls });
  }
}
`;

/** Compiler settings that an author's project may have beside those it needs. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "every check": {
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
  },
  "few checks": { strict: false },
  "a bundler": { module: "esnext", moduleResolution: "bundler" },
};

describe("declarations of an author's module", () => {
  const project = temporaryProject({
    "tune.ts": TUNE,
    ...Object.fromEntries(
      Object.entries(SETTINGS).map(([name, settings]) => [
        `tsconfig.${name.replace(" ", "-")}.json`,
        JSON.stringify({
          compilerOptions: {
            ...TSCONFIG.compilerOptions,
            lib: ["es2023"],
            types: [],
            noEmit: false,
            declaration: true,
            emitDeclarationOnly: true,
            // What the package declares is compiled as well.
            skipLibCheck: false,
            outDir: `out/${name.replace(" ", "-")}`,
            ...settings,
          },
          files: ["tune.ts"],
        }),
      ]),
    ),
  });
  afterAll(() => project.remove());

  const said = new Map<string, string>();
  beforeAll(() => {
    const tsc = join(CHECKOUT, "node_modules/typescript/bin/tsc");
    for (const name of Object.keys(SETTINGS)) {
      const argv = [tsc, "-p", `tsconfig.${name.replace(" ", "-")}.json`, "--pretty", "false"];
      said.set(name, spawnSync(process.execPath, argv, { cwd: project.root, encoding: "utf8" }).stdout);
    }
  });

  it.each(Object.keys(SETTINGS))("are written under settings with %s", (name) => {
    expect(said.get(name)).toBe("");
    const text = readFileSync(join(project.root, "out", name.replace(" ", "-"), "tune.d.ts"), "utf8");
    expect(text).toContain('export declare const made: import("assay").ExperimentOf<"sft">;');
    expect(text).toContain('export declare const loaded: Promise<import("assay").ExperimentOf<"ppo-math">>;');
    expect(text).toContain('readonly reads: "packed_input_ids";');
    // Nothing is named by where it lies in a package.
    expect(text).not.toMatch(/node_modules|\/dist\/|type-fest/);
  });
});
