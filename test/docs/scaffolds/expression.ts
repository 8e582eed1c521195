import {
  AssayError,
  availableNodes,
  clusterSpec,
  CommonExperiment,
  deviceMesh,
  Experiment,
  type Finding,
  flow,
  formatNodeList,
  meshFromRows,
  model,
  ownFindings,
  parseNodeList,
  Preset,
  slurmGeometry,
  splitMesh,
  subMeshes,
  trainStep,
} from "assay";
import { promptAnswer, sft } from "assay/plugins";

/** What is found with a value, or what a noun's own maker found. */
function findingsOf(made: object): readonly Finding[] {
  return "findings" in made ? (made.findings as readonly Finding[]) : ownFindings(made);
}

@Experiment("my-run")
@Preset("one-node", { cluster: "h100x8", allocationMode: "d8p1m1" })
export class MyRun extends CommonExperiment {
  override flow() {
    const findings = findingsOf(/* example */);
    if (findings.length > 0) throw new AssayError(findings);
    return flow({
      datasets: [promptAnswer({ datasetPath: "/data/train.jsonl", maxLength: 1024 })],
      models: { actor: model("qwen2.5-1.5b", { type: { family: "qwen2" } }) },
      calls: { train: trainStep("actor", sft(), { nSeqs: 256 }) },
    });
  }
}
