import type { Random } from "./random.ts";
import { extraImports, extrasOf, subjectOf } from "./words.ts";

/** An experiment like the shipped `sft`: options and presets on a base class, and a flow of one call. */
export function sftExperiment(index: number, random: Random): string {
  const { number, domain, goal, team, path } = subjectOf(index, random);
  const extras = extrasOf(random);
  const nodes = random.pick([2, 4, 8]);
  const ownFlow = random.below(3) === 0;
  return `import { ${ownFlow ? "CallOptions, Experiment, flow, Option, Preset, trainStep" : "Experiment, Option, Preset"} } from "assay";
${ownFlow ? 'import { promptAnswer, sft } from "assay/plugins";\n' : ""}import { microBatchesFor, roundUp } from "../shared/batch-math.ts";
import { MAX_CONTEXT } from "../shared/constants.ts";
import { policy } from "../shared/model-makers.ts";
${extraImports(extras, "runName", "trackerTags")}import { datasetFile, eventsFolder } from "../shared/paths.ts";
import { scaledRate } from "../shared/schedule-math.ts";
import { SftBase } from "../shared/sft-base.ts";

/** Longest example of this study: the context, less what the template takes. */
const LONGEST = Math.min(MAX_CONTEXT, ${random.pick([2048, 4096, 8192])}) - 64;

/** Names of the files that the ${domain} examples were split into. */
const PARTS = ["clean", "filtered", "augmented"] as const;

/** File of one part, as the ${team} team stores them. */
function partFile(part: (typeof PARTS)[number]): string {
  return datasetFile(\`${domain}-\${part}\`);
}

/**
 * Fine-tuning on ${domain} towards ${goal}.
 *
 * Run ${number} of the ${team} team's series; see the series' page for how the data was cleaned.
 */
@Experiment("sft-${domain}-${number}", { tags: ["sft", "${team}", "${domain}"] })
@Preset("lab", {
  cluster: "lab8",
  allocationMode: "d${random.pick(["4p1m2", "8p1m1", "4p2m1", "2p2m2"])}",
  dataset: { maxSeqlen: 1024, batchSize: ${64 + 32 * random.below(4)} },
  expCtrl: { totalTrainEpochs: 1, saveFreqEpochs: 1 },
})
@Preset("farm", {
  cluster: "farm512",
  nNodes: ${nodes},
  allocationMode: "d${nodes * 4}p1m2",
  model: { path: "${path}", optimizer: { lr: ${random.pick(["1e-5", "2e-5", "5e-6"])}, lrSchedulerType: "cosine" } },
  dataset: { trainPath: "/storage/datasets/${domain}/full.jsonl", maxSeqlen: LONGEST, batchSize: ${nodes * 64} },
  expCtrl: { totalTrainEpochs: ${1 + random.below(5)}, saveFreqEpochs: 1, ckptFreqSecs: 600 },
  wandb: { mode: "offline", project: "sft-${domain}" },
})
export class Sft${number} extends SftBase {
  override allocationMode = "d8p1m1";
  override nNodes = 1;
  override model = policy("qwen2.5-1.5b", ${random.pick(["1e-5", "2e-5", "3e-5"])});
  override partition = "${team}";

  /** Part of the examples that is trained on. */
  @Option() part: "clean" | "filtered" | "augmented" = "${random.pick(["clean", "filtered", "augmented"])}";
${extras.map(({ option }) => option).join("\n")}

  /** Name of the run in the tracker. */
  get runName() {
    return runName("sft", "${domain}", this.part, this.dataset.batchSize);
  }

  /** Tags of the run in the tracker. */
  get runTags() {
    return trackerTags("${team}", this.part);
  }

  /** Learning rate for the batch in use, scaled from the one that was tuned. */
  get scaledRate() {
    return scaledRate(this.model.optimizer?.lr ?? 0, roundUp(this.dataset.batchSize, 8), 256);
  }

  /** Micro-batches of a step on one rank. */
  get microBatches() {
    return microBatchesFor(this.share(8), this.dataset.maxSeqlen);
  }

  /** Where the curves of this run go. */
  get events() {
    return eventsFolder("${team}");
  }

  /** File of the part in use. */
  get partFile() {
    return partFile(this.part);
  }

${extras.map(({ getter }) => getter).join("\n\n")}
${ownFlow ? ownFlowMethod() : ""}}
`;
}

function ownFlowMethod(): string {
  return `
  /** Micro-batches of the evaluation. */
  @Option() evaluation = new CallOptions();

  override flow() {
    const { dataset } = this;
    const examples = promptAnswer({ maxLength: dataset.maxSeqlen, datasetPath: this.partFile });
    return flow({
      datasets: [examples],
      evalDataset: promptAnswer({ maxLength: dataset.maxSeqlen, datasetPath: dataset.validPath }),
      evalBatchSize: dataset.batchSize,
      models: { default: this.model },
      calls: {
        trainDefault: trainStep("default", sft(), {
          nSeqs: dataset.batchSize,
          microBatches: { nMbs: this.microBatches },
          allocation: this.evaluation,
        }),
      },
    });
  }
`;
}
