/** Options of SGLang. */
export class SglangOptions {
  /** Runs without captured graphs. */
  disableCudaGraph = false;
  /** Shares no cache between requests. */
  disableRadixCache = false;
  /** Captures exact batch sizes only. */
  disableCudaGraphPadding = false;
  /** Uses NVLink SHARP in collectives. */
  enableNcclNvls = false;
  /** Keeps no grammar cache on disk. */
  disableOutlinesDiskCache = false;
  /** Uses the library all-reduce only. */
  disableCustomAllReduce = false;
  /** Schedules without overlapping computation. */
  disableOverlapSchedule = false;
  /** Mixes prefill chunks and decoding in a batch. */
  enableMixedChunk = false;
  /** Splits attention by data. */
  enableDpAttention = false;
  /** Splits experts over ranks. */
  enableEpMoe = false;
  /** Compiles the model. */
  enableTorchCompile = false;
  /** Largest compiled batch. @range integer >= 1 */
  torchCompileMaxBs = 32;
  /** Largest captured batch; chosen if null. @range integer >= 1 */
  cudaGraphMaxBs: number | null = null;
  /** Captured batch sizes; chosen if null. */
  cudaGraphBs: readonly number[] | null = null;
  /** Quantisation, e.g. `int4wo-128`; none if empty. */
  torchaoConfig = "";
  /** Stops at values that are no numbers. */
  enableNanDetection = false;
  /** Checks peer access at start. */
  enableP2pCheck = false;
  /** Reduces attention in float32. */
  tritonAttentionReduceInFp32 = false;
  /** Splits of the key-value cache. @range integer >= 1 */
  tritonAttentionNumKvSplits = 8;
  /** Decoding steps between schedulings. @range integer >= 1 */
  numContinuousDecodeSteps = 1;
  /** Releases memory while it is idle. */
  enableMemorySaver = false;
  /** Cuts requests that are too long. */
  allowAutoTruncate = false;
  /** Kernels of attention; chosen if null. */
  attentionBackend: string | null = "flashinfer";
  /** Kernels of sampling; chosen if null. */
  samplingBackend: string | null = null;
  /** Longest sequence in tokens; that of the model if null. @range integer >= 1 */
  contextLength: number | null = 32768;
  /** Part of the GPU memory for weights and cache; chosen if null. @range (0, 1] */
  memFractionStatic: number | null = 0.9;
  /** Requests at a time, at most; chosen if null. @range integer >= 1 */
  maxRunningRequests: number | null = null;
  /** Tokens of a prefill chunk; -1 for whole prompts, chosen if null. @range integer >= -1 */
  chunkedPrefillSize: number | null = -1;
  /** Tokens of a prefill batch, at most. @range integer >= 1 */
  maxPrefillTokens = 32768;
  /** Order of requests. */
  schedulePolicy = "lpm";
  /** Caution against running out of cache; higher is more. @range >= 0 */
  scheduleConservativeness = 1.0;
  /** Weights kept in host memory, in GiB. @range integer >= 0 */
  cpuOffloadGb = 0;
  /** Generates on the GPUs that also train. */
  hybridTrain = false;
  /** Type of weights and activations. */
  dtype = "float16";
  /** Type of the key-value cache. */
  kvCacheDtype = "auto";
  /** Level of the log. */
  logLevel = "warning";
  /** Level of the HTTP log; that of the log if null. */
  logLevelHttp: string | null = "warning";
  /** Logs requests. */
  logRequests = false;
  /** How much of a request is logged. @range integer >= 0 */
  logRequestsLevel = 0;
  /** Logs times of parts. */
  showTimeCost = false;
  /** Offers metrics. */
  enableMetrics = true;
  /** Decoding steps between log lines. @range integer >= 1 */
  decodeLogInterval = 1;
}
