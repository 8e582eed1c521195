import {
  Experiment,
  type Flow,
  flow,
  frozen,
  generate,
  generationConfig,
  inference,
  Option,
  Preset,
  type Rollouts,
  trainStep,
  when,
} from "assay";
import { mathCodeSingleStep, mathSingleStep, nullInterface, pullerStream, sglang } from "assay/plugins";
import { PpoMath } from "../ppo-math/experiment.ts";

/** Proximal policy optimization on math and code problems, with generation on servers that run beside training. */
@Experiment("async-ppo-math", { tags: ["rl", "ppo", "math", "asynchronous"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "sglang.d4p1m1+d4p1m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  ref: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl", maxPromptLen: 1024 },
  ppo: { disableValue: true, recomputeLogprob: true, useDecoupledLoss: true },
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  actorInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  refInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  groupSize: 8,
  maxHeadOffpolicyness: 4,
})
@Preset("sixteen-nodes", {
  cluster: "h800x256",
  nNodes: 16,
  allocationMode: "sglang.d64p1m1+d16p2m2",
  actor: { path: "/storage/models/DeepSeek-R1-Distill-Qwen-7B", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl", maxPromptLen: 1024, trainBsNSeqs: 512 },
  ppo: { klCtl: 0, disableValue: true, recomputeLogprob: true, useDecoupledLoss: true },
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  actorInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  groupSize: 16,
  maxHeadOffpolicyness: 4,
  cpusPerRolloutWorker: 2,
})
export class AsyncPpoMath extends PpoMath {
  /** How requests are spread over the servers. */
  @Option() schedulePolicy = "round_robin";
  /** Tokens that a server generates before it may take up new parameters. @range integer >= 1 */
  @Option() newTokensPerChunk = 10_000_000_000;
  /** Versions that a sample may lag behind the trained parameters. @range integer >= 0 */
  @Option() maxHeadOffpolicyness = 0;
  /** Rollout workers; as many as there are GPUs that train if null or 0. @range integer >= 0 */
  @Option() nRolloutWorkers: number | null = null;
  /** Rollouts at a time; the sequences of a training step if null. @range integer >= 0 */
  @Option() maxConcurrentRollouts: number | null = null;
  /** Seconds in which servers finish their requests before new parameters come. @range integer >= 0 */
  @Option() flushRequestTimeout = 300;
  /** CPUs of a generation server. @range integer >= 1 */
  @Option() cpusPerGenerationServer = 4;
  /** Memory of a generation server, in MiB. @range integer >= 1 */
  @Option() memPerGenerationServer = 61_440;
  /** CPUs of the servers' manager. @range integer >= 1 */
  @Option() cpusPerGserverManager = 4;
  /** Memory of the servers' manager, in MiB. @range integer >= 1 */
  @Option() memPerGserverManager = 10_240;
  /** CPUs of a rollout worker. @range integer >= 1 */
  @Option() cpusPerRolloutWorker = 4;
  /** Memory of a rollout worker, in MiB. @range integer >= 1 */
  @Option() memPerRolloutWorker = 20_480;

  override rollouts(): Rollouts {
    const { ppo, groupSize, dataset } = this;
    return {
      engine: sglang,
      stream: pullerStream,
      agent: mathSingleStep({
        gconfig: generationConfig(ppo.gen, { n: groupSize }),
        tokenizerPath: this.actor.path,
        successRateLb: this.successRateLb,
        successRateUb: this.successRateUb,
        rewardScaling: ppo.rewardOutputScaling,
        rewardBias: ppo.rewardOutputBias,
      }),
      environment: mathCodeSingleStep({ datasetPath: dataset.path }),
      nWorkers: this.nRolloutWorkers,
      newTokensPerChunk: this.newTokensPerChunk,
      schedulePolicy: this.schedulePolicy,
      maxHeadOffpolicyness: this.maxHeadOffpolicyness,
      maxConcurrentRollouts: this.maxConcurrentRollouts,
      flushRequestTimeout: this.flushRequestTimeout,
      from: {
        nWorkers: "nRolloutWorkers",
        newTokensPerChunk: "newTokensPerChunk",
        schedulePolicy: "schedulePolicy",
        maxHeadOffpolicyness: "maxHeadOffpolicyness",
        maxConcurrentRollouts: "maxConcurrentRollouts",
        flushRequestTimeout: "flushRequestTimeout",
      },
      scheduling: {
        server: { cpu: this.cpusPerGenerationServer, memMiB: this.memPerGenerationServer },
        manager: { cpu: this.cpusPerGserverManager, memMiB: this.memPerGserverManager },
        worker: { cpu: this.cpusPerRolloutWorker, memMiB: this.memPerRolloutWorker },
      },
    };
  }

  override flow(): Flow {
    const { whole, scored, trained } = this.steps;
    const actor = this.noTraining ? nullInterface() : this.actorInterface();
    return flow({
      datasets: [this.problems()],
      maxPromptLen: this.dataset.maxPromptLen,
      models: { actor: this.actor, critic: this.critic, ref: frozen(this.ref) },
      calls: {
        actor_gen: generate("actor", actor, {
          ...whole,
          allocation: this.actorGen,
          generation: this.ppo.gen,
          reads: ["packed_prompts", "task_ids"],
          yields: [...this.generatedKeys(), "packed_prompts", "version_start", "version_end", "rewards", "birth_time"],
        }),
        actor_train: trainStep("actor", actor, {
          ...trained,
          allocation: this.actorTrain,
          reads: [...this.trainedKeys(), "version_start", "version_end"],
        }),
        ...this.criticCalls(),
        ref_inf: when(
          this.hasReference,
          inference("ref", this.referenceInterface(), {
            ...scored,
            allocation: this.refInf,
            rename: { logprobs: "packed_ref_logprobs" },
          }),
        ),
        actor_inf: when(
          this.recomputesLogprobs,
          inference("actor", actor, { ...whole, allocation: this.actorInf, ...this.recomputedKeys() }),
        ),
      },
    });
  }
}
