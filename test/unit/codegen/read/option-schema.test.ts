import { posix } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ClassSources,
  earlyReadFindings,
  groupSchema,
  joinOptions,
  schemaOf,
} from "../../../../codegen/option-schema.ts";
import type { DeclaredClass, DeclaredFile, SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

/** Sources of a project by file, and what a library brings. */
function sources(
  project: Readonly<Record<string, string>>,
  library: string = "",
  backendGroups: ClassSources["backendGroups"] = {},
): ClassSources {
  const read = (file: string, text: string): DeclaredFile =>
    reader.read(file, `import { Option } from "assay";\n${text}`);
  const files = new Map(Object.entries(project).map(([file, text]) => [file, read(file, text)]));
  const shipped = read("assay:library.ts", library);
  return {
    files,
    resolve: (from, specifier) => {
      if (!specifier.startsWith(".")) return null;
      const file = posix.join(posix.dirname(from), specifier);
      return files.has(file) ? file : null;
    },
    library: {
      classes: Object.fromEntries(shipped.classes.map((known): [string, DeclaredClass] => [known.name, known])),
      functions: Object.fromEntries(shipped.functions.map(({ name, returns }) => [name, returns])),
      experiments: {},
    },
    backendGroups,
  };
}

function paths(all: ClassSources, file: string, name: string): readonly string[] {
  return joinOptions(all, file, name).options.map(({ path }) => path);
}

describe("joinOptions", () => {
  it("follows bases through files, base first", () => {
    const all = sources({
      "a.ts": `import { B as X } from "./lib/b.ts"; export class A extends X { @Option() a = 1; }`,
      "lib/b.ts": `import C from "./c.ts"; export class B extends C { @Option() b = 1; @Option() both = 1; }`,
      "lib/c.ts": `export default class extends Missing { @Option() c = 1; @Option() both = 2; }`,
    });
    const { options, chain } = joinOptions(all, "a.ts", "A");
    expect(options.map(({ path, owner, span }) => [path, owner.name, span.file])).toEqual([
      ["c", "default", "lib/c.ts"],
      ["both", "B", "lib/b.ts"],
      ["b", "B", "lib/b.ts"],
      ["a", "A", "a.ts"],
    ]);
    expect(chain.map(({ name }) => name)).toEqual(["default", "B", "A"]);
  });

  it("follows modules that hand a class on", () => {
    const all = sources({
      "a.ts": `import { Public } from "./index.ts"; class A { @Option() g = new Public(); @Option() h = new Other(); }\nimport { Other } from "./index.ts";`,
      "index.ts": `export { Inner as Public } from "./inner.ts"; export * from "./all.ts"; export * from "./index.ts";`,
      "inner.ts": `class Hidden { x = 1; } export { Hidden as Inner };`,
      "all.ts": `import { Other } from "./other.ts"; export { Other };`,
      "other.ts": `export class Other { y = 1; }`,
    });
    expect(paths(all, "a.ts", "A")).toEqual(["g", "g.x", "h", "h.y"]);
  });

  it("joins nested groups: classes, their bases, interfaces, functions", () => {
    const all = sources({
      "a.ts": `import { make, arrow } from "./make.ts"; import type { I } from "./types.ts";
class A {
  /** Group. @launch */
  @Option() g = new G();
  @Option() i: I = { a: 1 };
  @Option() m = make();
  @Option() n = arrow("x");
}
class G extends Base { /** Inner. @range >= 0 */ inner = 1; deep = new Deep(); }
class Base { base!: string; }
class Deep { d = true; }`,
      "types.ts": `export interface I { /** A. */ a: number; b?: Deep } interface Deep { c: "x" | "y" }`,
      "make.ts": `import { Made } from "./made.ts"; export function make(): Made { return x; }\nexport const arrow = () => new Made();`,
      "made.ts": `export class Made { z = 1; }`,
    });
    const { options } = joinOptions(all, "a.ts", "A");
    expect(options.map(({ path, launch, required }) => [path, launch, required])).toEqual([
      ["g", true, false],
      ["g.base", true, false],
      ["g.inner", true, false],
      ["g.deep", true, false],
      ["g.deep.d", true, false],
      ["i", false, false],
      ["i.a", false, false],
      ["i.b", false, false],
      ["i.b.c", false, false],
      ["m", false, false],
      ["m.z", false, false],
      ["n", false, false],
      ["n.z", false, false],
    ]);
    expect(options.find(({ path }) => path === "g.inner")).toMatchObject({
      help: "Inner.",
      range: ">= 0",
      owner: { name: "G" },
    });
    expect(options.find(({ path }) => path === "i.b.c")).toMatchObject({
      choices: ["x", "y"],
      span: { file: "types.ts" },
    });
  });

  it("keeps what a comment says for a new declaration without one, a range for numbers only", () => {
    const all = sources({
      "a.ts": `class A extends B { @Option() override n = 2; @Option() override s = "x"; /** New. */ @Option() override m = 3; }
class B { /** Old. @launch @range >= 1 */ @Option() n = 1; /** Old. @range >= 1 */ @Option() s = 1; /** Old. @range >= 1 */ @Option() m = 1; }`,
    });
    const { options } = joinOptions(all, "a.ts", "A");
    expect(options.map(({ path, help, range, launch, owner }) => [path, help, range, launch, owner.name])).toEqual([
      ["n", "Old.", ">= 1", true, "A"],
      ["s", "Old.", null, false, "A"],
      ["m", "New.", null, false, "A"],
    ]);
  });

  it("takes a new default from an override without the decorator", () => {
    const all = sources({
      "a.ts": `class A extends B { override n = 2; override s = "x"; /** New. @range >= 5 */ override g = new H(); }
class B { /** N. @range >= 1 */ @Option() n = 1; @Option() s!: string; @Option() g = new G(); }
class G { x = 1; }
class H { y = 1; }`,
    });
    const { options } = joinOptions(all, "a.ts", "A");
    expect(
      options.map(({ path, help, range, defaultText, required }) => [path, help, range, defaultText, required]),
    ).toEqual([
      ["n", "N.", ">= 1", "2", false],
      ["s", "", null, '"x"', false],
      ["g", "New.", ">= 5", "new H()", false],
      ["g.y", "", null, "1", false],
    ]);
  });

  it("takes the same of a group's class from its base, but for what is said anew", () => {
    const all = sources({
      "a.ts": `class A { @Option() g = new H(); }
class G { /** X. @range >= 1 */ x = 1; /** Y. @range >= 1 */ y = 1; }
class H extends G { override x = 2; /** Why. */ override y = 3; }`,
    });
    const { options } = joinOptions(all, "a.ts", "A");
    expect(options.map(({ path, help, range, defaultText }) => [path, help, range, defaultText])).toEqual([
      ["g", "", null, "new H()"],
      ["g.x", "X.", ">= 1", "2"],
      ["g.y", "Why.", ">= 1", "3"],
    ]);
  });

  it("drops what a replaced literal held", () => {
    const all = sources({
      "a.ts": `class A extends B { @Option() o = { /** Z. */ z: 1 }; }\nclass B { @Option() o = { /** Y. */ y: 1 }; }`,
    });
    expect(paths(all, "a.ts", "A")).toEqual(["o", "o.z"]);
  });

  it("ends at classes that hold themselves or extend each other", () => {
    const all = sources({
      "a.ts": `class A extends B { @Option() g: G | null = null; } class B extends A { @Option() b = 1; } class G { x = 1; inner: G | null = null; }`,
    });
    expect(paths(all, "a.ts", "A")).toEqual(["b", "g", "g.x", "g.inner"]);
  });

  it("takes choices from aliases of other files", () => {
    const all = sources({
      "a.ts": `import type { Mode } from "./mode.ts"; class A { @Option() m: Mode = "x"; @Option() n: Mode | null = null; @Option() g = new G(); } class G { k: Mode = "y"; }`,
      "mode.ts": `export type Mode = "x" | "y";`,
    });
    expect(joinOptions(all, "a.ts", "A").options.map(({ path, type, choices }) => [path, type, choices])).toEqual([
      ["m", '"x" | "y"', ["x", "y"]],
      ["n", '"x" | "y" | null', ["x", "y"]],
      ["g", null, null],
      ["g.k", '"x" | "y"', ["x", "y"]],
    ]);
  });

  it("knows the library's classes and functions, but not in place of the project's", () => {
    const library = `export class CommonExperiment { @Option() seed = 1; @Option() t = new TrackerOptions(); }
export class TrackerOptions { mode = "off"; }
export function tracker(): TrackerOptions { return x; }`;
    const all = sources(
      {
        "a.ts": `import { CommonExperiment, tracker } from "assay"; class A extends CommonExperiment { @Option() a = tracker(); }`,
        "b.ts": `import { CommonExperiment } from "./a.ts"; class B extends CommonExperiment { @Option() b = new TrackerOptions(); }`,
      },
      library,
    );
    expect(paths(all, "a.ts", "A")).toEqual(["seed", "t", "t.mode", "a", "a.mode"]);
    expect(paths(all, "b.ts", "B")).toEqual(["b"]);
  });

  it("gives models the options of every backend", () => {
    const library = `export class ModelOptions { path!: string; bf16 = false; }
export interface ModelSpec extends ModelOptions { frozen?: true }
export function model(path: string): ModelSpec { return x; }`;
    const description = {
      path: "zero",
      help: "Z.",
      range: ">= 0",
      choices: null,
      type: "number",
      nullable: false,
      required: false,
      launch: false,
    };
    const all = sources(
      {
        "a.ts": `import { model, type ModelSpec } from "assay"; class A { @Option() actor = model("x"); @Option() ref: ModelSpec | null = null; }`,
      },
      library,
      { megatron: [description] },
    );
    const own = (name: string) => [name, `${name}.path`, `${name}.bf16`, `${name}.megatron.zero`];
    expect(paths(all, "a.ts", "A")).toEqual([...own("actor"), ...own("ref")]);
  });

  it("finds options that are read too early, in the project's classes only", () => {
    const all = sources(
      {
        "a.ts": `import { L } from "assay";
class A extends B { x = this.n; other = 1; y = this.other; z = this.twice; get twice() { return this.shipped; } }
class B extends L { @Option() n = 1; constructor() { super(); log(this.late); } }`,
      },
      "export class L { @Option() shipped = 1; @Option() late!: string; own = this.shipped; }",
    );
    const findings = earlyReadFindings(all, joinOptions(all, "a.ts", "A"));
    expect(findings.map(({ code, data, at, related }) => [code, data, at, related])).toEqual([
      [
        "dsl/option-read-too-early",
        { option: "late", by: "the constructor" },
        { kind: "span", span: { file: "a.ts", line: 4, column: 67, length: 9 } },
        undefined,
      ],
      [
        "dsl/option-read-too-early",
        { option: "n", by: "the initialiser of `x`" },
        { kind: "span", span: { file: "a.ts", line: 3, column: 25, length: 6 } },
        undefined,
      ],
      [
        "dsl/option-read-too-early",
        { option: "shipped", by: "the initialiser of `z`" },
        { kind: "span", span: { file: "a.ts", line: 3, column: 64, length: 10 } },
        [
          {
            at: { kind: "span", span: { file: "a.ts", line: 3, column: 97, length: 12 } },
            message: "`shipped` is read here",
          },
        ],
      ],
    ]);
  });

  it("gives nothing for an unknown class", () => {
    expect(joinOptions(sources({}), "a.ts", "A")).toEqual({ options: [], earlyReads: [], chain: [] });
  });
});

describe("schemas", () => {
  it("hold what values are checked against", () => {
    const all = sources({
      "a.ts": `class A { /** N. @range >= 1 */ @Option() n = 1; @Option() g = new G(); } class G { s: "x" | null = null; }`,
    });
    const s = {
      path: "s",
      help: "",
      range: null,
      choices: ["x"],
      type: '"x" | null',
      nullable: true,
      required: false,
      launch: false,
    };
    expect(schemaOf(joinOptions(all, "a.ts", "A"))).toEqual([
      {
        path: "n",
        help: "N.",
        range: ">= 1",
        choices: null,
        type: "number",
        nullable: false,
        required: false,
        launch: false,
      },
      { path: "g", help: "", range: null, choices: null, type: null, nullable: false, required: false, launch: false },
      { ...s, path: "g.s" },
    ]);
    expect(groupSchema(all, "a.ts", "G")).toEqual([s]);
  });
});
