import { beforeAll, describe, expect, it } from "vitest";
import type { DeclaredOption, SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE, marked, places } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

const IMPORTS = `import { Option, Option as O } from "assay";\nimport * as assay from "assay";\nimport { Other, type Mode as M } from "./other.ts";\nimport * as groups from "./groups.ts";\n`;

/** Options of a class with the given members. */
function optionsOf(members: string, rest = ""): readonly DeclaredOption[] {
  const { classes, findings } = reader.read(FILE, `${IMPORTS}${rest}\nclass A {\n${members}\n}`);
  expect(findings).toEqual([]);
  return classes.find(({ name }) => name === "A")?.options ?? [];
}

describe("options", () => {
  it("name, doc, tags, default and their places", () => {
    const { text, spans } = marked(`${IMPORTS}class A {
  /**
   * Prompts per
   * training step. @range integer >= 1
   * @launch
   */
  @Option() «batchPrompts» = «256»;
  @Option() plain = 1;
  notAnOption = 1;
}`);
    const [option] = reader.read(FILE, text).classes[0]?.options ?? [];
    expect(option).toEqual({
      path: "batchPrompts",
      help: "Prompts per training step.",
      range: "integer >= 1",
      choices: null,
      type: "number",
      nullable: false,
      required: false,
      launch: true,
      defaultText: "256",
      span: spans[0],
      defaultSpan: spans[1],
      nested: null,
    });
  });

  it.each([
    ["@O() a = 1"],
    ["@assay.Option() a = 1"],
    ["@Option() readonly a = 1"],
    ["@Option() override a = 1"],
    ['@Option() "a" = 1'],
    ["@Option() @Other() a = 1"],
  ])("are recognised in `%s`", (member) => {
    expect(optionsOf(member).map(({ path }) => path)).toEqual(["a"]);
  });

  it.each([["a = 1"], ["@Other() a = 1"], ["@Option() static a = 1"], ["@Option() #a = 1"]])(
    "`%s` is none",
    (member) => {
      expect(optionsOf(member)).toEqual([]);
    },
  );

  const types: readonly (readonly [string, string | null, boolean, readonly string[] | null])[] = [
    ["a = 1", "number", false, null],
    ["a = -1.5", "number", false, null],
    ["a = 60 * 60", "number", false, null],
    ["a = N", "number", false, null],
    ["a = 'x'", "string", false, null],
    ["a = `x${b}`", "string", false, null],
    ["a = 'x' + b", "string", false, null],
    ["a = !b", "boolean", false, null],
    ["a = true", "boolean", false, null],
    ["a = null", null, true, null],
    ["a = ['x', 'y']", "string[]", false, null],
    ["a = []", "unknown[]", false, null],
    ["a = f()", null, false, null],
    ["a: number | null = 1", "number | null", true, null],
    ["a: number | undefined", "number", false, null],
    ["a: readonly string[] = []", "readonly string[]", false, null],
    ["a: 'x' | 'y' = 'x'", '"x" | "y"', false, ["x", "y"]],
    ["a: ('x' | 'y') | null = 'x'", '"x" | "y" | null', true, ["x", "y"]],
    ["a = 'x' as 'x' | 'y'", '"x" | "y"', false, ["x", "y"]],
    ["a = 'x' as const", "string", false, null],
    ["a: 'x' | number = 'x'", "'x' | number", false, null],
    ["a: Mode = 'x'", '"x" | "y"', false, ["x", "y"]],
    ["a: Mode | null = null", '"x" | "y" | null', true, ["x", "y"]],
    ["a: Both = 'x'", '"x" | "y" | "z" | null', true, ["x", "y", "z"]],
    ["a: (typeof LIST)[number] = 'p'", '"p" | "q"', false, ["p", "q"]],
    ["a: keyof typeof TABLE = 'k'", '"k" | "l"', false, ["k", "l"]],
  ];
  it.each(types)("`%s` is of type %s", (member, type, nullable, choices) => {
    const rest = `const N = 5;
type Mode = "x" | "y";
type Both = Mode | "z" | null;
const LIST = ["p", "q"] as const;
const TABLE = { k: 1, "l": 2 };`;
    const [option] = optionsOf(`@Option() ${member}`, rest);
    expect({ type: option?.type, nullable: option?.nullable, choices: option?.choices }).toEqual({
      type,
      nullable,
      choices,
    });
  });

  it.each([
    ["a!: string", true],
    ["a: string", true],
    ["a?: string", false],
    ["/** @required */ @Option() a = ''", true],
    ["a = ''", false],
  ])("`%s` required: %s", (member, required) => {
    const [option] = optionsOf(member.includes("@Option") ? member : `@Option() ${member}`);
    expect(option?.required).toBe(required);
  });

  it.each([
    ["a = new Group()", { kind: "class", name: "Group", module: null }],
    ["a = new Other()", { kind: "class", name: "Other", module: "./other.ts" }],
    ["a = new groups.Deep()", { kind: "class", name: "Deep", module: "./groups.ts" }],
    ["a = make('x')", { kind: "call", name: "make", module: null }],
    ["a: Group | null = null", { kind: "class", name: "Group", module: null }],
    ["a: M = 'x'", { kind: "class", name: "Mode", module: "./other.ts" }],
    ["a: groups.Deep = x", { kind: "class", name: "Deep", module: "./groups.ts" }],
    ["a: Readonly<Other> = x", { kind: "class", name: "Other", module: "./other.ts" }],
    ["a: Map<string, number> = x", null],
    ["a: number = 1", null],
  ])("`%s` names its group", (member, nested) => {
    expect(optionsOf(`@Option() ${member}`)[0]?.nested).toEqual(nested);
  });

  it("cuts long defaults", () => {
    const text = optionsOf(`@Option() a = "${"x".repeat(500)}"`)[0]?.defaultText;
    expect(text).toHaveLength(200);
    expect(text?.endsWith("...")).toBe(true);
  });

  it("reads documented properties of a literal, and of a type on the spot", () => {
    const options = optionsOf(`
  @Option() a = {
    /** One. @range > 0 */
    one: 1,
    undocumented: 2,
    deep: { /** Two. */ two: "2", three: 3 },
  };
  @Option() b: { /** Four. */ four: "x" | "y"; five: number } = { four: "x", five: 5 };`);
    expect(options.map(({ path, help, range, type, defaultText }) => [path, help, range, type, defaultText])).toEqual([
      ["a", "", null, null, expect.stringContaining("one: 1")],
      ["a.one", "One.", "> 0", "number", "1"],
      ["a.deep", "", null, null, expect.stringContaining("two")],
      ["a.deep.two", "Two.", null, "string", '"2"'],
      ["b", "", null, expect.stringContaining("four"), '{ four: "x", five: 5 }'],
      ["b.four", "Four.", null, '"x" | "y"', '"x"'],
    ]);
    expect(options.every(({ required }) => !required)).toBe(true);
  });
});

