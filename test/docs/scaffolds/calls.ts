import { CommonExperiment, Experiment, flow, generate, inference, model, Option, Preset, trainStep } from "assay";
import { mathCodePrompt, nullInterface } from "assay/plugins";

const qwen = () => model("qwen2.5-1.5b", { type: { family: "qwen2" } });

/** Interfaces take any keys. The dataset has `packed_prompts` and `task_ids`. */
@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  @Option() actor = qwen();
  @Option() critic = qwen();
  @Option() ref = qwen();
  @Option() reward = qwen();

  override flow() {
    const { actor, critic, ref, reward } = this;
    const any = nullInterface();
    return flow({
      datasets: [mathCodePrompt({ datasetPath: "/data/problems.jsonl", maxLength: 1024 })],
      models: { actor, critic, ref, reward },
      /* example */
    });
  }
}
