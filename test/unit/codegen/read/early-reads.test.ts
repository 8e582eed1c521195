import { beforeAll, describe, expect, it } from "vitest";
import type { SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE, marked } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

const INITIALISER = "the initialiser of `b`";
const CONSTRUCTOR = "the constructor";

describe("early reads", () => {
  it.each([
    ["an initialiser", "b = «this.a» * 2;", INITIALISER],
    ["an option's initialiser", "@Option() b = «this.a»;", INITIALISER],
    ["a private field", "#b = «this.a»;", "the initialiser of `#b`"],
    ["an element access", 'b = «this["a"]»;', INITIALISER],
    ["parentheses and !", "b = «(this!).a»;", INITIALISER],
    ["an optional access", "b = «this?.a»;", INITIALISER],
    ["inside a literal", "b = { c: [«this.a»] };", INITIALISER],
    ["a callback that runs at once", "b = [1].map((x) => x * «this.a»);", INITIALISER],
    ["a function that is called where it stands", "b = (() => «this.a»)();", INITIALISER],
    ["the constructor", "constructor() { this.b = «this.a»; }", CONSTRUCTOR],
    ["a condition in the constructor", "constructor() { if (on) { log(«this.a»); } }", CONSTRUCTOR],
    ["a default of a parameter", "constructor(x = «this.a») {}", CONSTRUCTOR],
    ["destructuring", "constructor() { const { «a» } = this; }", CONSTRUCTOR],
    ["renaming destructuring", "constructor() { const { «a: c» } = this; }", CONSTRUCTOR],
    ["a compound assignment", "constructor() { «this.a» += 1; }", CONSTRUCTOR],
  ])("%s", (_title, members, by) => {
    const { text, spans } = marked(`class A {\n  ${members}\n}`);
    expect(reader.read(FILE, text).classes[0]?.earlyReads).toEqual([{ name: "a", span: spans[0], through: null, by }]);
  });

  it.each([
    ["a getter", "get b() { return this.a; }"],
    ["a method", "b() { return this.a; }"],
    ["an arrow function that runs later", "b = () => this.a;"],
    ["a callback that may run later", "b = later(() => this.a);"],
    ["a plain function", "b = function () { return this.a; };"],
    ["a static field", "static b = this.a;"],
    ["a static block", "static { log(this.a); }"],
    ["a class of its own", "b = class { c = this.a; };"],
    ["an assignment", "constructor() { this.a = 1; }"],
    ["another object", "b = that.a;"],
    ["a comment", "b = 1; // this.a"],
  ])("none: %s", (_title, members) => {
    expect(reader.read(FILE, `class A {\n  ${members}\n}`).classes[0]?.earlyReads).toEqual([]);
  });

  it.each([
    ["a getter", "b = «this.c»;\n  get c() { return «this.a»; }", "c"],
    ["a method", "b = «this.c»();\n  c() { return «this.a»; }", "c"],
    ["a private method", "b = «this.#c»();\n  #c() { return «this.a»; }", "#c"],
    ["an arrow function", "b = «this.c»();\n  c = () => «this.a»;", "c"],
  ])("through %s: the use, and where it leads", (_title, members, through) => {
    const { text, spans } = marked(`class A {\n  ${members}\n}`);
    expect(reader.read(FILE, text).classes[0]?.earlyReads).toEqual([
      { name: through, span: spans[0], through: null, by: INITIALISER },
      { name: "a", span: spans[0], through: spans[1], by: INITIALISER },
    ]);
  });

  it("through several, also ones that call each other", () => {
    const { text, spans } = marked(`class A {
  constructor() { «this.c»(); }
  c() { return this.d; }
  get d() { return this.c() + «this.a»; }
}`);
    const reads = reader.read(FILE, text).classes[0]?.earlyReads ?? [];
    expect(reads.find(({ name }) => name === "a")).toEqual({
      name: "a",
      span: spans[0],
      through: spans[1],
      by: CONSTRUCTOR,
    });
  });

  it("not through a method that is only named", () => {
    const { classes } = reader.read(FILE, "class A { b = this.c; c() { return this.a; } }");
    expect(classes[0]?.earlyReads.map(({ name }) => name)).toEqual(["c"]);
  });
});
