import { beforeAll, describe, expect, it } from "vitest";
import type { SourcePlace, SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE, marked } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

const IMPORTS = `import { Option, Preset, Experiment, model, flow, generate, when, preset } from "assay"; `;

/** What stands at `▸` in a source; the expected span is marked. */
function placed(source: string) {
  const whole = IMPORTS + source;
  const offset = whole.replaceAll(/[«»]/g, "").indexOf("▸");
  const { text, spans } = marked(whole.replace("▸", ""));
  return { place: reader.placeAt(FILE, text, offset), span: spans[0], text };
}

describe("options in a class", () => {
  it.each([
    ["its name", "class A { @Option() «ba▸tch» = 256; }", "batch"],
    ["its value", "class A { @Option() batch = «25▸6»; }", "batch"],
    ["a documented property of a literal", "class A { @Option() opt = { «l▸r»: 1 }; }", "opt.lr"],
    [
      "a property in a model's settings",
      `class A { @Option() a = model("x", { optimizer: { «l▸r»: 1 } }); }`,
      "a.optimizer.lr",
    ],
    ["a model's path", `class A { @Option() a = model(«"▸x"»); }`, "a.path"],
    [
      "a field that gives an option a new default",
      `class A extends B { allocationMode = «"d4▸p1m2"»; }`,
      "allocationMode",
    ],
    ["a group that a class makes", "class A { @Option() «g▸roup» = new Group({ a: 1 }); }", "group"],
    ["a dotted name", `class A { @Option() a = model("x", { «"optimizer▸.lr"»: 1 }); }`, "a.optimizer.lr"],
  ])("%s", (_title, source, path) => {
    const { place, span } = placed(source);
    expect(place).toMatchObject({ kind: "option", className: "A", path, span });
  });
});

describe("settings of presets", () => {
  it.each([
    ["on a class", `@Preset("p", { «al▸location»: 1 }) class A {}`, "allocation"],
    ["nested", `@Preset("p", { actor: { optimizer: { lr: «1e▸-5» } } }) class A {}`, "actor.optimizer.lr"],
    ["a group", `@Preset("p", { «ac▸tor»: { optimizer: { lr: 1e-5 } } }) class A {}`, "actor"],
    ["dotted", `@Preset("p", { «"actor.opt▸imizer.lr"»: 1e-5 }) class A {}`, "actor.optimizer.lr"],
    ["one of a choice", `@Preset("p", { lr: «x ? 1 : 2▸» }) class A {}`, "lr"],
    ["shorthand", `@Preset("p", { «l▸r» }) class A {}`, "lr"],
    ["in parentheses", `@Preset("p", ({ a: { «l▸r»: 1 } } as const)) class A {}`, "a.lr"],
  ])("%s", (_title, source, path) => {
    const { place, span } = placed(source);
    expect(place).toMatchObject({
      kind: "setting",
      targets: [{ kind: "class", className: "A", preset: "p" }],
      path,
      span,
    });
  });

  const P = { kind: "class", className: "A", preset: "p" };
  const Q = { kind: "class", className: "A", preset: "q" };
  it.each([
    ["spread", `const c = { «l▸r»: 1 }; @Preset("p", { ...c }) class A {}`, "lr", [P]],
    ["spread as something", `const c = { «l▸r»: 1 } as const; @Preset("p", { ...(c as X) }) class A {}`, "lr", [P]],
    [
      "spread by several",
      `const c = { «l▸r»: 1 }; @Preset("p", { ...c }) @Preset("q", { ...c }) class A {}`,
      "lr",
      [P, Q],
    ],
    ["spread in a group", `const c = { lr: «▸1» }; @Preset("p", { actor: { ...c } }) class A {}`, "actor.lr", [P]],
    ["spread in another", `const b = { «l▸r»: 1 }; const c = { a: b }; @Preset("p", { ...c }) class A {}`, "a.lr", [P]],
    ["taken whole", `const c = { «l▸r»: 1 }; @Preset("p", c) class A {}`, "lr", [P]],
    [
      "taken as a value",
      `const c = «"d4▸p1m2"»; @Preset("p", { allocationMode: c }) class A {}`,
      "allocationMode",
      [P],
    ],
    ["taken by its own name", `const lr = «▸1»; @Preset("p", { lr }) class A {}`, "lr", [P]],
  ])("in a constant that is %s", (_title, source, path, targets) => {
    const { place, span } = placed(source);
    expect(place).toMatchObject({ kind: "setting", targets, path, span });
  });

  it("of an experiment that stands on another one", () => {
    const { place, span } = placed(`preset("sft", "mine", { «nN▸odes»: 2 });`);
    expect(place).toEqual({
      kind: "setting",
      targets: [{ kind: "experiment", name: "mine" }],
      path: "nNodes",
      span,
      text: null,
    });
  });
});

