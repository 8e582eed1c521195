import { CONFIG } from "../compiled-build.ts";

/** An experiment of a given name; `sequences` is an expression, `imports` stands in front. */
export function experiment(name: string, sequences = "64", imports = ""): string {
  return `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
${imports}
@Experiment("${name}")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Tune extends CommonExperiment {
  @Option() model = model("qwen2.5-1.5b");
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: ${sequences} }) },
    });
  }
}
`;
}

/** Two experiments, one of which imports a module that imports another one. */
export const FILES = {
  "experiments/tune.ts": experiment("tune", "sequences", `import { sequences } from "../lib/first.ts";`),
  "experiments/other.ts": experiment("other"),
  "lib/first.ts": `export { sequences } from "./second.ts";\n`,
  "lib/second.ts": `export const sequences = 64;\n`,
  "assay.config.ts": CONFIG,
};
