import {
  ClusterSpec,
  coordinatesOf,
  Experiment,
  type ExperimentConfig,
  experimentConfig,
  type ExperimentScheduling,
  experimentScheduling,
  masterWorkerDefault,
  microBatchSpec,
  modelFunctionCall,
  modelName,
  modelShard,
  modelShardId,
  type ModelWorker,
  modelWorker,
  modelWorkerDefault,
  OptimizerOptions,
  Option,
  Preset,
  type ProcessTopology,
  processTopology,
  saveEvalControl,
  tasksGroup,
  worldSize,
} from "assay";
import { megatron, MegatronOptions, promptAnswer, qwen2, realModel, sft } from "assay/plugins";

/** What one phase trains on, and for how long. */
export class PhaseOptions {
  /** File of the examples. */
  path = "/storage/datasets/sft/train.jsonl";
  /** Passes over the examples. @range integer >= 1 */
  epochs = 3;
  /** Longest example, in tokens. @range integer >= 1 */
  maxSeqlen = 8192;
  /** Examples of a training step. @range integer >= 1 */
  batchSize = 256;
  /** Tokens of a micro-batch, at most. @range integer >= 1 */
  maxTokensPerMb = 32_768;
  /** Learning rate, as a part of the optimizer's. @range (0, 1] */
  lrScale = 1;
}

/** A phase that is short in every way. */
export class WarmUpOptions extends PhaseOptions {
  override epochs = 1;
  override maxSeqlen = 1024;
  override lrScale = 0.1;
}

/**
 * Supervised fine-tuning in two phases: a warm-up on short examples, then the main training from where it ended. Each phase is a
 * setup of its own, and both run on the same workers. Written without `CommonExperiment`, for what a flow can't say.
 */
@Experiment("sft-two-phases", { tags: ["sft"] })
@Preset("one-node", { cluster: "h800x256", nodes: 1 })
@Preset("four-nodes", { cluster: "h800x256", nodes: 4, tensor: 2, main: { batchSize: 512 } })
export class SftTwoPhases implements Experiment {
  /** Nodes in use, all of their GPUs. @range integer >= 1 */
  @Option() nodes = 1;
  /** GPUs that share each layer. @range integer >= 1 */
  @Option() tensor = 1;
  /** Checkpoint that the warm-up starts from. */
  @Option() checkpoint: string = qwen2.ids["qwen2.5-1.5b"];
  /** Checkpoint that the warm-up leaves and the main phase starts from; `models` in `assay.config.ts` says what it is. */
  @Option() warmedUp = "${cluster.fileroot}/checkpoints/${user}/${experiment}/${trial}/warm-up";
  /** First phase. */
  @Option() warmUp = new WarmUpOptions();
  /** Second phase. */
  @Option() main = new PhaseOptions();
  /** Optimizer of both phases. */
  @Option() optimizer = new OptimizerOptions();
  /** Backend of both phases. */
  @Option() megatron = new MegatronOptions();
  /** Seed of all workers. @range integer >= 0 */
  @Option() seed = 1;

  constructor(private readonly cluster: ClusterSpec) {}

  schedulingSetup(): ExperimentScheduling {
    return experimentScheduling({
      masterWorker: tasksGroup(1, masterWorkerDefault(this.cluster)),
      modelWorker: tasksGroup(worldSize(this.topology), modelWorkerDefault(this.cluster, { cpu: 4, memMiB: 90_000 })),
    });
  }

  initialSetup(): readonly ExperimentConfig[] {
    return [this.phase(this.warmUp, this.checkpoint), this.phase(this.main, this.warmedUp)];
  }

  /** One GPU a rank. A getter, since the options that it depends on are set after construction. */
  private get topology(): ProcessTopology {
    return processTopology({
      layout: "pipe-data-tensor",
      pipe: 1,
      data: (this.nodes * this.cluster.gpusPerNode) / this.tensor,
      tensor: this.tensor,
      sequenceParallel: this.tensor > 1,
      gradientCheckpointing: true,
      gradientAccumulationFusion: true,
    });
  }

  private phase(phase: PhaseOptions, checkpoint: string): ExperimentConfig {
    return experimentConfig({
      expCtrl: saveEvalControl({ totalTrainEpochs: phase.epochs, saveFreqEpochs: phase.epochs }),
      modelRpcs: [
        modelFunctionCall({
          name: "trainDefault",
          nSeqs: phase.batchSize,
          interfaceType: "trainStep",
          interfaceImpl: sft(),
          modelName: "default",
          inputKeys: ["packed_input_ids", "prompt_mask"],
          mbSpec: microBatchSpec({ maxTokensPerMb: phase.maxTokensPerMb }),
          logReturnValue: true,
        }),
      ],
      modelWorker: this.workers(phase, checkpoint),
    });
  }

  /** Workers one after another: none is kept longer than it takes to pack it. */
  private *workers(phase: PhaseOptions, checkpoint: string): Generator<ModelWorker> {
    const topo = this.topology;
    const model = realModel({
      modelPath: checkpoint,
      isCritic: false,
      initCriticFromActor: false,
      dtype: "bf16",
      hfModelFamily: "qwen2",
      initFromScratch: false,
    });
    const optimizer = { ...this.optimizer, lr: this.optimizer.lr * phase.lrScale };
    const backend = megatron({ bf16: true, optimizer, ...this.megatron });
    const datasets = [promptAnswer({ maxLength: phase.maxSeqlen, datasetPath: phase.path })];
    for (let rank = 0; rank < worldSize(topo); rank += 1) {
      const { pipe: ppRank, data: dpRank, tensor: tpRank } = coordinatesOf(topo, rank);
      const id = modelShardId({ modelName: modelName("default"), topo, ppRank, dpRank, tpRank });
      yield modelWorker({
        baseSeed: this.seed,
        datasets,
        shards: [modelShard({ id, model, backend })],
        tokenizerNameOrPath: this.checkpoint,
      });
    }
  }
}