describe("texts", () => {
  const text = (source: string) => {
    const { place, text: file } = placed(source);
    const found = place as Extract<SourcePlace, { kind: "setting" }>;
    return { ...found.text, file };
  };

  it("tell the character and where each stands", () => {
    const { value, index, starts, file } = text(`@Preset("p", { m: "sglang.d4▸p1m1" }) class A {}`);
    expect(value).toBe("sglang.d4p1m1");
    expect(index).toBe("sglang.d4".length);
    expect(file.slice(starts?.[7], starts?.[9])).toBe("d4");
    expect(starts).toHaveLength("sglang.d4p1m1".length + 1);
  });

  it("with escapes count characters of the value", () => {
    const { value, index, starts, file } = text(String.raw`@Preset("p", { m: "\x64▸4" }) class A {}`);
    expect(value).toBe("d4");
    expect(index).toBe(1);
    expect(file.slice(starts?.[0], starts?.[1])).toBe(String.raw`\x64`);
  });

  it("at the closing quote are at their end", () => {
    expect(text(`@Preset("p", { m: "d4▸" }) class A {}`).index).toBe(2);
  });
});

describe("calls", () => {
  it.each([
    ["in a flow", `class A { flow() { return flow({ calls: { «ge▸n»: generate("actor", x) } }); } }`],
    ["under a condition", `class A { flow() { return flow({ calls: { «ge▸n»: when(a, generate("actor", x)) } }); } }`],
    ["by a function of the author's", `class A { flow() { return flow({ calls: { «ge▸n»: mine() } }); } }`],
    ["kept in a constant", `const calls = { «"ge▸n"»: generate("actor", x) };`],
  ])("%s", (_title, source) => {
    const { place, span } = placed(source);
    expect(place).toEqual({ kind: "call", name: "gen", span });
  });
});

describe("nothing", () => {
  it.each([
    ["a preset's name", `@Preset("▸p", { lr: 1 }) class A {}`],
    ["inside of a call's arguments", `class A { flow() { return flow({ calls: { gen: generate("ac▸tor", x) } }); } }`],
    ["a role", `class A { flow() { return flow({ models: { ac▸tor: this.actor } }); } }`],
    ["a method", "class A { fl▸ow() {} }"],
    ["another decorator's settings", `@Other("p", { l▸r: 1 }) class A {}`],
    ["what is spread", `@Preset("p", { ...make({ l▸r: 1 }) }) class A {}`],
    ["a function's inside", `class A { @Option() f = () => { const x = { l▸r: 1 }; }; }`],
    ["a computed name", `@Preset("p", { [na▸me]: 1 }) class A {}`],
    ["an empty file", "▸"],
    ["a constant that no preset has", `const c = { l▸r: 1 }; other(c);`],
    ["a constant's name", `const c▸c = 1; @Preset("p", { lr: cc }) class A {}`],
    ["a constant that is made of itself", `const c = { l▸r: 1, ...c };`],
    ["a function's own constant", `function f() { const c = { l▸r: 1 }; } @Preset("p", { ...c }) class A {}`],
  ])("%s", (_title, source) => {
    expect(placed(source).place).toBeNull();
  });
});