describe("the library's own files", () => {
  it("name the decorators' modules by path", async () => {
    const own = await loadSourceReader({ isLibrary: (module) => module === "./option.ts" });
    const text = `import { Option } from "./option.ts";\nclass A { @Option() a = 1; }`;
    expect(own.read(FILE, text).classes[0]?.options).toHaveLength(1);
    expect(reader.read(FILE, text).classes[0]?.options).toHaveLength(0);
  });
});

describe("fields of groups", () => {
  it("are the public ones of classes, interfaces and object types", () => {
    const { text } = marked(`
class G { /** A. @range >= 0 */ a = 1; b!: string; private c = 1; protected d = 1; static e = 1; declare f: number; m() {} }
interface I extends G { /** X. */ x: number; y?: "u" | "v"; m(): void }
type T = { /** Z. */ z: boolean };
type Generic<K> = { k: K };`);
    const { classes } = reader.read(FILE, text);
    expect(
      classes.map(({ name, base, fields }) => [name, base?.name, fields.map(({ path, help }) => [path, help])]),
    ).toEqual([
      [
        "G",
        undefined,
        [
          ["a", "A."],
          ["b", ""],
        ],
      ],
      [
        "I",
        "G",
        [
          ["x", "X."],
          ["y", ""],
        ],
      ],
      ["T", undefined, [["z", "Z."]]],
    ]);
  });
});

