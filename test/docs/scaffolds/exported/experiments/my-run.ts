import {
  ClusterSpec,
  Experiment,
  experimentConfig,
  experimentScheduling,
  masterWorkerDefault,
  modelFunctionCall,
  modelName,
  modelShard,
  modelShardId,
  modelWorker,
  modelWorkerDefault,
  processTopology,
  scheduling,
  tasksGroup,
} from "assay";
import { inferenceBackend, nullInterface, realModel } from "assay/plugins";

/** One call on eight model workers, which ask for a partition. */
@Experiment("my-run")
export class MyRun implements Experiment {
  constructor(private readonly cluster: ClusterSpec) {}

  protected workers(cluster: ClusterSpec) {
    return modelWorkerDefault(cluster, { partition: "long" });
  }

  schedulingSetup() {
    const { cluster } = this;
    return experimentScheduling({
      masterWorker: tasksGroup(1, masterWorkerDefault(cluster)),
      modelWorker: tasksGroup(8, this.workers(cluster)),
    });
  }

  initialSetup() {
    const topo = processTopology({ layout: "pipe-data-tensor", pipe: 1, data: 8, tensor: 1 });
    const actor = modelName("actor");
    return experimentConfig({
      modelRpcs: [
        modelFunctionCall({
          name: "inference",
          nSeqs: 256,
          interfaceType: "inference",
          interfaceImpl: nullInterface(),
          modelName: actor,
        }),
      ],
      modelWorker: Array.from({ length: 8 }, (_, dpRank) =>
        modelWorker({
          baseSeed: 1,
          shards: [
            modelShard({
              id: modelShardId({ modelName: actor, dpRank, tpRank: 0, ppRank: 0, topo }),
              model: realModel({
                modelPath: "qwen2.5-1.5b",
                isCritic: false,
                initCriticFromActor: false,
                initFromScratch: false,
                dtype: "bf16",
                hfModelFamily: "qwen2",
              }),
              backend: inferenceBackend(),
            }),
          ],
        }),
      ),
    });
  }
}

/** The same in whatever partition there is. */
@Experiment("my-run-anywhere")
export class MyRunAnywhere extends MyRun {
  protected override workers(cluster: ClusterSpec) {
    return modelWorkerDefault(cluster);
  }
}
