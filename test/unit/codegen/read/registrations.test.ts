import { beforeAll, describe, expect, it } from "vitest";
import type { DeclaredExperiment, SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE, marked, places } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

const BLANK: Omit<DeclaredExperiment, "name" | "span"> = {
  file: FILE,
  kind: "class",
  className: "A",
  classModule: null,
  base: null,
  baseSpan: null,
  doc: "",
  tags: [],
  presets: [],
  settings: {},
};

describe("what is registered", () => {
  const rows: readonly (readonly [string, string, Partial<DeclaredExperiment>])[] = [
    ["a decorated class", `import { Experiment } from "assay";\n@Experiment(«"x"») class A {}`, {}],
    ["an exported class", `import { Experiment } from "assay";\n@Experiment(«"x"»)\nexport class A {}`, {}],
    ["a name without holes", 'import { Experiment } from "assay";\n@Experiment(«`x`») class A {}', {}],
    ["an aliased import", `import { Experiment as E } from "assay";\n@E(«"x"») class A {}`, {}],
    ["a namespace import", `import * as assay from "assay";\n@assay.Experiment(«"x"») class A {}`, {}],
    [
      "a default export without a name",
      `import { Experiment } from "assay";\n@Experiment(«"x"») export default class {}`,
      { className: "default" },
    ],
    [
      "tags, also from a constant",
      `import { Experiment } from "assay";\nconst T = ["b"] as const;\n@Experiment(«"x"», { tags: T }) class A {}`,
      { tags: ["b"] },
    ],
    [
      "its doc comment's first paragraph",
      `import { Experiment } from "assay";
/**
 * One
 *   line with {@link Foo.bar} and {@link Foo | a label}.
 *
 * More.
 * @remarks none
 */
@Experiment(«"x"») class A {}`,
      { doc: "One line with Foo.bar and a label." },
    ],
    [
      "a class, by a call",
      `import { registerExperiment } from "assay";\n/** Doc. */\nclass A {}\nregisterExperiment(«"x"», A);`,
      { doc: "Doc." },
    ],
    [
      "a class expression, by a call",
      `import { registerExperiment } from "assay";\nconst A = class {};\nregisterExperiment(«"x"», A);`,
      {},
    ],
    [
      "an imported class, by a call",
      `import { registerExperiment as r } from "assay";\nimport { B as A } from "./b.ts";\nr(«"x"», A);`,
      { className: "B", classModule: "./b.ts" },
    ],
    [
      "a factory",
      `import { registerExperiment } from "assay";\nclass A {}\nregisterExperiment(«"x"», () => new A(1));`,
      { kind: "factory" },
    ],
    [
      "a factory with a body, by name",
      `import { registerExperiment } from "assay";
function make() { const n = 1; return new A(n); }
class A {}
/** Made. */
registerExperiment(«"x"», make);`,
      { kind: "factory", doc: "Made." },
    ],
    [
      "a factory that shows no class",
      `import { registerExperiment } from "assay";\nregisterExperiment(«"x"», () => pick());`,
      { kind: "factory", className: null },
    ],
    [
      "a preset of another experiment",
      `import { preset } from "assay";\n/** Mine. */\npreset("sft", «"x"», { lr: 1, model: { path: "p", n: f() } });`,
      {
        kind: "preset",
        className: null,
        base: "sft",
        baseSpan: { file: FILE, line: 3, column: 8, length: 5 },
        doc: "Mine.",
        settings: { lr: 1, model: { path: "p" } },
      },
    ],
    [
      "a preset by a namespace",
      `import * as assay from "assay";\nassay.preset("sft", «"x"», {});`,
      {
        kind: "preset",
        className: null,
        base: "sft",
        baseSpan: { file: FILE, line: 2, column: 14, length: 5 },
      },
    ],
  ];
  it.each(rows)("%s", (_title, source, expected) => {
    const { text, spans } = marked(source);
    const { experiments, findings } = reader.read(FILE, text);
    expect(findings).toEqual([]);
    expect(experiments).toEqual([{ ...BLANK, name: "x", span: spans[0], ...expected }]);
  });

  it("several presets, in the order of the source, with what is constant in them", () => {
    const { text, spans } = marked(`import { Experiment, Preset as P } from "assay";
const common = { nodes: 2, lr: -1e-5 };
const cluster = "c";
@Experiment(«"x"»)
@P(«"one"», { ...common, nodes: 4, cluster })
@P(«"two"», { tags: ["a", "b"], on: true, off: null, at: Date.now(), model: { bf16: false } } as const)
export class A {}`);
    const { experiments, classes, findings } = reader.read(FILE, text);
    const presets = [
      { name: "one", span: spans[1], settings: { nodes: 4, lr: -1e-5, cluster: "c" } },
      { name: "two", span: spans[2], settings: { tags: ["a", "b"], on: true, off: null, model: { bf16: false } } },
    ];
    expect(findings).toEqual([]);
    expect(experiments).toEqual([{ ...BLANK, name: "x", span: spans[0], presets }]);
    expect(classes[0]?.presets).toEqual(presets);
  });

  it("keeps a setting named __proto__ as data", () => {
    const { experiments } = reader.read(
      FILE,
      `import { preset } from "assay";\npreset("a", "b", { ["__proto__"]: 1 });`,
    );
    expect(Object.getOwnPropertyDescriptor(experiments[0]?.settings, "__proto__")?.value).toBe(1);
  });

  it("gives line, column and length as editors count them", () => {
    const { experiments } = reader.read(
      FILE,
      `import { Experiment } from "assay";\r\n\r\n/* 😀 */ @Experiment("gsm8k") class A {}`,
    );
    expect(experiments[0]?.span).toEqual({ file: FILE, line: 3, column: 22, length: 7 });
  });
});

