import "assay/experiments";
import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import { currentRealm } from "../../../src/realm/realm.ts";
import { authorExperiment } from "../../../src/dsl/author.ts";
import { presetsOf } from "../../../src/dsl/experiment.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { optionPath } from "./reference-options.ts";

const RECIPES = JSON.parse(
  readFileSync(new URL("../../goldens/published-recipes.json", import.meta.url), "utf8"),
) as Readonly<Record<string, JsonObject>>;

/** The shipped preset of each published recipe, and the cluster that it runs on. */
const PRESETS: Readonly<Record<string, { readonly experiment: string; readonly preset: string }>> = {
  "ppo-1.5B-distill-gpus-8": { experiment: "ppo-math", preset: "1.5b-distill-gpus-8" },
  "ppo-1.5B-distill-gpus-128": { experiment: "ppo-math", preset: "1.5b-distill-gpus-128" },
  "ppo-7B-distill-gpus-32": { experiment: "ppo-math", preset: "7b-distill-gpus-32" },
  "sft-32B-distill-gpus-128": { experiment: "sft", preset: "32b-distill-gpus-128" },
};

/** What stands beside a recipe's options. */
interface ExternalConfigs {
  readonly cluster_config: { readonly fileroot: string };
  readonly envs: Readonly<Record<string, string>>;
}

/** Values of a recipe by Assay's dotted paths. */
function* valuesOf(group: JsonObject, before = ""): Generator<readonly [path: string, value: JsonValue]> {
  for (const [name, value] of Object.entries(group)) {
    const path = before + optionPath(name);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      yield* valuesOf(value as JsonObject, `${path}.`);
    else yield [path, numeric(value ?? null)];
  }
}

/** Recipes write some numbers as strings. */
function numeric(value: JsonValue): JsonValue {
  return typeof value === "string" && /^[+-]?\d+(\.\d+)?e[+-]?\d+$/i.test(value) ? Number(value) : value;
}

describe.each(Object.entries(PRESETS))("recipe %s", (name, { experiment, preset }) => {
  const { external_configs: external, ...recipe } = RECIPES[name] as JsonObject;
  const { cluster_config: cluster, envs } = external as unknown as ExternalConfigs;
  const made = authorExperiment({ name: experiment, preset, overrides: [] });
  const options = new Map(made.options.map(({ path, value, origin }) => [path, { value, origin }]));

  it("is a preset, value by value", () => {
    const wanted = Object.fromEntries(valuesOf(recipe));
    expect(Object.keys(wanted).length).toBeGreaterThan(20);
    expect(Object.fromEntries(Object.keys(wanted).map((path) => [path, options.get(path)?.value]))).toEqual(wanted);
  });

  it("sets nothing that the recipe does not", () => {
    const wanted = new Set([...valuesOf(recipe)].map(([path]) => path));
    const set = [...options].flatMap(([path, { origin }]) => (origin.kind === "preset" ? [path] : []));
    expect(set.filter((path) => !wanted.has(path))).toEqual(["envVars", "cluster"]);
  });

  it("runs on a cluster with its file root, in its environment", () => {
    const { value, findings } = proveExperiment(experiment, { preset });
    expect(findings).toEqual([]);
    expect(value.authored?.cluster.fileroot).toBe(cluster.fileroot);
    const { masterWorker, modelWorker } = value.authored?.scheduling ?? {};
    for (const group of [masterWorker, modelWorker].flat()) expect(group?.scheduling.envVars).toEqual(envs);
  });
});

it("every published recipe is shipped", () => {
  expect(Object.keys(PRESETS).sort()).toEqual(Object.keys(RECIPES).sort());
});

describe("presets", () => {
  const shipped = [...currentRealm().experiments.values()].flatMap(({ name, target }) =>
    target.kind === "class" ? presetsOf(target.type).map((preset) => [name, preset.name] as const) : [],
  );

  it("are there for every shipped experiment", () => {
    const experiments = [...currentRealm().experiments.keys()].sort();
    expect(experiments).toEqual([
      "async-ppo-math",
      "dpo",
      "grpo",
      "math-code-eval",
      "null-ppo",
      "null-sft",
      "ppo",
      "ppo-math",
      "reward-model",
      "sft",
      "sft-two-phases",
    ]);
    expect([...new Set(shipped.map(([name]) => name))].sort()).toEqual(experiments);
  });

  it.each(shipped)("%s.%s builds without a word", (experiment, preset) => {
    const { value, findings } = proveExperiment(experiment, { preset });
    expect([findings, value.resolved !== null]).toEqual([[], true]);
  });
});
