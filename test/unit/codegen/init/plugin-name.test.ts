import { describe, expect, it } from "vitest";
import { packageNameProblem, pluginNames } from "../../../../codegen/init/plugin-name.ts";

describe("the name of a package", () => {
  it.each(["chat", "assay-dataset-chat", "@lab/chat", "3d", "a.b_c~d", "@a/b-", "a".repeat(214)])(
    "may be `%s`",
    (name) => {
      expect(packageNameProblem(name)).toBeNull();
    },
  );

  it.each([
    ["", "it is empty"],
    ["a".repeat(215), "a name has at most 214 characters"],
    ["Chat", "a name is in lower case"],
    ["node_modules", "npm, Node or Assay has this name itself"],
    ["assay", "npm, Node or Assay has this name itself"],
    ["fs", "npm, Node or Assay has this name itself"],
    ["~", "it has no letters"],
  ])("can't be `%s`", (name, problem) => expect(packageNameProblem(name)).toBe(problem));

  it.each([".chat", "_chat", "a b", "../chat", "a/b", "@lab", "@lab/", "@/chat", "@lab/a/b", "läufe", "a\nb", "a\0"])(
    "can't be %j",
    (name) => expect(packageNameProblem(name)).toMatch(/^a name holds letters/),
  );
});

describe("a plugin", () => {
  const source = 'import test from "node:test";\nimport { defineDataset } from "assay/plugin";\n';
  const of = (...[kind, name]: Parameters<typeof pluginNames> extends [infer K, infer N, unknown] ? [K, N] : never) => {
    const { type, constant, pascal } = pluginNames(kind, name, [source]);
    return [type, constant, pascal];
  };

  it("is called by its package's name, without what that says twice", () => {
    expect(of("dataset", "@lab/assay-dataset-long-chat")).toEqual(["long_chat", "longChat", "LongChat"]);
    expect(of("modelFamily", "lab-model-family")).toEqual(["lab", "lab", "Lab"]);
    expect(of("launcher", "assay-launcher-our-cluster")).toEqual(["our-cluster", "ourCluster", "OurCluster"]);
    expect(of("agent", "agent")).toEqual(["agent", "agent", "Agent"]);
  });

  it.each([
    ["a digit begins it", "3d"],
    ["the language has the word", "new"],
    ["modules have the word", "await"],
    ["there is such a global", "map"],
    ["the texts use the word", "test"],
  ])("is called by its kind, too, if %s", (_why, name) => {
    const [type, constant] = of("dataset", name);
    expect(type).toBe(`dataset_${name}`);
    expect(constant).toBe(`dataset${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  });

  it("has codes in an area of its own", () => {
    expect(pluginNames("dataset", "dataset", []).kebab).toBe("dataset-dataset");
    expect(pluginNames("rule", "scheduling", []).kebab).toBe("scheduling-rule");
    expect(pluginNames("rule", "site-limits", []).kebab).toBe("site-limits");
  });
});
