import { contextOf } from "./context.ts";
import type { Experiment } from "./experiment.ts";
import type { Flow } from "./flow.ts";
import { assembleFlow, sizesOf } from "./assemble.ts";
import { fromOptions } from "./option-scheduling.ts";
import { type Rollouts, rolloutScheduling } from "./rollouts.ts";
import type { TrackerUse } from "../plugin/define-hooks.ts";
import type { HeuristicPlace } from "../layout/input.ts";
import { serverSizes } from "../layout/servers.ts";
import { parseAllocationMode } from "../spec/allocation-mode.ts";
import { Option } from "./option.ts";
import { EvaluatorOptions, SaveEvalOptions, TensorBoardOptions, WandBOptions } from "./option-groups.ts";
import { type ExperimentConfig } from "../spec/experiment-config.ts";
import {
  type ExperimentScheduling,
  experimentScheduling,
  masterWorkerDefault,
  modelWorkerDefault,
  tasksGroup,
} from "../spec/scheduling.ts";

/**
 * Base of experiments that are a flow of calls on one set of GPUs: `flow()` says data, models and calls, the allocation string
 * where they run, and workers, scheduling, replicas and hooks follow.
 */
export abstract class CommonExperiment implements Experiment {
  /** Name of the trial's experiment; the registered name if null. @launch */
  @Option() experimentName: string | null = null;
  /** Name of the trial; the launcher asks for one. @launch */
  @Option() trialName: string | null = null;
  /** How workers are started. @launch */
  @Option() mode: "slurm" | "local" | "ray" = "slurm";
  /** Checks more at run time, at some cost. @launch */
  @Option() debug = true;
  /** Port at which workers offer metrics; none if 0. @launch @range integer [0, 65535] */
  @Option() metricDiscoveryPort = 0;
  /** Partition of the cluster. @launch */
  @Option() partition = "dev";
  /** Order in which nodes are filled. @launch */
  @Option() scheduleStrategy = "empty_first";
  /** Weights & Biases. */
  @Option() wandb = new WandBOptions();
  /** TensorBoard. */
  @Option() tensorboard = new TensorBoardOptions();
  /** Image of the workers, in place of the cluster's. @launch */
  @Option() imageName: string | null = null;
  /** Whether a trial that ended is taken up again: `disabled`, `auto`, `save`, `resume` or `fault`. @launch */
  @Option() recoverMode = "disabled";
  /** How often a trial is taken up again. @launch @range integer >= 0 */
  @Option() recoverRetries = 1;
  /** Seconds before a trial is taken up again. @launch @range integer >= 0 */
  @Option() recoverAfter = 10;
  /** Goes on when a worker fails. @launch */
  @Option() ignoreWorkerError = false;
  /** Which GPUs each call gets and how its model is split there, e.g. `d4p1m2` or `actor_gen:d8p1m1,*:d4p1m2`. */
  @Option() allocationMode!: string;
  /** Nodes in use; all of the cluster's if null. @range integer >= 1 */
  @Option() nNodes: number | null = null;
  /** GPUs in use on each node; all of the cluster's if null. @range integer >= 1 */
  @Option() nGpusPerNode: number | null = null;
  /** Nodes to use, e.g. `slurmd-[01-16]`; any if null. */
  @Option() nodelist: string | null = null;
  /** Nodes not to use; none if null. */
  @Option() exclude: string | null = null;
  /** Seed of all workers. @range integer >= 0 */
  @Option() seed = 1;
  /** Steps between clearings of the GPU's cache; never if null. @range integer >= 1 */
  @Option() cacheClearFreq: number | null = 10;
  /** When to save, checkpoint and evaluate. */
  @Option() expCtrl = new SaveEvalOptions();
  /** Clears the allocator's cache before each call. */
  @Option() torchCacheMysophobia = true;
  /** Evaluates each checkpoint in a job of its own. */
  @Option() autoEval = false;
  /** Jobs that evaluate checkpoints. */
  @Option() autoEvalConfig = new EvaluatorOptions();
  /** CPUs of the master worker. @range integer >= 1 */
  @Option() cpusPerMasterWorker = 4;
  /** Memory of the master worker, in MiB. @range integer >= 1 */
  @Option() memPerMasterWorker = 20_000;
  /** CPUs of a model worker. @range integer >= 1 */
  @Option() cpusPerModelWorker = 4;
  /** Memory of a model worker, in MiB. @range integer >= 1 */
  @Option() memPerModelWorker = 90_000;
  /** Environment of every worker, by the name of the variable. */
  @Option() envVars: Readonly<Record<string, string>> = {};
  /** Shuffles the datasets. */
  @Option() shuffleDataset = true;
  /** Folder of Ray's temporary files. @launch */
  @Option() rayTempPath = "/tmp/ray";

  /** Data, models and calls of one step. Runs after all options are set. */
  abstract flow(): Flow;

  /** Generation on servers apart from training, for asynchronous experiments; `null`: calls generate by themselves. */
  rollouts(): Rollouts | null {
    return null;
  }

  /** Places that reports go to besides Weights & Biases and TensorBoard, each made by the factory of a tracker plugin. */
  trackers(): readonly TrackerUse[] {
    return [];
  }

  /** Where calls go under `allocationMode: "heuristic"`, by name; `null`: the experiment has no rule of its own. */
  heuristic(): Readonly<Record<string, HeuristicPlace>> | null {
    return null;
  }

  schedulingSetup(): ExperimentScheduling {
    const context = contextOf(this);
    const { cluster } = context;
    const { nNodes, gpusPerNode } = sizesOf(this, context);
    const gpus = nNodes * gpusPerNode;
    const rollouts = this.rollouts();
    const sizes = rollouts === null ? null : serverSizes(parseAllocationMode(this.allocationMode).value, gpus);
    const common = { nodelist: this.nodelist, exclude: this.exclude, envVars: this.envVars };
    return experimentScheduling({
      masterWorker: tasksGroup(
        1,
        fromOptions(
          masterWorkerDefault(cluster, {
            cpu: this.cpusPerMasterWorker,
            memMiB: this.memPerMasterWorker,
            ...common,
          }),
          { cpu: "cpusPerMasterWorker", memMiB: "memPerMasterWorker" },
        ),
      ),
      modelWorker: tasksGroup(
        sizes?.modelWorkers ?? gpus,
        fromOptions(
          modelWorkerDefault(cluster, {
            cpu: this.cpusPerModelWorker,
            gpu: 1,
            memMiB: this.memPerModelWorker,
            ...common,
          }),
          { cpu: "cpusPerModelWorker", memMiB: "memPerModelWorker" },
        ),
      ),
      ...(rollouts === null ? {} : rolloutScheduling(rollouts, sizes, cluster, common)),
    });
  }

  initialSetup(): ExperimentConfig | readonly ExperimentConfig[] {
    return assembleFlow(this.flow(), this, contextOf(this));
  }
}