describe("what only looks like a registration", () => {
  it.each([
    ["another module's decorator", `import { Experiment } from "other";\n@Experiment("x") class A {}`],
    ["a function of the same name", `function registerExperiment() {}\nregisterExperiment("x", 1);`],
    ["a name that hides the import", `import { preset } from "assay";\nconst f = (preset: any) => preset("a", "b");`],
    ["a hiding const", `import { preset } from "assay";\n{ const preset = (n: string) => n; preset("a"); }`],
    ["the interface of the same name", `import { Experiment } from "assay";\nclass A implements Experiment {}`],
    ["a type", `import type { Experiment } from "assay";\nlet a: Experiment;`],
    ["a text", `import { flow } from "assay";\nconst s = '@Experiment("x") class A {}';`],
  ])("%s", (_title, text) => {
    const { experiments, findings } = reader.read(FILE, text);
    expect({ experiments, findings }).toEqual({ experiments: [], findings: [] });
  });
});

describe("codegen/registration-not-static", () => {
  const imports = `import { Experiment, Preset, preset, registerExperiment } from "assay";\nimport * as assay from "assay";\n`;
  it.each([
    ["a computed name", `@Experiment(«"a" + b») class A {}`, "it is no string literal"],
    ["a template with holes", "@Experiment(«`a${b}`») class A {}", "it is no string literal"],
    ["a constant", `const N = "x";\n@Experiment(«N») class A {}`, "it is no string literal"],
    ["no name", `@«Experiment»() class A {}`, "it has no name"],
    ["a decorator without parentheses", `@«Experiment» class A {}`, "it has no arguments"],
    ["spread arguments", `registerExperiment(«...args»);`, "its arguments are spread"],
    ["spread settings", `@Experiment("x", «...rest») class A {}`, "its arguments are spread"],
    ["a call's computed name", `registerExperiment(«names[0]», A);`, "it is no string literal"],
    ["a preset's computed name", `preset("a", «f()», {});`, "it is no string literal"],
    ["a preset's computed base", `preset(«base», "x", {});`, "it is no string literal"],
    ["a preset without a name", `«preset»("a");`, "it has no name"],
    ["@Preset's computed name", `@Preset(«n», {}) class A {}`, "it is no string literal"],
    ["@Preset without parentheses", `@«Preset» class A {}`, "it has no arguments"],
    ["inside a function", `function f() { «registerExperiment»("x", A); }`, "it stands inside a function"],
    ["inside a callback", `["x"].forEach((n) => «registerExperiment»(n, A));`, "it stands inside a function"],
    ["inside a loop", `for (const n of names) «registerExperiment»(n, A);`, "it stands inside a loop"],
    ["inside a loop's block", `while (more()) { «preset»("a", "x", {}); }`, "it stands inside a loop"],
    ["under a condition", `if (on) «registerExperiment»("x", A);`, "it stands under a condition"],
    ["after &&", `on && «registerExperiment»("x", A);`, "it stands under a condition"],
    ["in a block", `{ «registerExperiment»("x", A); }`, "it does not stand at the top level by itself"],
    ["as a value", `const r = «assay.registerExperiment»("x", A);`, "it does not stand at the top level by itself"],
    ["a class in a function", `function f() { @«Experiment»("x") class A {} }`, "it stands inside a function"],
    ["a class under a condition", `if (on) { @«assay.Experiment»("x") class A {} }`, "it stands under a condition"],
    ["handed on to a function", `names.forEach(«registerExperiment»);`, "it is handed on as a value"],
    ["handed on by a const", `const r = «registerExperiment»;`, "it is handed on as a value"],
    ["a namespace's member handed on", `names.forEach(«assay.registerExperiment»);`, "it is handed on as a value"],
    ["handed on by call()", `«preset».call(null, "a", "b", {});`, "it is handed on as a value"],
  ])("%s", (_title, source, problem) => {
    const { text, spans } = marked(imports + source);
    const { experiments, findings } = reader.read(FILE, text);
    expect(places(findings)).toEqual([["codegen/registration-not-static", spans[0]]]);
    expect(findings[0]?.data["problem"]).toBe(problem);
    expect(experiments).toEqual([]);
  });

  it("leaves the sound ones of the file", () => {
    const { experiments, findings } = reader.read(FILE, `${imports}preset("a", n, {});\npreset("a", "b", {});`);
    expect(findings).toHaveLength(1);
    expect(experiments.map(({ name }) => name)).toEqual(["b"]);
  });
});