describe("codegen/bad-range", () => {
  it.each([
    [
      "an unknown word",
      "/** A. @range «positive» */ @Option() a = 1;",
      "has `positive`, which is no comparison and no interval",
    ],
    [
      "its second part",
      "/** @range >= 1 and «2» */ @Option() a = 1;",
      "has `2`, which is no comparison and no interval",
    ],
    [
      "text behind it",
      "/** @range «>= 1 Steps.» */ @Option() a = 1;",
      "has `>= 1 Steps.`, which is no comparison and no interval",
    ],
    ["no text", "/** A.\n   * «@range»\n   */ @Option() a = 1;", "has no condition"],
    ["no text before another tag", "/** «@range» @launch */ @Option() a = 1;", "has no condition"],
    ["a missing part", "/** @range >= 1 «and» */ @Option() a = 1;", "has an `and` with nothing beside it"],
    ["an empty range", "/** @range «(1, 1)» @launch */ @Option() a = 1;", "admits no number"],
    [
      "a second line",
      "/**\n   * @range >= 1\n   *   and «x»\n   */\n  @Option() a = 1;",
      "has `x`, which is no comparison and no interval",
    ],
    ["a second range", "/** @range >= 1 @range «<= 2» */ @Option() a = 1;", "is a second range: join them by `and`"],
    [
      "inside a literal",
      "@Option() a = {\n    /** @range «x» */\n    b: 1 };",
      "has `x`, which is no comparison and no interval",
    ],
    ["in a group's class", "/** @range «x» */\n  b = 1;", "has `x`, which is no comparison and no interval"],
  ])("%s", (_title, members, problem) => {
    const { text, spans } = marked(`${IMPORTS}class A {\n  ${members}\n}`);
    const { findings } = reader.read(FILE, text);
    expect(places(findings)).toEqual([["codegen/bad-range", spans[0]]]);
    expect(findings[0]?.data["problem"]).toBe(problem);
  });

  it("is not given for a range that goes on in the next line, or for `@range` in a sentence's code", () => {
    const options = optionsOf(`
  /**
   * Steps, see \`@range\`.
   * @range integer >= 1
   *   and < 10
   */
  @Option() a = 1;`);
    expect(options.map(({ help, range }) => [help, range])).toEqual([
      ["Steps, see `@range`.", "integer >= 1 and < 10"],
    ]);
  });
});

describe("codegen/misplaced-doc", () => {
  it.each([
    ["after the decorator, same line", "@Option() «/** A. */» a = 1;", "stands after its decorator"],
    ["after the decorator, next line", "@Option()\n  «/** A. */»\n  a = 1;", "stands after its decorator"],
    ["between decorators", "@Option() «/** A. */» @Other() a = 1;", "stands after its decorator"],
    ["after a modifier", "@Option() readonly «/** A. */» a = 1;", "stands after its decorator"],
    ["behind the option", "@Option() a = 1; «/** A. */»\n  @Option() b = 1;", "stands behind it"],
    ["behind the last option", "@Option() a = 1; «/** A. */»", "stands behind it"],
    ["two comments", "«/** A. */»\n  /** B. */\n  @Option() a = 1;", "stands in front of another one"],
    ["at the end of the class", "@Option() a = 1;\n  «/** B. */»", "stands in front of nothing"],
    ["a plain comment with a tag", "«/* A. @range >= 1 */»\n  @Option() a = 1;", "does not start with `/**`"],
    ["a line comment with a tag", "«// @range >= 1»\n  @Option() a = 1;", "does not start with `/**`"],
  ])("%s", (_title, members, problem) => {
    const { text, spans } = marked(`${IMPORTS}class A {\n  ${members}\n}`);
    const { findings } = reader.read(FILE, text);
    expect(places(findings)).toEqual([["codegen/misplaced-doc", spans[0]]]);
    expect(findings[0]).toMatchObject({ severity: "warning", data: { problem } });
  });

  it("of a class", () => {
    const { text, spans } = marked(
      `import { Experiment } from "assay";\n@Experiment("x")\n«/** A. */»\nexport class A {}`,
    );
    expect(places(reader.read(FILE, text).findings)).toEqual([["codegen/misplaced-doc", spans[0]]]);
  });

  it("is not given for comments that are read, or that are no docs", () => {
    const options = optionsOf(`
  // A line comment.
  /** A. */
  // oxlint-disable-next-line
  @Option() a = 1; // behind
  /** B. */ @Option() b = 1; /** C. */ @Option() c = 1;
  /**/ @Option() d = 1;`);
    expect(options.map(({ path, help }) => [path, help])).toEqual([
      ["a", "A."],
      ["b", "B."],
      ["c", "C."],
      ["d", ""],
    ]);
  });
});
