import { CommonExperiment, Option } from "assay";

/** Base of experiments that use one node of eight GPUs unless an option says otherwise. */
export abstract class OneNodeExperiment extends CommonExperiment {
  /** Nodes in use. @range integer >= 1 */
  @Option() override nNodes = 1;
  /** GPUs in use on each node. @range integer >= 1 */
  @Option() override nGpusPerNode = 8;
}
