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

// The names that the compiler knows are those of the shipped experiments.
const made: unknown = makeExperiment("bench-import" as never, { batch: 8 } as never);
if (!(made instanceof BenchImport) || made.batch !== 8) throw new Error("the override is not set");
