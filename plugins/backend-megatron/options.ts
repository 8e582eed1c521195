/** How gradients and parameters travel between data-parallel ranks. */
export class DistributedDataParallelOptions {
  /** Reduces gradients in float32. */
  gradReduceInFp32 = true;
  /** Reduces gradients during the backward pass. */
  overlapGradReduce = true;
  /** Gathers parameters during the forward pass. */
  overlapParamGather = false;
  /** Starts gathering at the same time on all stages. */
  alignParamGather = false;
  /** Shares the optimizer state among data-parallel ranks. */
  useDistributedOptimizer = true;
  /** Stops at a gradient that is no number. */
  checkForNanInGrad = false;
  /** Parameters of a communication bucket; chosen by size if null. @range integer >= 1 */
  bucketSize: number | null = null;
  /** Averages in the collective rather than before it. */
  averageInCollective = false;
  /** Gathers parameters in fp8. */
  fp8ParamGather = false;
}

/** Options of the Megatron backend. */
export class MegatronOptions {
  /** Data parallelism. */
  ddp = new DistributedDataParallelOptions();
  /** Gathers parameters while the optimizer steps. */
  overlapParamGatherWithOptimizerStep = false;
  /** Keeps optimizer states in the types below. */
  usePrecisionAwareOptimizer = false;
  /** Type of the main gradients. */
  mainGradsDtype = "float32";
  /** Type of the main parameters. */
  mainParamsDtype = "float32";
  /** Type of the first moment. */
  expAvgDtype = "float32";
  /** Type of the second moment. */
  expAvgSqDtype = "float32";
  /** Data ranks that share a sequence (context parallelism). @range integer >= 1 */
  contextParallelSize = 1;
  /** Ranks that the experts of a layer are split over. @range integer >= 1 */
  expertParallelSize = 1;
  /** Ranks that each expert is split over; the tensor size if null. @range integer >= 1 */
  expertTensorParallelSize: number | null = null;
  /** Pipeline stages of each rank. @range integer >= 1 */
  virtualPipelineParallelSize = 1;
}
