import {
  CallOptions,
  Experiment,
  flow,
  fromOptions,
  frozen,
  generate,
  generationConfig,
  inference,
  model,
  Option,
  Preset,
  trainStep,
} from "assay";
import { grpo, pairedRw, prompt } from "assay/plugins";
import { generationOrigins } from "../argument-options.ts";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";
import { PolicyOptions } from "../policy-options.ts";
import { PROMPT_OPTIONS, PromptDatasetOptions } from "../prompt-dataset.ts";

/** Group relative policy optimization. */
export class GrpoOptions extends PolicyOptions {
  /** Rewards, normalised within the answers to one prompt, are cut to this size. @range >= 0 */
  override maxRewardClip = 20;
  /** Weight of the distance from the reference in the loss. @range >= 0 */
  override klCtl = 0.1;
}

/** Options that arguments of the policy's interface come from. */
const POLICY_OPTIONS = {
  ...generationOrigins("generationConfig", "ppo.gen"),
  groupSize: "groupSize",
  nMinibatches: "ppo.ppoNMinibatches",
  klCtl: "ppo.klCtl",
  adaptiveKlCtl: "ppo.useAdaptiveKlCtl",
  discount: "ppo.discount",
  epsClip: "ppo.epsClip",
  maxRewardClip: "ppo.maxRewardClip",
  earlyStopImpRatio: "ppo.earlyStopImpRatio",
  advNorm: "ppo.advNorm",
} as const;

/**
 * Group relative policy optimization: trains a policy on several answers to each prompt, by how a reward model scores them among one
 * another, without a value function.
 */
@Experiment("grpo", { tags: ["rl", "grpo", "reward"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  ref: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  rew: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/prompts.jsonl", maxPromptLen: 1024 },
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  actorGen: { mbSpec: { maxTokensPerMb: 30_720 } },
  rewInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  refInf: { mbSpec: { maxTokensPerMb: 30_720 } },
})
@Preset("sixteen-nodes", {
  cluster: "h800x256",
  nNodes: 16,
  allocationMode: "sglang.d64p1m1+d16p2m2",
  actor: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" }, optimizer: { lr: 1e-6 } },
  ref: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" } },
  rew: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/prompts.jsonl", maxPromptLen: 1024, trainBsNSeqs: 512 },
  groupSize: 16,
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  rewInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  refInf: { mbSpec: { maxTokensPerMb: 30_720 } },
})
export class Grpo extends OneNodeExperiment {
  /** The policy. */
  @Option() actor = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The reference that the policy is kept close to: mostly the checkpoint that the policy starts from. */
  @Option() ref = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The reward model, as `reward-model` trains it. */
  @Option() rew = model(null, { type: { family: "llama", isCritic: true } }, MODEL_PLUGINS);
  /** Micro-batches of the train step, and its place under `allocationMode: "manual"`. */
  @Option() actorTrain = new CallOptions();
  /** Micro-batches of generation, and its place under `allocationMode: "manual"`. */
  @Option() actorGen = new CallOptions();
  /** Micro-batches of the rewards, and their place under `allocationMode: "manual"`. */
  @Option() rewInf = new CallOptions();
  /** Micro-batches of the reference, and its place under `allocationMode: "manual"`. */
  @Option() refInf = new CallOptions();
  /** Prompts. */
  @Option() dataset = new PromptDatasetOptions();
  /** Parameters of the algorithm. */
  @Option() ppo = new GrpoOptions();
  /** Answers to each prompt, which are compared with one another. @range integer >= 2 */
  @Option() groupSize = 4;

  override flow() {
    const { dataset, groupSize, ppo } = this;
    const from = { nSeqs: "dataset.trainBsNSeqs", minSeqsPerPass: "groupSize" };
    const steps = { nSeqs: dataset.trainBsNSeqs, from };
    const scored = { ...steps, minSeqsPerPass: 1 / groupSize };
    const actor = fromOptions(grpo(this.actorArguments()), POLICY_OPTIONS);
    // Which tokens sampling left out: without them, log-probabilities are those over the whole vocabulary.
    const hasLogitsMask = !ppo.gen.forceNoLogitsMask;
    return flow({
      datasets: [
        fromOptions(
          prompt({
            datasetPath: dataset.path,
            maxLength: dataset.maxPromptLen,
            fillToMaxLength: dataset.fillToMaxLength,
          }),
          PROMPT_OPTIONS,
        ),
      ],
      maxPromptLen: dataset.maxPromptLen,
      evaluateFrom: this.actor.path,
      models: { actor: this.actor, ref: frozen(this.ref), reward: frozen(this.rew) },
      calls: {
        actor_gen: generate("actor", actor, {
          ...steps,
          allocation: this.actorGen,
          generation: ppo.gen,
          reads: ["packed_prompts"],
          renameReads: { packed_prompts: "packed_input_ids" },
          yields: ["packed_input_ids", "packed_logprobs", "prompt_mask", hasLogitsMask && "packed_logits_mask"],
        }),
        rew_inf: inference("reward", this.rewardInterface(), { ...scored, allocation: this.rewInf }),
        ref_inf: inference("ref", fromOptions(grpo({ ...this.actorArguments(), enableSave: false }), POLICY_OPTIONS), {
          ...scored,
          allocation: this.refInf,
          reads: ["packed_input_ids", hasLogitsMask && "packed_logits_mask"],
        }),
        actor_train: trainStep("actor", actor, {
          ...steps,
          minSeqsPerPass: ppo.ppoNMinibatches / groupSize,
          allocation: this.actorTrain,
          reads: [
            "packed_input_ids",
            "packed_logprobs",
            "packed_ref_logprobs",
            "rewards",
            "prompt_mask",
            hasLogitsMask && "packed_logits_mask",
          ],
        }),
      },
    });
  }

  protected actorArguments() {
    const { groupSize, ppo } = this;
    return {
      groupSize,
      nMinibatches: ppo.ppoNMinibatches,
      generationConfig: generationConfig(ppo.gen),
      klCtl: ppo.klCtl,
      adaptiveKlCtl: ppo.useAdaptiveKlCtl,
      discount: ppo.discount,
      epsClip: ppo.epsClip,
      maxRewardClip: ppo.maxRewardClip,
      earlyStopImpRatio: ppo.earlyStopImpRatio,
      advNorm: ppo.advNorm,
    };
  }

  /** The reward model is never saved: it stays as it is. */
  protected rewardInterface() {
    const { rewardOutputScaling, rewardOutputBias } = this.ppo;
    return pairedRw({ outputScaling: rewardOutputScaling, outputBias: rewardOutputBias, enableSave: false });
  }
}

export { PromptDatasetOptions } from "../prompt-dataset.ts";
