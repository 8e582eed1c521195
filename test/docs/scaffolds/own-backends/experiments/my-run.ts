import { CommonExperiment, Experiment, flow, generate, generationConfig, GenerationOptions, model, Option, Preset, trainStep } from "assay";
import { prompt } from "assay/plugins";
import { policy } from "../plugins/lab.ts";

/** Generates and trains. */
@Experiment("my-run")
/* example */
export class MyRun extends CommonExperiment {
  @Option() override nGpusPerNode = 4;
  @Option() actor = model("qwen2.5-7b", { type: { family: "qwen2" }, backend: "sharded" });
  /** Longest answer. */
  @Option() maxNewTokens = 4096;
  /** Tokens at the end of an answer that are punished. */
  @Option() overlongTokens = 512;

  override flow() {
    const { maxNewTokens, overlongTokens } = this;
    const own = policy({ overlongTokens, generationConfig: generationConfig(new GenerationOptions(), { maxNewTokens }) });
    return flow({
      datasets: [prompt({ datasetPath: "/data/prompts.jsonl", maxLength: 1024, fillToMaxLength: false })],
      models: { actor: this.actor },
      calls: {
        actor_gen: generate("actor", own, { nSeqs: 64 }),
        actor_train: trainStep("actor", own, { nSeqs: 64 }),
      },
    });
  }
}
