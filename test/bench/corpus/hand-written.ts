import type { Random } from "./random.ts";
import { extraImports, extrasOf, subjectOf } from "./words.ts";

/** An experiment that makes its scheduling and its workers itself, one object a worker. */
export function handWrittenExperiment(index: number, random: Random): string {
  const { number, domain, goal, team, path } = subjectOf(index, random);
  const extras = extrasOf(random).slice(0, 3);
  const gpus = random.pick([16, 32, 64]);
  return `import {
  ClusterSpec,
  Experiment,
  type ExperimentConfig,
  experimentConfig,
  modelFunctionCall,
  modelWorker,
  offload,
  Option,
  Preset,
  saveEvalControl,
} from "assay";
import { microBatchesFor } from "../shared/batch-math.ts";
import { benchPairs } from "../shared/datasets.ts";
import { PreferenceOptions } from "../shared/hand-options.ts";
import { benchDpo } from "../shared/interfaces.ts";
${extraImports(extras, "runName")}import { standardScheduling } from "../shared/scheduling-defaults.ts";
import { trainingTopology } from "../shared/topologies.ts";
import { shardOf } from "../shared/worker-makers.ts";

/** Roles of the two models: one learns, the other remembers where it started. */
const POLICY = "actor";
const REFERENCE = "ref";

/**
 * Preferences on ${domain} towards ${goal}, with both models on every GPU.
 *
 * Run ${number} of the ${team} team's series. Written by hand: the placement is older than the layouts that follow from an
 * allocation string, and the series keeps it so that its runs stay comparable.
 */
@Experiment("pref-${domain}-${number}", { tags: ["dpo", "${team}", "${domain}"] })
@Preset("lab", { cluster: "lab8", gpus: 8, data: { batchSize: ${32 * (1 + random.below(4))}, maxSeqlen: 1024 } })
@Preset("farm", {
  cluster: "farm512",
  gpus: ${gpus},
  tensor: 2,
  modelPath: "${path}",
  lr: 5e-7,
  data: { path: "/storage/datasets/${domain}/pairs.jsonl", batchSize: ${gpus * 8} },
})
export class Pref${number} implements Experiment {
  /** GPUs in use. @range integer >= 1 */
  @Option() gpus = 8;
  /** GPUs that share each layer. @range integer >= 1 */
  @Option() tensor = ${random.pick([1, 2])};
  /** Checkpoint that both models start from. */
  @Option() modelPath = "qwen2.5-1.5b";
  /** Learning rate of the policy. @range > 0 */
  @Option() lr = ${random.pick(["1e-6", "5e-7", "2e-6"])};
  /** Data, and how far the policy may leave the reference. */
  @Option() data = new PreferenceOptions();
  /** Longest time that the scheduler grants. */
  @Option() timeLimit = "${random.pick(["12:00:00", "1-00:00:00", "2-12:00:00"])}";
${extras.map(({ option }) => option).join("\n")}

  constructor(private readonly cluster: ClusterSpec) {}

  /** Name of the run in the tracker. */
  get runName() {
    return runName("pref", "${domain}", this.cluster.name, this.data.beta);
  }

  /** Sequences of a step: both answers of every pair. */
  get sequences() {
    return this.data.batchSize * 2;
  }

${extras.map(({ getter }) => getter).join("\n\n")}

  schedulingSetup() {
    return standardScheduling(this.cluster, this.gpus, this.timeLimit);
  }

  initialSetup(): ExperimentConfig {
    return experimentConfig({
      expCtrl: saveEvalControl({ totalTrainEpochs: 1, saveFreqEpochs: 1 }),
      modelRpcs: this.calls(),
      modelWorker: Array.from({ length: this.gpus }, (_, index) => this.worker(index)),
    });
  }

  /** What worker \`index\` holds: its part of both models. */
  private worker(index: number) {
    const topo = trainingTopology(this.gpus, this.tensor);
    const datasets = [benchPairs({ datasetPath: this.data.path, maxLength: this.data.maxSeqlen, maxPairsPerPrompt: 2 })];
    return modelWorker({
      baseSeed: ${random.pick([1, 17, 42])},
      tokenizerNameOrPath: this.modelPath,
      datasets,
      shards: [
        shardOf(POLICY, topo, index, { path: this.modelPath, lr: this.lr }),
        shardOf(REFERENCE, topo, index, { path: this.modelPath, lr: null }),
      ],
    });
  }

  private calls() {
    const dpo = benchDpo({ beta: this.data.beta, labelSmoothing: 0 });
    const nMbs = microBatchesFor(this.sequences / this.gpus, this.data.maxSeqlen);
    return [
      modelFunctionCall({
        name: "ref_inf",
        nSeqs: this.data.batchSize,
        interfaceType: "inference",
        interfaceImpl: dpo,
        modelName: REFERENCE,
        inputKeys: ["packed_input_ids", "prompt_lens"],
        outputKeys: ["seqlogp"],
        mbSpec: { nMbs },
        postHooks: [offload()],
      }),
      modelFunctionCall({
        name: "actor_train",
        nSeqs: this.data.batchSize,
        interfaceType: "trainStep",
        interfaceImpl: dpo,
        modelName: POLICY,
        inputKeys: ["packed_input_ids", "seqlogp", "prompt_lens"],
        mbSpec: { nMbs },
        logReturnValue: true,
      }),
    ];
  }
}
`;
}
