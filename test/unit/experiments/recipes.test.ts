import "assay/experiments";
import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import { currentRealm } from "../../../src/realm/realm.ts";
import { authorExperiment } from "../../../src/dsl/author.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { optionPath } from "./reference-options.ts";

const RECIPES = JSON.parse(
  readFileSync(new URL("../../goldens/published-recipes.json", import.meta.url), "utf8"),
) as Readonly<Record<string, JsonObject>>;

/** The shipped preset of each published recipe, and the cluster that it runs on. */
const PRESETS: Readonly<Record<string, { readonly experiment: string; readonly preset: string }>> = {
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
    expect(set.filter((path) => !wanted.has(path))).toEqual(["envVars"]);
  });

  it("runs on a cluster with its file root, in its environment", () => {
    const { value, findings } = proveExperiment(experiment, { preset });
    expect(findings).toEqual([]);
    expect(value.authored?.cluster.fileroot).toBe(cluster.fileroot);
    const { masterWorker, modelWorker } = value.authored?.scheduling ?? {};
    for (const group of [masterWorker, modelWorker].flat()) expect(group?.scheduling.envVars).toEqual(envs);
  });
});

describe("presets", () => {
  const shipped = [...currentRealm().experiments.values()].flatMap(({ name }) => [name]);

  it("of every shipped experiment build without a word", () => {
    expect(shipped.sort()).toEqual(["sft", "sft-two-phases"]);
    for (const [experiment, presets] of Object.entries({
      sft: ["one-node", "eight-nodes", "32b-distill-gpus-128"],
      "sft-two-phases": ["one-node", "four-nodes"],
    })) {
      for (const preset of presets) {
        const { value, findings } = proveExperiment(experiment, { preset });
        expect({ experiment, preset, findings, isResolved: value.resolved !== null }).toEqual({
          experiment,
          preset,
          findings: [],
          isResolved: true,
        });
      }
    }
  });
});
