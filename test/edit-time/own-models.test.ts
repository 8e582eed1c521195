import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CONFIG, compiledBuild, temporaryProject, TSCONFIG } from "../compiled-build.ts";
import { compileProject } from "./compiler.ts";

const TUNE = `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";

@Experiment("tune")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Tune extends CommonExperiment {
  @Option() model = model("house-model");
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
`;

describe("a model that only the project knows", () => {
  const project = temporaryProject({
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...TSCONFIG.compilerOptions, types: [] },
      include: ["**/*.ts"],
    }),
    "assay.config.ts": CONFIG.replace(
      "clusters:",
      'models: { "house-model": "qwen2.5-1.5b", "/models/a": "qwen2.5-3b" },\n  clusters:',
    ),
    "experiments/tune.ts": TUNE,
  });
  afterAll(() => project.remove());

  it("is one for types, too, once the project is built", async () => {
    const before = compileProject(project.root);
    expect(before.get("experiments/tune.ts")?.messages).toEqual(["nothing is known of the model at `house-model`"]);
    const { diagnostics, written } = await compiledBuild(project.root, { write: true });
    expect({ diagnostics, written }).toEqual({ diagnostics: [], written: true });
    expect(readFileSync(join(project.root, "assay.gen.ts"), "utf8")).toContain(
      '  interface Catalogue {\n    "house-model": true;\n  }\n',
    );
    expect([...compileProject(project.root)]).toEqual([]);
  });
});
