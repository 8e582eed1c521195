import {
  clusterSpec,
  CommonExperiment,
  type Flow,
  flow,
  frozen,
  inference,
  model,
  registerExperiment,
  trainStep,
} from "assay";
import { promptAnswer, sft } from "assay/plugins";
import { proveExperiment } from "assay/testing";
import { describe, expect, it } from "vitest";
import type { LayoutCall } from "../../../src/layout/input.ts";

const cluster = clusterSpec({ name: "one", nodes: 1 });
const datasets = [promptAnswer({ maxLength: 8, datasetPath: "/data/train.jsonl" })];
const tuned = () => model("qwen2.5-1.5b", { type: { family: "qwen2" } });
let made = 0;

/** Proves an experiment that is no more than a flow. */
function proved(make: () => object, allocationMode = "d8p1m1") {
  const name = `flow-${(made += 1)}`;
  registerExperiment(
    name,
    class extends CommonExperiment {
      override flow(): Flow {
        return make() as Flow;
      }
    },
  );
  return proveExperiment(name, { cluster, overrides: { allocationMode } });
}

const codes = (make: () => object, mode?: string) => proved(make, mode).findings.map(({ code }) => code);
const one = (calls: object, models: object = { default: tuned() }) => flow({ datasets, models, calls } as never);

describe("a flow", () => {
  it("becomes calls and workers; calls take the sequences of the first that says them", () => {
    const calls = () => ({
      first: trainStep("default", sft()),
      ref: inference("ref", sft(), { nSeqs: 64 }),
    });
    const { value } = proved(() => one(calls(), { default: tuned(), ref: frozen(tuned()) }));
    const [setup] = value.authored?.setups ?? [];
    expect(setup?.modelRpcs.map(({ name, nSeqs }: Pick<LayoutCall, "name" | "nSeqs">) => [name, nSeqs])).toEqual([
      ["first", 64],
      ["ref", 64],
    ]);
    expect(setup?.modelWorker?.count).toBe(8);
  });

  it.each([
    ["has no sequences", () => one({ train: trainStep("default", sft()) }), ["dsl/n-seqs-missing"]],
    [
      "uses a role without a model",
      () => one({ train: trainStep("actor", sft(), { nSeqs: 8 }) }),
      ["dsl/unknown-role"],
    ],
    [
      "trains a frozen model",
      () => one({ train: trainStep("default", sft(), { nSeqs: 8 }) }, { default: frozen(tuned()) }),
      ["dsl/frozen-role"],
    ],
  ] as const)("that %s has one finding", (_, make, expected) => {
    expect(codes(make)).toEqual(expected);
  });

  it("that can't be laid out keeps its calls, and what its workers share is proved", () => {
    const wrong = () =>
      flow({
        datasets: [promptAnswer({ maxLength: -1, datasetPath: "/data/train.jsonl" })],
        models: { default: tuned() },
        calls: { train: trainStep("default", sft(), { nSeqs: 8 }) },
      });
    const { value, findings } = proved(wrong, "d4p1m1");
    expect(findings.map(({ code }) => code)).toEqual(["allocation/gpu-product", "plugin/args"]);
    expect(value.resolved?.setups[0]?.graph.nodes.map(({ name }) => name)).toEqual(["train"]);
  });
});
