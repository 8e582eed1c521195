import { CommonExperiment, Experiment, flow, generate, model, Option, Preset, trainStep } from "assay";
import { mathCodePrompt, nullInterface } from "assay/plugins";

@Experiment("my-run")
/* example */
export class MyRun extends CommonExperiment {
  @Option() actor = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [mathCodePrompt({ datasetPath: "/data/problems.jsonl", maxLength: 1024 })],
      models: { actor: this.actor },
      calls: {
        draft: generate("actor", nullInterface(), { nSeqs: 256, reads: ["packed_prompts"], yields: ["drafts"] }),
        answer: generate("actor", nullInterface(), { reads: ["drafts"], yields: ["answers"] }),
        train: trainStep("actor", nullInterface(), { reads: ["answers"] }),
      },
    });
  }
}
