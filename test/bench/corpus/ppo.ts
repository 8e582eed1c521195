import type { Random } from "./random.ts";
import { extraImports, extrasOf, subjectOf } from "./words.ts";

/** An experiment like `ppo-math`: seven calls on four or five roles, two of them under a condition, keys written out. */
export function ppoExperiment(index: number, random: Random): string {
  const { number, domain, goal, team, path } = subjectOf(index, random);
  const isSafe = random.below(3) === 0;
  const extras = extrasOf(random).slice(0, isSafe ? 1 : 2);
  const nodes = random.pick([2, 4, 8]);
  const factories = ["benchActor", "benchCritic", "benchReward", ...(isSafe ? ["benchSafety"] : [])].join(", ");
  return `import { Experiment, flow, frozen, generate, inference, Option, Preset, trainStep, when } from "assay";
import { benchPrompts } from "../shared/datasets.ts";
import { ${factories} } from "../shared/interfaces.ts";
import { CRITIC_KEYS, POLICY_KEYS, ROLLOUT_KEYS, withKeys } from "../shared/keys.ts";
import { policy${isSafe ? ", scorer" : ""} } from "../shared/model-makers.ts";
${extraImports(extras, "runName")}import { PpoBase } from "../shared/ppo-base.ts";
import { centredBias } from "../shared/reward-options.ts";
import { rateForAnswers } from "../shared/schedule-math.ts";

/** Share of right answers of the base model on ${domain}, measured once. */
const RIGHT_SHARE = 0.${2 + random.below(6)};

/**
 * Reinforcement learning on ${domain} towards ${goal}.
 *
 * Run ${number} of the ${team} team's series. The policy answers, the reward model scores, and the reference model keeps the
 * policy near its start.
 */
@Experiment("ppo-${domain}-${number}", { tags: ["ppo", "${team}", "${domain}"] })
@Preset("lab", {
  cluster: "lab8",
  allocationMode: "${random.pick(["sglang.d4p1m1+d4p1m1", "actor_gen:d4p1m2,*:d8p1m1", "d4p1m2", "actor_train:d4p2m1,*:d8p1m1"])}",
  dataset: { batchSize: ${32 * (1 + random.below(4))} },
  generation: { maxNewTokens: 2048 },
})
@Preset("farm", {
  cluster: "farm512",
  nNodes: ${nodes},
  allocationMode: "sglang.d${nodes * 4}p1m1+d${nodes * 2}p1m2",
  actor: { path: "${path}", optimizer: { lr: 5e-6 } },
  dataset: { path: "/storage/datasets/${domain}/prompts.jsonl", batchSize: ${nodes * 64} },
  generation: { maxNewTokens: 8192, groupSize: 16 },
  ppo: { nMinibatches: 8, klCtl: 0.05, recomputeLogprobs: ${random.below(2) === 0} },
  wandb: { mode: "offline", project: "ppo-${domain}" },
})
export class Ppo${number} extends PpoBase {
  override allocationMode = "${random.pick(["d8p1m1", "d4p1m2", "sglang.d4p1m1+d4p1m1"])}";
  override nNodes = 1;
  override actor = policy("qwen2.5-1.5b", ${random.pick(["1e-6", "2e-6", "5e-6"])});
  override partition = "${team}";

${isSafe ? `  /** The model that scores how safe answers are. */\n  @Option() safetyModel = scorer("qwen2.5-1.5b");\n  /** Scores below this count as unsafe. @range [0, 1] */\n  @Option() safetyThreshold = 0.5;\n` : ""}${extras.map(({ option }) => option).join("\n")}

  /** Name of the run in the tracker. */
  get runName() {
    return runName("ppo", "${domain}", this.ppo.klCtl, this.answers);
  }

  /** Learning rate for the number of answers in use. */
  get rate() {
    return rateForAnswers(1e-6, this.dataset.batchSize, this.generation.groupSize);
  }

${extras.map(({ getter }) => getter).join("\n\n")}

  override flow() {
    const { ppo, dataset, generation, reward } = this;
    const nSeqs = dataset.batchSize;
    const { klCtl, epsClip, valueEpsClip, nMinibatches } = ppo;
    const { temperature, groupSize } = generation;
    const each = { nSeqs, minSeqsPerPass: 1 / groupSize };
    const training = { nSeqs, minSeqsPerPass: nMinibatches / groupSize };
    const actor = benchActor({ klCtl, epsClip, nMinibatches, temperature, maxNewTokens: this.answerTokens });
    const critic = benchCritic({ valueEpsClip, nMinibatches });
    const scores = benchReward({
      datasetPath: dataset.path,
      scaling: reward.scaling,
      bias: centredBias(RIGHT_SHARE),
      groupSize,
    });
    return flow({
      datasets: [benchPrompts({ datasetPath: dataset.path, maxLength: dataset.maxPromptLen })],
      maxPromptLen: dataset.maxPromptLen,
      models: {
        actor: this.actor,
        critic: this.critic,
        ref: frozen(this.actor),
        reward: this.rewardModel,${isSafe ? "\n        safety: this.safetyModel," : ""}
      },
      calls: {
        actor_gen: generate("actor", actor, {
          nSeqs,
          reads: ["packed_prompts", "task_ids"],
          yields: ROLLOUT_KEYS,
          allocation: this.actorGen,
        }),
        rew_inf: inference("reward", scores, {
          ...each,
          reads: ["packed_input_ids", "packed_prompts", "task_ids"],
          yields: ["rewards"],
        }),
        ref_inf: when(
          this.hasReference,
          inference("ref", actor, {
            ...each,
            reads: ["packed_input_ids"],
            yields: ["packed_ref_logprobs"],
            rename: { logprobs: "packed_ref_logprobs" },
          }),
        ),
        critic_inf: inference("critic", critic, {
          ...each,
          reads: ["packed_input_ids", "seq_no_eos_mask"],
          yields: ["values"],
        }),
${isSafe ? SAFETY_CALL : RECOMPUTE_CALL}        actor_train: trainStep("actor", actor, {
          ...training,
          reads: withKeys(POLICY_KEYS, [
            "values",
            this.hasReference && "packed_ref_logprobs",
            ${isSafe ? '"safety_scores"' : 'ppo.recomputeLogprobs && "proximal_logprobs"'},
          ]),
          allocation: this.actorTrain,
        }),
        critic_train: trainStep("critic", critic, {
          ...training,
          reads: withKeys(CRITIC_KEYS, [this.hasReference && "packed_ref_logprobs"]),
        }),
      },
    });
  }
}
`;
}

const RECOMPUTE_CALL = `        actor_inf: when(
          ppo.recomputeLogprobs,
          inference("actor", actor, {
            ...each,
            reads: ["packed_input_ids"],
            yields: ["proximal_logprobs"],
            rename: { logprobs: "proximal_logprobs" },
          }),
        ),
`;

const SAFETY_CALL = `        safety_inf: inference("safety", benchSafety({ threshold: this.safetyThreshold }), {
          ...each,
          reads: ["packed_input_ids"],
          yields: ["safety_scores"],
        }),
`;
