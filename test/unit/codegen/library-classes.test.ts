import "assay/experiments";
import { makeExperiment } from "assay";
import { describe, expect, it } from "vitest";
import { readLibraryClasses } from "../../../codegen/library-classes.ts";
import { joinOptions, schemaOf } from "../../../codegen/option-schema.ts";
import { readPlugins } from "../../../codegen/plugins.ts";

const library = readLibraryClasses();
const { backendGroups } = readPlugins("/", [], () => ({ kind: "nowhere", reason: "no package is named" }));
const sources = { files: new Map(), resolve: () => null, library, backendGroups };

/** Paths of all values inside of an object; lists are values. */
function paths(value: object, base = ""): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const path = `${base}${key}`;
    const isGroup = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isGroup && Object.keys(inner).length > 0 ? paths(inner, `${path}.`) : [path];
  });
}

describe("the library's classes as its build read them", () => {
  it("say of a shipped experiment what it has when it is made", () => {
    const { file } = library.classes["Sft"] ?? { file: "" };
    const schema = schemaOf(joinOptions(sources, file, "Sft"));
    const known = schema.map(({ path }) => path);
    const leaves = known.filter((path) => !known.some((other) => other.startsWith(`${path}.`)));
    const made = paths(makeExperiment("sft", {}, { preset: "one-node" }));
    expect(leaves.length).toBeGreaterThan(150);
    expect(leaves.toSorted()).toEqual(made.toSorted());
  });

  it("carry help, range, choices, and what is required", () => {
    const { file } = library.classes["Sft"] ?? { file: "" };
    const schema = new Map(schemaOf(joinOptions(sources, file, "Sft")).map((option) => [option.path, option]));
    expect(schema.get("allocationMode")).toMatchObject({ required: true, launch: false });
    expect(schema.get("mode")).toMatchObject({ choices: ["slurm", "local", "ray"], launch: true });
    expect(schema.get("model.optimizer.beta1")).toMatchObject({ range: "[0, 1)", help: "Decay of the first moment." });
    expect(schema.get("model.sglang.memFractionStatic")).toMatchObject({ range: "(0, 1]", nullable: true });
  });

  it("need no file to be followed, and lie where no project has one", () => {
    for (const { file, base, options, fields } of Object.values(library.classes)) {
      expect(file).toMatch(/^assay:(src|plugins|experiments)\//);
      const uses = [...(base === null ? [] : [base]), ...[...options, ...fields].flatMap(({ nested }) => nested ?? [])];
      for (const { name, module } of uses) {
        expect(module).toBeNull();
        expect(library.classes).toHaveProperty([name]);
      }
    }
  });

  it("know what makes a model", () => {
    expect(library.functions).toMatchObject({ model: "ModelSpec", frozen: "ModelSpec" });
  });
});
