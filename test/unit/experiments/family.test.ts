import "assay/experiments";
import { describe, expect, it } from "vitest";
import { lookUp } from "../../../src/realm/realm.ts";
import type { ModelFunctionCall } from "../../../src/spec/call.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";

/** One call as the reference's tables have it: role and replica, interface, keys in no order. */
interface Row {
  readonly model: string;
  readonly kind: string;
  readonly type: string;
  readonly reads: readonly string[];
  readonly yields: readonly string[];
}

const row = (model: string, kind: string, type: string, reads: string, yields = ""): Row => ({
  model,
  kind,
  type,
  reads: words(reads),
  yields: words(yields),
});
const words = (text: string): readonly string[] => text.split(" ").filter(Boolean).sort();

const POLICY = "packed_input_ids packed_logprobs packed_ref_logprobs rewards prompt_mask";

/** Calls of the published experiments of the family, where all calls are laid out alike. */
const TABLE: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  sft: { trainDefault: row("default@0", "trainStep", "sft", "packed_input_ids prompt_mask") },
  "reward-model": { rwTrain: row("default@0", "trainStep", "paired_rw", "packed_input_ids") },
  dpo: {
    ref_inf: row("ref@0", "inference", "dpo", "packed_input_ids prompt_lens", "seqlogp"),
    actor_train: row("actor@0", "trainStep", "dpo", "packed_input_ids seqlogp prompt_lens"),
  },
  ppo: {
    actor_gen: row(
      "actor@0",
      "generate",
      "ppo_actor",
      "packed_prompts task_ids",
      "seq_no_eos_mask packed_input_ids packed_logprobs prompt_mask",
    ),
    rew_inf: row("reward@0", "inference", "paired_rw", "packed_input_ids", "rewards"),
    ref_inf: row("ref@0", "inference", "ppo_actor", "packed_input_ids", "packed_ref_logprobs"),
    critic_inf: row("critic@0", "inference", "ppo_critic", "packed_input_ids seq_no_eos_mask", "values"),
    actor_train: row("actor@0", "trainStep", "ppo_actor", `${POLICY} task_ids values seq_no_eos_mask`),
    critic_train: row("critic@0", "trainStep", "ppo_critic", `${POLICY} values seq_no_eos_mask`),
  },
  grpo: {
    actor_gen: row("actor@0", "generate", "grpo", "packed_prompts", "packed_input_ids packed_logprobs prompt_mask"),
    rew_inf: row("reward@0", "inference", "paired_rw", "packed_input_ids", "rewards"),
    ref_inf: row("ref@0", "inference", "grpo", "packed_input_ids", "packed_ref_logprobs"),
    actor_train: row("actor@0", "trainStep", "grpo", POLICY),
  },
};

/** Keys that no call yields: the datasets must. */
const FROM_DATASETS: Readonly<Record<string, string>> = {
  sft: "packed_input_ids prompt_mask",
  "reward-model": "packed_input_ids",
  dpo: "packed_input_ids prompt_lens",
  ppo: "packed_prompts task_ids",
  grpo: "packed_prompts",
};

function prove(name: string, preset: string, overrides = {}) {
  const { value, findings } = proveExperiment(name, { preset, overrides });
  const calls = value.authored?.setups[0]?.modelRpcs ?? [];
  return { value, calls, graph: value.resolved?.setups[0]?.graph, codes: findings.map(({ code }) => code) };
}

function rowOf({ modelName, interfaceType, interfaceImpl, inputKeys, outputKeys }: ModelFunctionCall): Row {
  return {
    model: `${modelName.role}@${modelName.replicaId}`,
    kind: interfaceType,
    type: interfaceImpl.type,
    reads: [...inputKeys].sort(),
    yields: [...outputKeys].sort(),
  };
}

/** `realloc <source or target>`, or `offload`, by call. */
function hooksOf(calls: readonly ModelFunctionCall[]) {
  return Object.fromEntries(
    calls.map(({ name, preHooks, postHooks }) => [
      name,
      [preHooks, postHooks].map((hooks) =>
        hooks.map((hook) => {
          if (hook.kind === "offload") return "offload";
          const from = hook.source === null ? "" : `from ${hook.source.role}@${hook.source.replicaId}`;
          const to = hook.target === null ? "" : `to ${hook.target.role}@${hook.target.replicaId}`;
          return from + to;
        }),
      ),
    ]),
  );
}

