import "assay/experiments";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { authorExperiment } from "../../../src/dsl/author.ts";
import { lookUp } from "../../../src/realm/realm.ts";
import { optionPath } from "./reference-options.ts";

interface Field {
  readonly name: string;
  readonly type: string;
  readonly default: unknown;
  readonly choices?: readonly string[];
}

const CLASSES = JSON.parse(readFileSync(new URL("../../goldens/options.json", import.meta.url), "utf8")) as Readonly<
  Record<string, { readonly fields: readonly Field[] }>
>;

/** One option of the reference by its dotted name there. */
interface ReferenceOption extends Omit<Field, "name"> {
  readonly path: string;
}

/** All options of a class that are no groups, with those of the classes in it. */
function optionsOf(className: string, before = ""): readonly ReferenceOption[] {
  return (CLASSES[className]?.fields ?? []).flatMap(({ name, ...field }) => {
    const path = before + name;
    const group = /(\w+)\]?$/.exec(field.type)?.[1] ?? "";
    if (CLASSES[group] === undefined) return [{ ...field, path }];
    // A default that is written out stands above that of the class.
    const given = typeof field.default === "object" ? (field.default as Readonly<Record<string, unknown>>) : {};
    return optionsOf(group, `${path}.`).map((option) => {
      const own = option.path.slice(path.length + 1);
      return Object.hasOwn(given, own) ? { ...option, default: given[own] } : option;
    });
  });
}

/** What is meant to differ, and why. */
const DIFFERENT: Readonly<Record<string, Expected & { readonly why: string }>> = {
  experiment_name: { default: null, nullable: true, why: "the registered name unless it is given" },
  trial_name: { default: null, nullable: true, why: "the launcher asks for one unless it is given" },
  allocation_mode: { default: null, why: "required: an empty text is no mode" },
};

/** The same of the options of every model. */
const DIFFERENT_IN_MODELS: typeof DIFFERENT = {
  backend: { choices: null, why: "any backend whose plugin is loaded; another one is `allocation/backend`" },
  "type._class": { nullable: true, why: "null takes the family of the checkpoint's own configuration" },
};

function differenceOf(path: string): Expected {
  const inModel = /^(?:model|actor|critic|ref|rew)\.(.*)$/.exec(path)?.[1] ?? "";
  const { why: _why, ...different } = DIFFERENT[path] ?? DIFFERENT_IN_MODELS[inModel] ?? { why: "" };
  return different;
}

/** What the reference does not have, and why. */
const ADDED: Readonly<Record<string, string>> = {
  envVars: "the recipes give it beside the options, in `external_configs`",
};

/** Degrees of Megatron that the reference does not have: rules need them, and workers are told of them only where they are set. */
const DEGREES = [
  "contextParallelSize",
  "expertParallelSize",
  "expertTensorParallelSize",
  "virtualPipelineParallelSize",
] as const;

interface Expected {
  readonly default?: unknown;
  readonly choices?: readonly string[] | null;
  readonly nullable?: boolean;
}

const EXPERIMENTS: Readonly<Record<string, readonly string[]>> = {
  sft: ["BaseExperimentConfig", "SFTExperimentOptions"],
  "null-sft": ["BaseExperimentConfig", "SFTExperimentOptions"],
  "null-ppo": ["BaseExperimentConfig", "NullPPOExperimentOptions"],
  "math-code-eval": ["BaseExperimentConfig", "MathCodeEvalOptions"],
  "ppo-math": ["BaseExperimentConfig", "PPOMATHExperimentOptions"],
  "async-ppo-math": ["BaseExperimentConfig", "PPOMATHExperimentOptions", "AsyncRLOptions"],
};

for (const [experiment, classes] of Object.entries(EXPERIMENTS)) {
  const wanted = classes.flatMap((name) => optionsOf(name)).filter(({ path }) => !path.startsWith("cluster."));
  const schema = new Map(
    (lookUp((realm) => realm.schemas, experiment)?.() ?? []).map((option) => [option.path, option]),
  );
  const { options } = authorExperiment({ name: experiment, preset: null, overrides: [], optional: true });
  const values = new Map(options.map(({ path, value }) => [path, value]));
  // Which cluster is chosen is no option of a class.
  const own = [...values.keys()].filter((path) => path !== "cluster");

  describe(`options of ${experiment}`, () => {
    it("are those of the reference, each with a text", () => {
      expect(wanted.length).toBeGreaterThan(100);
      const paths = [...wanted.map(({ path }) => optionPath(path)), ...Object.keys(ADDED)];
      for (const path of own) {
        if (DEGREES.some((degree) => path.endsWith(`.megatron.${degree}`))) paths.push(path);
      }
      expect(own.sort()).toEqual(paths.sort());
      for (const path of paths) expect(schema.get(path)?.help, path).toMatch(/\S{2,}.*[.:;]/);
    });

    it.each(wanted)("$path", ({ path, type, ...field }) => {
      const { choices = null, nullable } = schema.get(optionPath(path)) ?? {};
      const expected = {
        default: field.default,
        choices: field.choices ?? null,
        nullable: type.startsWith("Optional["),
      };
      const found = { default: plain(values.get(optionPath(path))), choices, nullable };
      expect(found).toEqual({ ...expected, ...differenceOf(path) });
    });
  });
}

/** Without the marks that say where a value comes from. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
