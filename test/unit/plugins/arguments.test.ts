import "assay/plugins";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import type { TypeArgs } from "../../../src/spec/pair.ts";
import { modelWorker, rolloutWorker } from "../../../src/spec/worker.ts";
import { authored, call, lines } from "../resolve/configs.ts";

type Kind = "dataset" | "interface" | "agent" | "environment";
type Args = Readonly<Record<string, unknown>>;

/** Pairs as the reference makes them: with the options' defaults, and with every option changed. */
const PAIRS = readFileSync(new URL("reference-pairs.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as TypeArgs & { readonly kind: Kind });
const FACTS = factsOfDefinitions(loadedPlugins());
const DATASET: TypeArgs = { type: "math_code_prompt", args: { datasetPath: "/data/math.jsonl", maxLength: 256 } };

/** What is said of a pair where a setup has pairs of its kind; places are relative to it. */
function problems(kind: Kind, pair: TypeArgs): readonly Finding[] {
  const rollout = rolloutWorker({
    baseSeed: 1,
    modelName: { role: "x", replicaId: 0 },
    tokenizerPath: "t",
    newTokensPerChunk: 1,
    rolloutRequestTimeout: 1,
    env: kind === "environment" ? pair : { type: "math-code-single-step", args: { datasetPath: "/data/math.jsonl" } },
    agent: kind === "agent" ? pair : (PAIRS.find((known) => known.kind === "agent") as TypeArgs),
    datasets: [DATASET],
  });
  const more = kind === "interface" ? { interfaceImpl: pair } : {};
  const config = experimentConfig({
    modelRpcs: [call("c", "x@0", [], [], more)],
    modelWorker: [modelWorker({ baseSeed: 1, datasets: [kind === "dataset" ? pair : DATASET], shards: [] })],
    rolloutWorker: [rollout],
  });
  const base = {
    dataset: "/setups/0/modelWorker/shared/datasets/0",
    interface: "/setups/0/modelRpcs/0/interfaceImpl",
    agent: "/setups/0/rolloutWorker/shared/agent",
    environment: "/setups/0/rolloutWorker/shared/env",
  }[kind];
  return resolve({ authored: authored([config]) }, FACTS).findings.flatMap((finding) =>
    finding.at.kind === "pointer" &&
    finding.at.pointer.startsWith(`${base}/`) &&
    !finding.code.endsWith("-key") &&
    finding.code !== "plugin/empty-path"
      ? [{ ...finding, at: { ...finding.at, pointer: finding.at.pointer.slice(base.length) } }]
      : [],
  );
}

const example = (type: string, has = "") => {
  const found = PAIRS.findLast((pair) => pair.type === type && (has === "" || Object.hasOwn(pair.args, has)));
  if (found === undefined) throw new Error(`no example of ${type}`);
  return found;
};
const propertiesOf = ({ kind, type }: (typeof PAIRS)[number]): readonly string[] => {
  const schema = FACTS.types[kind]?.[type]?.args as { readonly properties?: object } | undefined;
  return Object.keys(schema?.properties ?? {});
};
const changed = ({ kind, type, args }: (typeof PAIRS)[number], change: Args) =>
  problems(kind, { type, args: { ...args, ...change } as never });
const without = ({ kind, type, args }: (typeof PAIRS)[number], name: string) =>
  problems(kind, { type, args: Object.fromEntries(Object.entries(args).filter(([key]) => key !== name)) as never });

describe("arguments as the reference gives them", () => {
  it.each(PAIRS.map((pair, index) => [`${pair.type} ${index}`, pair] as const))("%s", (_, { kind, type, args }) => {
    expect(problems(kind, { type, args })).toEqual([]);
  });
});

describe("an argument that is wrong", () => {
  it.each<[type: string, change: Args, has?: string]>([
    ["math_code_prompt", { maxLength: 0 }],
    ["math_code_prompt", { maxFilterPercentage: 1.5 }],
    ["math_code_prompt", { filterThreshhold: 1 }],
    ["null", { anything: 1 }],
    ["ppo_actor", { groupSize: 0 }],
    ["ppo_actor", { nMinibatches: 1.5 }, "klCtl"],
    ["ppo_actor", { valueNormType: "mean" }, "klCtl"],
    ["ppo_actor", { generationSize: 0 }, "klCtl"],
    ["ppo_actor", { rewardScaling: 1 }, "klCtl"],
    ["ppo_critic", { epsClip: 0.2 }],
    ["ppo_critic", { discount: 1.1 }],
    ["rw-math-code", { rwType: "dense" }],
    ["rw-math-code", { outputBias: "0" }],
    ["math-single-step", { successRateUb: 2 }],
    ["math-code-single-step", { datasetPath: null }],
    ["puller_stream", { datasetCfgs: "all" }],
  ])("%s %o", (type, change, has) => {
    const pair = example(type, has);
    const name = Object.keys(change)[0] ?? "";
    // Of a name that is none, the name is wrong and not the value.
    const part = propertiesOf(pair).includes(name) ? "" : "#key";
    expect(lines(changed(pair, change))).toEqual([`plugin/args /args/${name}${part}`]);
  });

  it.each(PAIRS.flatMap((pair) => Object.keys(pair.args).map((name) => [pair.type, name, pair] as const)))(
    "%s without %s",
    (type, name, pair) => {
      const optional = ["filterThreshold", "maxFilterPercentage", "outputScaling", "outputBias", "enableSave"];
      expect(lines(without(pair, name))).toEqual(optional.includes(name) ? [] : [`plugin/args /args`]);
    },
  );

  it("of generation is at its own place", () => {
    const actor = example("ppo_actor");
    const gen = actor.args["generationConfig"] as Args;
    for (const change of [{ topP: 0 }, { topK: -1 }, { temperature: 0 }, { n: 0 }, { maxNewTokens: 0 }, { seed: 1 }]) {
      const found = changed(actor, { generationConfig: { ...gen, ...change } });
      const part = "seed" in change ? "#key" : "";
      expect(lines(found)).toEqual([`plugin/args /args/generationConfig/${Object.keys(change)[0]}${part}`]);
    }
  });

  it("of training that comes without the others names what is missing, once", () => {
    const { kind, type, args } = example("ppo_actor");
    const { generationConfig, groupSize } = args;
    const evaluation = { generationConfig, groupSize } as never;
    expect(problems(kind, { type, args: evaluation })).toEqual([]);
    const partly = problems(kind, { type, args: { ...(evaluation as Args), klCtl: 0.1, discount: 1 } as never });
    expect(lines(partly)).toEqual(["plugin/args /args"]);
    expect(partly[0]?.message).toContain("nMinibatches");
  });
});

describe("pairs inside of arguments", () => {
  it("are checked as those of their own kind", () => {
    const stream = (inner: unknown) => changed(example("puller_stream"), { datasetCfgs: [DATASET, inner] });
    expect(stream(DATASET)).toEqual([]);
    expect(lines(stream({ type: "math_code_prompt", args: { datasetPath: "/d", maxLength: -1 } }))).toEqual([
      "plugin/args /args/datasetCfgs/1/args/maxLength",
    ]);
    expect(lines(stream({ type: "math_code_promt", args: {} }))).toEqual([
      "plugin/unknown-type /args/datasetCfgs/1/type",
    ]);
    expect(lines(stream({ type: "prompt_answer" }))).toEqual(["plugin/args /args/datasetCfgs/1"]);
  });

  it("are found in maps, too", () => {
    const fused = example("fused-threading");
    const { rew, ref } = fused.args["interfaces"] as unknown as Record<"rew" | "ref", TypeArgs>;
    const found = changed(fused, {
      interfaces: {
        rew: { ...rew, args: { ...rew.args, groupSize: 0 } },
        ref: { ...ref, args: { ...ref.args, x: 1 } },
      },
    });
    expect(lines(found)).toEqual([
      "plugin/args /args/interfaces/rew/args/groupSize",
      "plugin/args /args/interfaces/ref/args/x#key",
    ]);
    expect(lines(changed(fused, { interfaces: { rew } }))).toEqual(["plugin/args /args/interfaces"]);
  });
});