describe.each(Object.entries(TABLE))("%s", (name, rows) => {
  const { calls, graph, codes } = prove(name, "one-node");

  it("is proved, with the calls, roles, interfaces and keys of the reference", () => {
    expect(codes).toEqual([]);
    expect(Object.fromEntries(calls.map((call) => [call.name, rowOf(call)]))).toEqual(rows);
  });

  it("has an edge from whoever yields a key to whoever reads it", () => {
    const wanted = Object.entries(rows).flatMap(([to, { reads }]) =>
      reads.flatMap((key) =>
        Object.entries(rows).flatMap(([from, { yields }]) => (yields.includes(key) ? [`${from} ${key} ${to}`] : [])),
      ),
    );
    const found = (graph?.edges ?? []).flatMap(({ from, to, keys }) => keys.map((key) => `${from} ${key} ${to}`));
    expect(found.sort()).toEqual(wanted.sort());
    const produced = new Set(Object.values(rows).flatMap(({ yields }) => yields));
    const others = new Set(Object.values(rows).flatMap(({ reads }) => reads.filter((key) => !produced.has(key))));
    expect([...others].sort()).toEqual(words(FROM_DATASETS[name] ?? ""));
  });

  it("trains with a text and a log for each", () => {
    for (const { interfaceType, logReturnValue } of calls) expect(logReturnValue).toBe(interfaceType === "trainStep");
    const schema = lookUp((realm) => realm.schemas, name)?.() ?? [];
    expect(schema.length).toBeGreaterThan(50);
    for (const { path, help } of schema) expect(help, path).toMatch(/\S{2,}.*[.:;]/);
  });
});

describe("layouts of the family", () => {
  it("moves the policy of ppo to where it generates and back, each role that is not trained off its GPUs", () => {
    const { calls, codes } = prove("ppo", "eight-nodes");
    expect(codes).toEqual([]);
    expect(calls.map(({ modelName }) => `${modelName.role}@${modelName.replicaId}`).sort()).toEqual([
      "actor@0",
      "actor@1",
      "critic@0",
      "critic@0",
      "ref@0",
      "reward@0",
    ]);
    expect(hooksOf(calls)).toEqual({
      actor_gen: [["from actor@0"], ["to actor@0"]],
      actor_train: [[], []],
      critic_inf: [[], []],
      critic_train: [[], []],
      rew_inf: [[], ["offload"]],
      ref_inf: [[], ["offload"]],
    });
  });

  it("does the same of grpo", () => {
    const { calls, codes } = prove("grpo", "sixteen-nodes");
    expect(codes).toEqual([]);
    expect(hooksOf(calls)).toEqual({
      actor_gen: [["from actor@0"], ["to actor@0"]],
      rew_inf: [[], ["offload"]],
      ref_inf: [[], ["offload"]],
      actor_train: [[], []],
    });
  });

  it.each(["d4p1m2", "actor_train:d4p1m2,ref_inf:d8p1m1"])(
    "takes dpo's reference off the GPUs that train: %s",
    (mode) => {
      const { calls, codes } = prove("dpo", "one-node", { allocationMode: mode });
      expect(codes).toEqual([]);
      expect(calls.map(({ modelName: { role, replicaId } }) => `${role}@${replicaId}`)).toEqual(["actor@0", "ref@0"]);
      expect(hooksOf(calls)).toEqual({ actor_train: [[], []], ref_inf: [[], ["offload"]] });
    },
  );
});

describe("options of the family", () => {
  it("gives generation a mask of the tokens that it left out only where it is kept", () => {
    const { calls, codes } = prove("ppo", "one-node", { "ppo.gen.forceNoLogitsMask": false });
    expect(codes).toEqual([]);
    const reading = calls.filter(({ inputKeys }) => inputKeys.includes("packed_logits_mask"));
    expect(reading.map(({ name }) => name).sort()).toEqual(["actor_train", "ref_inf"]);
    const grpo = prove("grpo", "one-node", { "ppo.gen.forceNoLogitsMask": false });
    expect(grpo.codes).toEqual([]);
    const readingToo = grpo.calls.filter(({ inputKeys }) => inputKeys.includes("packed_logits_mask"));
    expect(readingToo.map(({ name }) => name)).toEqual(["ref_inf", "actor_train"]);
    expect(grpo.graph?.dataProducers["packed_logits_mask"]).toBe("actor@0");
  });

  it("leaves calls of ppo out by its options", () => {
    const names = (overrides: object) =>
      prove("ppo", "one-node", overrides)
        .calls.map(({ name }) => name)
        .sort();
    expect(names({ "ppo.klCtl": 0 })).not.toContain("ref_inf");
    expect(names({ "ppo.disableValue": true })).toEqual(["actor_gen", "actor_train", "ref_inf", "rew_inf"]);
    expect(names({ "ppo.recomputeLogprob": true })).toContain("actor_inf");
  });

  it("evaluates a reward model only where there is a file to do it on", () => {
    const shards = (overrides: object) =>
      prove("reward-model", "one-node", overrides).value.authored?.setups[0]?.modelWorker?.shards ?? [];
    const { type, args } = shards({})[0]?.evalDataset ?? {};
    expect({ type, args }).toEqual({
      type: "rw_pair",
      args: { datasetPath: "/storage/datasets/preference/valid.jsonl", maxLength: 1024, maxPairsPerPrompt: 2 },
    });
    expect(shards({ "dataset.validPath": null })[0]?.evalDataset).toBe(null);
  });

  it("makes reward models of language models, and scores groups that need two answers", () => {
    const [shard] = prove("reward-model", "one-node").value.authored?.setups[0]?.modelWorker?.shards ?? [];
    expect(shard?.model.args).toMatchObject({ isCritic: true, initCriticFromActor: true });
    expect(prove("grpo", "one-node", { groupSize: 1 }).codes).toContain("option/range");
    expect(prove("dpo", "one-node", { beta: 0 }).codes).toContain("option/range");
  });
});
