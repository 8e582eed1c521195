import {
  defineMutator,
  defineRule,
  type Mutator,
  type MutatorRequest,
  type Rule,
  type RuleRequest,
} from "assay/plugin";
import { Injectable } from "../../src/dsl/container.ts";
import { makeExperiment, registerCluster, registerProject } from "../../src/dsl/make.ts";
import { enterRealm, leaveRealm } from "../../src/realm/realm.ts";
import { ClusterSpec, clusterSpec } from "../../src/spec/cluster.ts";
import { isProved, proveExperiment } from "../../src/testing/index.ts";
import { describe, expect, it } from "vitest";
import "assay/experiments";

const args = { type: "object", properties: { most: { type: "integer" } }, required: ["most"] } as const;

@Injectable()
class Gpus implements Rule<{ most: number }, "prove/gpus"> {
  constructor(private readonly cluster: ClusterSpec) {}

  *check({ args: { most }, build }: RuleRequest<{ most: number }>) {
    const gpus = this.cluster.gpusPerNode * this.cluster.nodes;
    if (gpus <= most) return;
    const message = `${build.name} runs on ${gpus} GPUs`;
    yield { code: "prove/gpus", message, at: { option: "allocationMode" } } as const;
  }
}

class Partition implements Mutator<{ most: number }> {
  *mutate({ args: { most } }: MutatorRequest<{ most: number }>) {
    const at = "/scheduling/modelWorker/scheduling/partition";
    yield { at, value: `up-to-${most}`, because: "it is large" };
  }
}

const gpus = defineRule({
  type: "prove-gpus",
  args,
  codes: { "prove/gpus": { severity: "error", meaning: "Too many GPUs." } },
  rule: Gpus as never,
});
const partition = defineMutator({ type: "prove-partition", args, mutator: Partition as never });
class LaunchMode implements Mutator<{ most: number }> {
  *mutate({ args: { most } }: MutatorRequest<{ most: number }>) {
    yield { at: "/launch/mode", value: `night-${most}`, because: "it is cheap" };
  }
}
const launchMode = defineMutator({ type: "prove-launch", args, mutator: LaunchMode as never });
const cluster = clusterSpec({ name: "tiny", nodes: 1, gpusPerNode: 8 });
const prove = (options: Parameters<typeof proveExperiment>[1]) =>
  proveExperiment("sft", { preset: "one-node", cluster, ...options });

describe("a program", () => {
  it("gets what the manifest says, with the changes of the project's mutators", () => {
    const realm = enterRealm();
    try {
      registerCluster(cluster);
      const overrides = { cluster: "tiny" };
      const plain = makeExperiment("sft", overrides as never, { preset: "one-node" });
      const scheduling = plain.schedulingSetup();
      registerProject({ options: [], experiments: {}, mutators: [partition({ most: 8 }), launchMode({ most: 1 })] });
      const made = makeExperiment("sft", overrides as never, { preset: "one-node" });
      expect(made.mode).toBe("night-1");
      expect(made.schedulingSetup().modelWorker).toMatchObject({ scheduling: { partition: "up-to-8" } });
      const proved = proveExperiment("sft", { preset: "one-node", cluster, mutators: [partition({ most: 8 })] });
      const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
      expect(asJson(made.initialSetup())).toEqual(asJson(proved.value.authored?.setups[0]));
      expect(asJson(made.schedulingSetup())).toEqual(asJson(proved.value.authored?.scheduling));
      expect(plain.mode).not.toBe("night-1");
      expect(asJson(plain.schedulingSetup())).toEqual(asJson(scheduling));
    } finally {
      leaveRealm(realm);
    }
  });
});

describe("a proof in one process", () => {
  it("runs rules, with severities and injection", () => {
    const found = prove({ rules: [gpus({ most: 4 })] });
    expect(isProved(found)).toBe(false);
    expect(found.findings).toMatchObject([
      { code: "prove/gpus", severity: "error", message: "sft runs on 8 GPUs", at: { path: "allocationMode" } },
    ]);
    expect(prove({ rules: [gpus({ most: 8 })] }).findings).toEqual([]);
    expect(isProved(prove({ rules: [gpus({ most: 4 })], severities: { "prove/gpus": "warning" } }))).toBe(true);
    expect(prove({ rules: [gpus({ most: 4 })], severities: { "prove/gpus": "off" } }).findings).toEqual([]);
  });

  it("applies mutators before it resolves", () => {
    const { value, findings } = prove({ mutators: [partition({ most: 8 })] });
    expect(findings).toEqual([]);
    expect(value.authored?.scheduling.modelWorker).toMatchObject({ scheduling: { partition: "up-to-8" } });
    expect(value.authored?.mutations).toHaveLength(1);
    const clash = prove({ mutators: [partition({ most: 8 }), partition({ most: 9 })] });
    expect(clash.findings.map(({ code }) => code)).toEqual(["plugin/mutators-clash"]);
    expect(clash.value.resolved).toBeNull();
  });
});
