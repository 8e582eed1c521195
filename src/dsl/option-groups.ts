/** How a checkpoint's architecture is read. */
export class ModelTypeOptions {
  /** Family whose code reads the checkpoint; that of its own configuration if null. */
  family: string | null = null;
  /** Gives the model a value head instead of a language-model head. */
  isCritic = false;
}

/** The optimizer of a model that is trained. */
export class OptimizerOptions {
  /** Algorithm; `empty` trains nothing. */
  type: "adam" | "empty" = "adam";
  /** Learning rate at its peak. @range >= 0 */
  lr = 2e-5;
  /** Decoupled weight decay. @range >= 0 */
  weightDecay = 0.05;
  /** Decay of the first moment. @range [0, 1) */
  beta1 = 0.9;
  /** Decay of the second moment. @range [0, 1) */
  beta2 = 0.95;
  /** Added to the denominator. @range >= 0 */
  eps = 1e-5;
  /** Learning rate at the end of the schedule, as a part of `lr`. @range [0, 1] */
  minLrRatio = 0;
  /** Shape of the learning rate after warm-up. */
  lrSchedulerType: "linear" | "cosine" | "constant" = "constant";
  /** Part of all steps in which the learning rate rises to `lr`. @range [0, 1] */
  warmupStepsProportion = 0.001;
  /** Keeps the optimizer's state in host memory. */
  offload = false;
  /** Loss scale at the start of fp16 training. @range > 0 */
  initialLossScale = 4_294_967_296;
  /** Lower bound of the loss scale. @range > 0 */
  minLossScale = 1;
  /** Steps without overflow before the loss scale rises. @range > 0 */
  lossScaleWindow = 5;
  /** Overflows before the loss scale falls. @range integer >= 0 */
  hysteresis = 2;
  /** Largest norm of a gradient. @range >= 0 */
  gradientClipping = 1;
}

/** How a batch is cut into micro-batches. */
export class MicroBatchOptions {
  /** Micro-batches of a data-parallel rank, at least. @range integer >= 1 */
  nMbs = 1;
  /** Tokens of a micro-batch, at most. @range integer >= 1 */
  maxTokensPerMb = 1_000_000_000_000;
}

/** Sizes of a layout that is set by hand. */
export class ParallelismOptions {
  /** Ranks that share each layer. @range integer >= 1 */
  tensorParallelSize = 1;
  /** Stages that the layers are cut into. @range integer >= 1 */
  pipelineParallelSize = 1;
  /** Copies of the model. @range integer >= 1 */
  dataParallelSize = 1;
  /** Splits activations along the sequence, too. */
  useSequenceParallel = false;
}

/** Micro-batches of a call, and its place under `allocationMode: "manual"`. */
export class CallOptions {
  /** Micro-batches. */
  mbSpec = new MicroBatchOptions();
  /** Layout of the call; read under `manual` only. */
  parallel = new ParallelismOptions();
  /** Nodes and GPUs of the call, e.g. `slurmd-[01-02]` or `slurmd-01:0,1`; all if null. Read under `manual` only. */
  deviceMesh: string | null = null;
}

/** When to save, checkpoint and evaluate. */
export class SaveEvalOptions {
  /** Epochs to train. @range integer >= 1 */
  totalTrainEpochs = 1;
  /** Epochs between saves of the model; none if null. @range integer >= 1 */
  saveFreqEpochs: number | null = null;
  /** Steps between saves of the model; none if null. @range integer >= 1 */
  saveFreqSteps: number | null = null;
  /** Seconds between saves of the model; none if null. @range integer >= 1 */
  saveFreqSecs: number | null = null;
  /** Epochs between recovery checkpoints; none if null. @range integer >= 1 */
  ckptFreqEpochs: number | null = null;
  /** Steps between recovery checkpoints; none if null. @range integer >= 1 */
  ckptFreqSteps: number | null = null;
  /** Seconds between recovery checkpoints; none if null. @range integer >= 1 */
  ckptFreqSecs: number | null = null;
  /** Epochs between evaluations; none if null. @range integer >= 1 */
  evalFreqEpochs: number | null = null;
  /** Steps between evaluations; none if null. @range integer >= 1 */
  evalFreqSteps: number | null = null;
  /** Seconds between evaluations; none if null. @range integer >= 1 */
  evalFreqSecs: number | null = null;
  /** Stops after so many steps; for benchmarks. @range integer >= 1 */
  benchmarkSteps: number | null = null;
  /** Stops after so many sequences; for benchmarks. @range integer >= 1 */
  benchmarkNSeqs: number | null = null;
}

/** Weights & Biases. */
export class WandBOptions {
  /** `online`, `offline` or `disabled`. */
  mode = "disabled";
  /** User or team that owns the run. */
  entity: string | null = null;
  /** Project of the run. */
  project: string | null = null;
  /** Name of the run. */
  name: string | null = null;
  /** Kind of job that the run is filed under. */
  jobType: string | null = null;
  /** Group of the run. */
  group: string | null = null;
  /** Free text beside the run. */
  notes: string | null = null;
  /** Tags of the run. */
  tags: readonly string[] | null = null;
  /** Further values that the run records. */
  config: Readonly<Record<string, unknown>> | null = null;
}

/** TensorBoard. */
export class TensorBoardOptions {
  /** Folder of the event files; none are written if null. */
  path: string | null = null;
}

/** Jobs that evaluate each checkpoint. */
export class EvaluatorOptions {
  /** Benchmarks, separated by commas. */
  dataNames = "aime24";
  /** Tokens of an answer, at most. @range integer >= 1 */
  maxGenTokens = 32_768;
  /** Evaluation jobs at a time, at most. @range integer >= 1 */
  maxConcurrentJobs = 3;
  /** Image of the evaluation jobs. */
  evalJobImage: string | null = null;
  /** Checkpoint that is evaluated before training. */
  initialCheckpointPath: string | null = null;
  /** Template of the prompts. */
  promptType = "deepscaler";
}

/** How sequences are generated. */
export class GenerationOptions {
  /** Sequences for each prompt. @range integer >= 1 */
  n = 1;
  /** Tokens of a sequence after its prompt, at most. @range integer >= 1 */
  maxNewTokens = 16_384;
  /** Tokens of a sequence after its prompt, at least. @range integer >= 0 */
  minNewTokens = 0;
  /** Takes the likeliest token each time. */
  greedy = false;
  /** Probability that the likeliest tokens, from which one is drawn, have together. @range (0, 1] */
  topP = 1;
  /** Likeliest tokens from which one is drawn. @range integer >= 1 */
  topK = 100_000_000;
  /** Evens out probabilities above 1, sharpens them below; 0 is greedy. @range >= 0 */
  temperature = 1;
  /** Decodes in captured graphs. */
  useCudaGraph = true;
  /** Captures graphs anew for each batch. */
  forceCudagraphRecapture = true;
  /** Keeps no mask of the tokens that top-p and top-k left out. */
  forceNoLogitsMask = true;
}
