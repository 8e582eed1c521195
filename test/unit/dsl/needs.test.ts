import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authorExperiment } from "../../../src/dsl/author.ts";
import { trainStep } from "../../../src/dsl/calls.ts";
import { CommonExperiment } from "../../../src/dsl/common-experiment.ts";
import { Experiment, Preset, preset } from "../../../src/dsl/experiment.ts";
import { flow } from "../../../src/dsl/flow.ts";
import { model } from "../../../src/dsl/model-spec.ts";
import { Option } from "../../../src/dsl/option.ts";
import { defineBackend, defineInterface, defineModel } from "../../../src/plugin/define.ts";
import { enterRealm, leaveRealm, type Realm } from "../../../src/realm/realm.ts";

let realm: Realm;
beforeEach(() => void (realm = enterRealm()));
afterEach(() => leaveRealm(realm));

const train = () => {
  const calls = { trainStep: { reads: "any", yields: "any" } } as const;
  return defineInterface({ type: "train", args: {}, calls })();
};

const args = { type: "object" } as const;
const trainer = defineBackend({ type: "megatron", role: "train", args, shard: () => ({}) });
const weights = defineModel({ type: "weights", holds: "weights", args, shard: () => ({}) });

/** Two models, of which one is in use. */
class TwoModels extends CommonExperiment {
  @Option() actor = model(null, {}, [trainer, weights]);
  @Option() unused = model(null, {}, [trainer, weights]);
  override flow() {
    return flow({
      datasets: [],
      models: { actor: this.actor, unused: this.unused },
      calls: { step: trainStep("actor", train(), { nSeqs: 256 }) },
    });
  }
}

const author = (name: string, presetName: string | null = null, overrides: Readonly<Record<string, string>> = {}) => {
  const { needs, findings, authored } = authorExperiment({
    name,
    preset: presetName,
    overrides: Object.entries(overrides).map(([path, value]) => ({ path, value })),
  });
  return { needs, codes: findings.map(({ code }) => code), isMade: authored !== null };
};

describe("needs of a bare experiment", () => {
  it("are all named, of the roles in use only, and are no mistake if there is a preset", () => {
    @Experiment("a")
    @Preset("p", { allocationMode: "d256p1m1" })
    class A extends TwoModels {}
    expect(author("a")).toEqual({ needs: ["allocationMode", "actor.path"], codes: [], isMade: false });
    expect(author("a", null, { allocationMode: "d256p1m1" }).needs).toEqual(["actor.path"]);
    expect(A.name).toBe("A");
  });

  it("are mistakes if there is no preset to build instead", () => {
    @Experiment("a")
    class A extends TwoModels {}
    expect(author("a").codes).toEqual(["dsl/option-required", "dsl/option-required"]);
    expect(A.name).toBe("A");
  });

  it("are mistakes of a preset, of one without a class too, and of overrides", () => {
    @Experiment("a")
    @Preset("p", { allocationMode: "d256p1m1" })
    class A extends TwoModels {}
    preset("a" as never, "b", {} as never);
    expect(author("a", "p").codes).toEqual(["dsl/option-required"]);
    expect(author("b").codes).toEqual(["dsl/option-required", "dsl/option-required"]);
    expect(author("a", null, { allocationMode: "d256p1m1" }).codes).toEqual(["dsl/option-required"]);
    expect(A.name).toBe("A");
  });

  it.each([
    [{ alocationMode: "d256p1m1" }, ["option/unknown", "dsl/option-required"]],
    [{ allocationMode: "d256p1m1", actor: { path: 8 } }, ["option/type"]],
    [{ allocationMode: "d256p1m1", actor: { paht: "x" } }, ["option/unknown"]],
    [{ allocationMode: "d256p1m1", actor: { backend: 8 } }, ["option/type", "dsl/option-required"]],
  ])("are no second mistake where a value was given and refused: %j", (settings, codes) => {
    @Experiment("a")
    @Preset("p", settings as never)
    class A extends TwoModels {}
    expect(author("a", "p").codes).toEqual(codes);
    expect(A.name).toBe("A");
  });

  it("leave out what only a flow could tell if the flow stumbles over what is missing", () => {
    @Experiment("a")
    @Preset("p", { allocationMode: "d256p1m1" })
    class A extends TwoModels {
      override flow() {
        this.allocationMode.toUpperCase();
        return super.flow();
      }
    }
    expect(author("a")).toEqual({ needs: ["allocationMode"], codes: [], isMade: false });
    expect(A.name).toBe("A");
  });
});
