/** Options of vLLM. */
export class VllmOptions {
  /** Sequences of a batch, at most. @range integer >= 1 */
  maxNumSeqs = 256;
  /** Type of weights and activations. */
  dtype = "float16";
  /** Type of the key-value cache. */
  kvCacheType = "auto";
  /** Decoding steps between schedulings. @range integer >= 1 */
  numSchedulerSteps = 1;
  /** Streams the tokens of each step. */
  multiStepStreamOutputs = true;
  /** Tokens of a cache block. @range integer >= 1 */
  blockSize = 16;
  /** Host memory for swapped blocks, in GiB a GPU. @range integer >= 0 */
  swapSpace = 4;
  /** Weights kept in host memory, in GiB a GPU. @range >= 0 */
  cpuOffloadGb = 0;
  /** Longest sequence, in tokens, that runs in a captured graph. @range integer >= 1 */
  maxSeqLenToCapture = 32768;
  /** Attends to the whole sequence. */
  disableSlidingWindow = true;
  /** Longest sequence in tokens; that of the model if null. @range integer >= 1 */
  maxModelLen: number | null = 32768;
  /** Cuts long prompts into chunks. */
  enableChunkedPrefill = false;
  /** Shares the cache of equal beginnings. */
  enablePrefixCaching = false;
  /** Part of the GPU memory to use. @range (0, 1] */
  gpuMemoryUtilization = 0.9;
  /** Runs without captured graphs. */
  enforceEager = false;
  /** Generates on the GPUs that also train. */
  hybridTrain = false;
  /** Further arguments of the engine. */
  additionalEngineArgs: Readonly<Record<string, unknown>> = {};
}
