import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registerExperiment } from "../../../src/dsl/experiment.ts";
import { enterRealm, leaveRealm, type Realm } from "../../../src/realm/realm.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";

/** The options that decide. */
interface Decision {
  readonly kl: boolean;
  readonly disableValue: boolean;
  readonly recompute: boolean;
  readonly decoupled: boolean;
  readonly fuse: boolean;
}

type When = (decision: Decision) => boolean;
type Key = string | readonly [key: string, when: When];

/** One row of the table of calls. */
interface Row {
  readonly name: string;
  readonly role: string;
  readonly kind: string;
  readonly when?: When;
  readonly reads: readonly Key[];
  readonly yields: readonly Key[];
  readonly remap?: (decision: Decision) => Readonly<Record<string, string>>;
  readonly minSeqs: number;
}

const hasKl: When = ({ kl }) => kl;
const hasValue: When = ({ disableValue }) => !disableValue;
const isDecoupled: When = ({ decoupled }) => decoupled;
const isFused: When = ({ fuse, kl }) => fuse && kl;
const INFERENCE = 1 / 8;
const TRAINING = 4 / 8;

const TABLE: readonly Row[] = [
  {
    name: "actor_gen",
    role: "actor",
    kind: "generate",
    reads: ["packed_prompts", "task_ids"],
    yields: [
      "seq_no_eos_mask",
      "packed_input_ids",
      ["packed_logprobs", ({ recompute, decoupled }) => !(recompute && !decoupled)],
      "prompt_mask",
    ],
    minSeqs: 1,
  },
  {
    name: "actor_train",
    role: "actor",
    kind: "trainStep",
    reads: [
      "packed_input_ids",
      "packed_logprobs",
      ["packed_ref_logprobs", hasKl],
      "rewards",
      "task_ids",
      ["values", hasValue],
      "prompt_mask",
      "seq_no_eos_mask",
      ["proximal_logprobs", isDecoupled],
    ],
    yields: [],
    minSeqs: TRAINING,
  },
  {
    name: "critic_inf",
    role: "critic",
    kind: "inference",
    when: hasValue,
    reads: ["packed_input_ids", "seq_no_eos_mask"],
    yields: ["values"],
    minSeqs: INFERENCE,
  },
  {
    name: "critic_train",
    role: "critic",
    kind: "trainStep",
    when: hasValue,
    reads: [
      "packed_input_ids",
      "packed_logprobs",
      ["packed_ref_logprobs", hasKl],
      "rewards",
      "values",
      "prompt_mask",
      "seq_no_eos_mask",
    ],
    yields: [],
    minSeqs: TRAINING,
  },
  {
    name: "ref_inf",
    role: "ref",
    kind: "inference",
    when: hasKl,
    reads: ["packed_input_ids", ["packed_prompts", isFused], ["task_ids", isFused]],
    yields: ["packed_ref_logprobs", ["rewards", isFused]],
    remap: () => ({ logprobs: "packed_ref_logprobs" }),
    minSeqs: INFERENCE,
  },
  {
    name: "actor_inf",
    role: "actor",
    kind: "inference",
    when: ({ recompute, decoupled }) => recompute || decoupled,
    reads: ["packed_input_ids"],
    yields: [
      ["packed_logprobs", ({ decoupled }) => !decoupled],
      ["proximal_logprobs", isDecoupled],
    ],
    remap: ({ decoupled }) => ({ logprobs: decoupled ? "proximal_logprobs" : "packed_logprobs" }),
    minSeqs: 1,
  },
  {
    name: "rew_inf",
    role: "reward",
    kind: "inference",
    when: ({ fuse, kl }) => !(fuse && kl),
    reads: ["packed_input_ids", "packed_prompts", "task_ids"],
    yields: ["rewards"],
    minSeqs: INFERENCE,
  },
];

const expectedOf = (decision: Decision) => {
  const keys = (list: readonly Key[]) =>
    list.flatMap((key) => (typeof key === "string" ? [key] : key[1](decision) ? [key[0]] : []));
  return TABLE.filter((row) => row.when?.(decision) ?? true).map(
    ({ name, role, kind, reads, yields, remap, minSeqs }) => ({
      name,
      role,
      kind,
      reads: keys(reads),
      yields: keys(yields),
      remap: remap?.(decision) ?? {},
      minSeqs,
      nSeqs: 64,
      isLogged: kind === "trainStep",
    }),
  );
};

const decisions = Array.from({ length: 32 }, (_, bits): Decision => {
  const [kl = false, disableValue = false, recompute = false, decoupled = false, fuse = false] = [1, 2, 4, 8, 16].map(
    (bit) => (bits & bit) !== 0,
  );
  return { kl, disableValue, recompute, decoupled, fuse };
});

describe("keys of PPO on math problems", () => {
  let realm: Realm;
  beforeAll(async () => {
    realm = enterRealm();
    const { PpoMathKeys } = await import("../../types/ppo-math-keys.ts");
    registerExperiment("ppo-math-keys", PpoMathKeys);
  });
  afterAll(() => leaveRealm(realm));

  it.each(decisions)(
    "kl $kl, disableValue $disableValue, recompute $recompute, decoupled $decoupled, fuse $fuse",
    (decision) => {
      const { value, findings } = proveExperiment("ppo-math-keys", {
        cluster: clusterSpec({ name: "one", nodes: 1, gpusPerNode: 1 }),
        overrides: {
          allocationMode: "d1p1m1",
          klCtl: decision.kl ? 0.1 : 0,
          disableValue: decision.disableValue,
          recomputeLogprob: decision.recompute,
          useDecoupledLoss: decision.decoupled,
          fuseRewRef: decision.fuse,
        },
      });
      const calls = value.authored?.setups[0]?.modelRpcs.map((call) => ({
        name: call.name,
        role: typeof call.modelName === "string" ? call.modelName : call.modelName.role,
        kind: call.interfaceType,
        reads: call.inputKeys,
        yields: call.outputKeys,
        remap: call.outputKeyRemap,
        minSeqs: call.minNSeqsPerPass,
        nSeqs: call.nSeqs,
        isLogged: call.logReturnValue,
      }));
      expect(calls).toEqual(expectedOf(decision));
      expect(findings).toEqual([]);
    },
  );
});
