// The calls of PPO on math problems, whose keys hang on five options.
import { CommonExperiment, flow, frozen, generate, inference, model, Option, trainStep, when } from "assay";
import { defineBackend, defineDataset, defineInterface, defineModel } from "assay/plugin";

const ANY = { type: "object" } as const;

const mathCodePrompt = defineDataset({ type: "math_code_prompt", args: ANY, yields: ["packed_prompts", "task_ids"] });

const ppoActor = defineInterface({
  type: "ppo_actor",
  args: ANY,
  calls: {
    generate: {
      reads: { required: ["packed_prompts", "task_ids"] },
      yields: {
        always: ["seq_no_eos_mask", "packed_input_ids", "prompt_mask"],
        optional: ["packed_logprobs"],
      },
    },
    inference: { reads: { required: ["packed_input_ids"] }, yields: { always: ["logprobs"] } },
    trainStep: {
      reads: {
        required: ["packed_input_ids", "packed_logprobs", "rewards", "task_ids", "prompt_mask", "seq_no_eos_mask"],
        optional: ["packed_ref_logprobs", "values", "proximal_logprobs"],
      },
      yields: { always: [] },
    },
  },
});

const ppoCritic = defineInterface({
  type: "ppo_critic",
  args: ANY,
  calls: {
    inference: { reads: { required: ["packed_input_ids", "seq_no_eos_mask"] }, yields: { always: ["values"] } },
    trainStep: {
      reads: {
        required: ["packed_input_ids", "packed_logprobs", "rewards", "values", "prompt_mask", "seq_no_eos_mask"],
        optional: ["packed_ref_logprobs"],
      },
      yields: { always: [] },
    },
  },
});

const rwMathCode = defineInterface({
  type: "rw-math-code",
  args: ANY,
  calls: {
    inference: {
      reads: { required: ["packed_input_ids", "packed_prompts", "task_ids"] },
      yields: { always: ["rewards"] },
    },
  },
});

const fusedThreading = defineInterface({
  type: "fused-threading",
  args: ANY,
  calls: { inference: { reads: "any", yields: "any" } },
});

const backends = [
  defineModel({ type: "weights", holds: "weights", args: ANY, shard: () => ({}) }),
  defineBackend({ type: "megatron", role: "train", args: ANY, shard: () => ({}) }),
  defineBackend({ type: "inference", role: "inference", args: ANY, shard: () => ({}) }),
];

/** Proximal policy optimization on math problems, as far as its graph goes. */
export class PpoMathKeys extends CommonExperiment {
  /** Prompts of a step. @range integer >= 1 */
  @Option() batchSize = 64;
  /** Answers to a prompt. @range integer >= 1 */
  @Option() groupSize = 8;
  /** Parts that a batch is trained in. @range integer >= 1 */
  @Option() nMinibatches = 4;
  /** Weight of the distance from the reference. @range >= 0 */
  @Option() klCtl = 0.1;
  /** Trains without a critic. */
  @Option() disableValue = false;
  /** Log-probabilities by the trained model rather than by the engine. */
  @Option() recomputeLogprob = false;
  /** Keeps the engine's log-probabilities beside those of the trained model. */
  @Option() useDecoupledLoss = false;
  /** Computes rewards beside the reference's log-probabilities. */
  @Option() fuseRewRef = false;
  /** The policy. */
  @Option() actor = model("qwen2.5-1.5b", {}, backends);
  /** The value function. */
  @Option() critic = model("qwen2.5-1.5b", { type: { isCritic: true } }, backends);

  override flow() {
    const { useDecoupledLoss, recomputeLogprob } = this;
    const hasReference = this.klCtl !== 0;
    const hasValues = !this.disableValue;
    const isFused = hasReference && this.fuseRewRef;
    const enginesLogprobs = useDecoupledLoss || !recomputeLogprob;
    const actorsLogprobs = useDecoupledLoss ? "proximal_logprobs" : "packed_logprobs";
    const scored = { minSeqsPerPass: 1 / this.groupSize };
    const trained = { minSeqsPerPass: this.nMinibatches / this.groupSize };
    const actor = ppoActor();
    const critic = ppoCritic();
    const rew = rwMathCode();

    return flow({
      datasets: [mathCodePrompt()],
      models: { actor: this.actor, critic: this.critic, ref: frozen(this.actor), reward: frozen(this.actor) },
      calls: {
        actor_gen: generate("actor", actor, {
          nSeqs: this.batchSize,
          yields: ["seq_no_eos_mask", "packed_input_ids", enginesLogprobs && "packed_logprobs", "prompt_mask"],
        }),
        actor_train: trainStep("actor", actor, {
          ...trained,
          reads: [
            "packed_input_ids",
            "packed_logprobs",
            hasReference && "packed_ref_logprobs",
            "rewards",
            "task_ids",
            hasValues && "values",
            "prompt_mask",
            "seq_no_eos_mask",
            useDecoupledLoss && "proximal_logprobs",
          ],
        }),
        critic_inf: when(hasValues, inference("critic", critic, scored)),
        critic_train: when(
          hasValues,
          trainStep("critic", critic, {
            ...trained,
            reads: [
              "packed_input_ids",
              "packed_logprobs",
              hasReference && "packed_ref_logprobs",
              "rewards",
              "values",
              "prompt_mask",
              "seq_no_eos_mask",
            ],
          }),
        ),
        ref_inf: when(
          hasReference,
          inference("ref", isFused ? fusedThreading({ interfaces: { rew, ref: actor } }) : actor, {
            ...scored,
            reads: ["packed_input_ids", isFused && "packed_prompts", isFused && "task_ids"],
            yields: ["packed_ref_logprobs", isFused && "rewards"],
            rename: { logprobs: "packed_ref_logprobs" },
          }),
        ),
        actor_inf: when(
          recomputeLogprob || useDecoupledLoss,
          inference("actor", actor, { rename: { logprobs: actorsLogprobs } }),
        ),
        rew_inf: when(!isFused, inference("reward", rew, scored)),
      },
    });
  }
}
