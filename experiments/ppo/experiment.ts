import {
  CallOptions,
  Experiment,
  type Flow,
  flow,
  fromOptions,
  frozen,
  generate,
  inference,
  model,
  Option,
  Preset,
  trainStep,
  when,
} from "assay";
import { mathCodePrompt, pairedRw } from "assay/plugins";
import { ActorCriticExperiment } from "../actor-critic.ts";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { PROMPT_OPTIONS } from "../prompt-dataset.ts";
import { ActorCriticOptions } from "../policy-options.ts";

/**
 * Proximal policy optimization with a learned reward: trains a policy on what it generates and a value function beside it, by the
 * scores of a reward model that was trained before and stays as it is.
 */
@Experiment("ppo", { tags: ["rl", "ppo", "reward"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "d4p1m2",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  critic: { path: "qwen2.5-1.5b", type: { family: "qwen2" }, initCriticFromActor: true },
  ref: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  rew: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl", maxPromptLen: 1024 },
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  criticTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  actorGen: { mbSpec: { maxTokensPerMb: 30_720 } },
  criticInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  refInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  rewInf: { mbSpec: { maxTokensPerMb: 30_720 } },
})
@Preset("eight-nodes", {
  cluster: "h800x256",
  nNodes: 8,
  allocationMode: "sglang.d32p1m1+d8p1m4",
  actor: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" }, optimizer: { lr: 1e-6 } },
  critic: {
    path: "/storage/models/Qwen2.5-7B",
    type: { family: "qwen2" },
    initCriticFromActor: true,
    optimizer: { lr: 5e-6 },
  },
  ref: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" } },
  rew: { path: "/storage/models/Qwen2.5-7B", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl", maxPromptLen: 1024, trainBsNSeqs: 512 },
  groupSize: 4,
  actorTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  criticTrain: { mbSpec: { maxTokensPerMb: 30_720 } },
  criticInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  refInf: { mbSpec: { maxTokensPerMb: 30_720 } },
  rewInf: { mbSpec: { maxTokensPerMb: 30_720 } },
})
export class Ppo extends ActorCriticExperiment {
  /** The value function: mostly it starts from the reward model, or from the policy (`critic.initCriticFromActor`). */
  @Option() override critic = model(null, { type: { family: "llama", isCritic: true } }, MODEL_PLUGINS);
  /** The reward model, as `reward-model` trains it. */
  @Option() rew = model(null, { type: { family: "llama", isCritic: true } }, MODEL_PLUGINS);
  /** Micro-batches of the rewards, and their place under `allocationMode: "manual"`. */
  @Option() rewInf = new CallOptions();
  /** Parameters of the algorithm. */
  @Option() override ppo = new ActorCriticOptions();

  override flow(): Flow {
    const { dataset, ppo } = this;
    const { whole, scored, trained } = this.steps;
    const actor = this.actorInterface();
    // Which tokens sampling left out: without them, log-probabilities are those over the whole vocabulary.
    const hasLogitsMask = !ppo.gen.forceNoLogitsMask;
    return flow({
      // The policy keeps its statistics by task: prompts come with the id of theirs.
      datasets: [
        fromOptions(mathCodePrompt({ datasetPath: dataset.path, maxLength: dataset.maxPromptLen }), PROMPT_OPTIONS),
      ],
      maxPromptLen: dataset.maxPromptLen,
      evaluateFrom: this.actor.path,
      models: { actor: this.actor, critic: this.critic, ref: frozen(this.ref), reward: frozen(this.rew) },
      calls: {
        actor_gen: generate("actor", actor, {
          ...whole,
          allocation: this.actorGen,
          generation: ppo.gen,
          yields: [...this.generatedKeys(), hasLogitsMask && "packed_logits_mask"],
        }),
        actor_train: trainStep("actor", actor, {
          ...trained,
          allocation: this.actorTrain,
          blendInto: this.refEmaEta === null ? null : { role: "ref", eta: this.refEmaEta },
          reads: [...this.trainedKeys(), hasLogitsMask && "packed_logits_mask"],
        }),
        ...this.criticCalls(),
        rew_inf: inference("reward", this.rewardInterface(), { ...scored, allocation: this.rewInf }),
        ref_inf: when(
          this.hasReference,
          inference("ref", this.referenceInterface(), {
            ...scored,
            allocation: this.refInf,
            reads: ["packed_input_ids", hasLogitsMask && "packed_logits_mask"],
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

  /** The reward model is never saved: it stays as it is. */
  protected rewardInterface() {
    const { rewardOutputScaling, rewardOutputBias } = this.ppo;
    return pairedRw({ outputScaling: rewardOutputScaling, outputBias: rewardOutputBias, enableSave: false });
  }
}

export { ActorCriticOptions } from "../policy-options.ts";
