import { CommonExperiment, Experiment, flow, makeExperiment, Option } from "assay";

@Experiment("bench-import")
class BenchImport extends CommonExperiment {
  override allocationMode = "d8p1m1";
  /** Prompts of a step. */
  @Option() batch = 256;

  override flow() {
    return flow({ datasets: [], models: {}, calls: {} });
  }
}

const made = makeExperiment("bench-import", { batch: 8 });
if (!(made instanceof BenchImport) || made.batch !== 8) throw new Error("the override is not set");
