import { mkdtempSync, realpathSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@cfworker/json-schema";
import * as fc from "fast-check";
import type { JsonValue } from "type-fest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argsProblems } from "../../../../codegen/plugins/args-schema.ts";
import { type TypeSchema, typeSchema } from "../../../../codegen/plugins/type-schema.ts";
import { loadTypeProgram, type TypeProgram } from "../../../../codegen/ts-morph-reader.ts";
import { CHECKOUT } from "../../../compiled-build.ts";

/** A type with values that it has; whatever else is tried, the compiler says. */
interface Case {
  readonly type: string;
  readonly values: readonly JsonValue[];
  readonly before?: string;
}

const CASES: readonly Case[] = [
  { type: "{ a: string; b?: number }", values: [{ a: "x" }, { a: "", b: 1 }] },
  { type: "{ readonly a: boolean; readonly b: null }", values: [{ a: true, b: null }] },
  { type: "{}", values: [{}] },
  { type: "{ a: string | null; b?: string | null }", values: [{ a: null }, { a: "x", b: null }] },
  { type: '{ mode: "fast" | "slow" | 3 | null }', values: [{ mode: "fast" }, { mode: 3 }, { mode: null }] },
  { type: "{ list: readonly number[]; deep: string[][] }", values: [{ list: [1, 2], deep: [["a"], []] }] },
  { type: "{ pair: [string, number?] }", values: [{ pair: ["a"] }, { pair: ["a", 1] }] },
  { type: "{ rest: readonly [string, ...number[]] }", values: [{ rest: ["a"] }, { rest: ["a", 1, 2] }] },
  { type: "{ table: Record<string, { x: number }> }", values: [{ table: {} }, { table: { a: { x: 1 } } }] },
  { type: 'Record<"a" | "b", number>', values: [{ a: 1, b: 2 }] },
  { type: "{ [name: string]: number }", values: [{}, { any: 1 }] },
  { type: "{ [name: `n-${string}`]: number }", values: [{}, { "n-x": 1 }] },
  { type: "{ a: number } & { b: string }", values: [{ a: 1, b: "x" }] },
  {
    before: "interface Base { a: number; b: string; c?: boolean }",
    type: 'Partial<Pick<Base, "a">> & Omit<Base, "a">',
    values: [{ b: "x" }, { a: 1, b: "x", c: true }],
  },
  { before: "interface Base { a?: number }", type: "Required<Base>", values: [{ a: 1 }] },
  { before: 'enum Color { Red = "red", Blue = "blue" }', type: "{ color: `${Color}` }", values: [{ color: "red" }] },
  {
    before: "interface Tree { name: string; children?: Tree[] }",
    type: "Tree",
    values: [{ name: "a", children: [{ name: "b", children: [] }] }],
  },
  {
    before: "interface Tree { name: string; children?: readonly Tree[] }",
    type: "{ roots: Tree[]; other?: Tree }",
    values: [{ roots: [{ name: "a", children: [{ name: "b" }] }] }],
  },
  {
    before: 'type Source = { kind: "file"; path: string } | { kind: "http"; url: string; retries?: number };',
    type: "{ source: Source }",
    values: [{ source: { kind: "file", path: "p" } }, { source: { kind: "http", url: "u", retries: 2 } }],
  },
  { type: "{ a: string | number[] }", values: [{ a: "x" }, { a: [1] }] },
  { type: "{ a: unknown; b?: unknown }", values: [{ a: 1 }, { a: { x: [] }, b: null }] },
  {
    before: 'import type { JsonValue, JsonObject, ReadonlyDeep } from "type-fest";',
    type: "{ a: JsonValue; b?: JsonValue; c: JsonObject; d: ReadonlyDeep<{ x: { y: string[] }[] }> }",
    values: [
      { a: null, c: {}, d: { x: [{ y: ["a"] }] } },
      { a: [1], b: [{}], c: { z: 1 }, d: { x: [] } },
    ],
  },
  { type: "{ flag?: boolean; on: true }", values: [{ on: true }, { on: true, flag: false }] },
  { before: "type Id = string & { readonly __brand: 1 }", type: "{ name: string }", values: [{ name: "x" }] },
  {
    before: "interface Page<T> { items: T[]; next?: string }",
    type: "Page<{ n: number }>",
    values: [{ items: [{ n: 1 }] }],
  },
];

let folder = "";
let types: TypeProgram;
const names = CASES.map((_, index) => join("types", `case-${index}.ts`));
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "assay-types-")));
  mkdirSync(join(folder, "types"));
  symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  CASES.forEach((one, index) => write(names[index] ?? "", textOf(one)));
  types = await loadTypeProgram(
    null,
    names.map((name) => join(folder, name)),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** `typed` stands at the second line, second column from the left. */
function textOf({ before = "", type }: Case): string {
  return `${before} declare function typed<A>(): A;\n;typed<${type}>();\nexport type Args = ${type};\n`;
}

function schemaOf(name: string, program: TypeProgram = types): TypeSchema {
  const made = typeSchema(
    program,
    { path: join(folder, name), line: 2, column: 2 },
    {
      nameOf: (path) =>
        path.startsWith(folder) && !path.includes("node_modules") ? path.slice(folder.length + 1) : null,
    },
  );
  if (made === null) throw new Error("there is no call of typed");
  return made;
}

const SCALARS: readonly JsonValue[] = ["x", "", "n-x", "fast", "red", "file", 0, 1, 3, true, false, null, [], {}];

/** A value with one thing changed somewhere: replaced, added, or taken away. */
function changed(value: JsonValue): fc.Arbitrary<JsonValue> {
  const other = fc.constantFrom(...SCALARS);
  if (Array.isArray(value)) {
    const inside = value.map((item, index) => changed(item).map((next) => value.with(index, next)));
    return fc.oneof(
      other,
      other.map((next) => [...value, next]),
      fc.constant(value.slice(0, -1)),
      ...inside,
    );
  }
  if (typeof value !== "object" || value === null) return other;
  const entries = Object.entries(value) as [string, JsonValue][];
  const without = entries.map(([key]) => fc.constant(Object.fromEntries(entries.filter(([name]) => name !== key))));
  const inside = entries.map(([key, held]) => changed(held).map((next) => ({ ...value, [key]: next })));
  const added = fc.tuple(fc.constantFrom("a", "b", "extra", "n-x", "kind", "retries", "name", "children"), other);
  return fc.oneof(
    other,
    added.map(([key, next]) => ({ ...value, [key]: next })),
    ...without,
    ...inside,
  );
}

describe("the schema of a type", () => {
  it.each(CASES.map(({ type }, index) => [type, index] as const))("%s is sound", (_type, index) => {
    const { schema, findings } = schemaOf(names[index] ?? "");
    expect(findings).toEqual([]);
    expect(argsProblems(schema)).toEqual([]);
    const validator = new Validator(schema as never, "2020-12", false);
    for (const value of CASES[index]?.values ?? [])
      expect(validator.validate(value), JSON.stringify(schema)).toMatchObject({ valid: true });
  });

  it("takes the values that the compiler takes, and no others", async () => {
    const tried = CASES.map(({ values }, index) =>
      fc.sample(fc.oneof(...values.map(changed), ...values.map((value) => changed(value).chain(changed))), {
        numRuns: 80,
        seed: index,
      }),
    );
    const files = tried.map((values, index) => {
      const name = join("types", `tried-${index}.ts`);
      const lines = values.map((value, at) => `export const v${at}: Args = ${JSON.stringify(value)};\n`);
      write(name, `import type { Args } from "./case-${index}.ts";\n${lines.join("")}`);
      return name;
    });
    const program = await loadTypeProgram(
      null,
      files.map((name) => join(folder, name)),
    );
    let refused = 0;
    const differ: string[] = [];
    for (const [index, name] of files.entries()) {
      const source = program.program.getSourceFile(join(folder, name));
      if (source === undefined) throw new Error(`${name} is not there`);
      const wrong = new Set(
        program.program
          .getSemanticDiagnostics(source)
          // How a module is named is no matter here.
          .filter(({ code }) => code !== 5097)
          .map(({ start = 0 }) => source.getLineAndCharacterOfPosition(start).line - 1),
      );
      const { schema } = schemaOf(names[index] ?? "");
      const validator = new Validator(schema as never, "2020-12", false);
      for (const [at, value] of (tried[index] ?? []).entries()) {
        if (wrong.has(at)) refused += 1;
        // To the compiler whatever is not `null` is an object without properties, which for arguments would say nothing.
        if (CASES[index]?.type === "{}") continue;
        const { valid } = validator.validate(value);
        if (valid === wrong.has(at))
          differ.push(`${CASES[index]?.type} ${valid ? "takes" : "refuses"} ${JSON.stringify(value)}`);
      }
    }
    expect(differ).toEqual([]);
    expect(refused).toBeGreaterThan(300);
  });
});

describe("doc comments", () => {
  it("become descriptions, bounds and defaults", async () => {
    write(
      "docs.ts",
      `declare function typed<A>(): A;\n;typed<Args>();
interface Args {
  /**
   * Share of what is {@link kept}.
   *
   * A second paragraph.
   * @range (0, 1] and >= 0.1
   * @default 0.5
   */
  share: number;
  /** @range integer >= 1 */ counts: number[];
  /** A name. @pattern ^[a-z]+$ @minLength 2 @maxLength 8 @default none */ name?: string;
  /** @minItems 1 @maxItems 3 */ list: readonly string[];
  /** @range integer */ maybe: number | null;
  /** @deprecated use the other one */ old?: string;
}\n`,
    );
    const { schema, findings } = schemaOf("docs.ts", await loadTypeProgram(null, [join(folder, "docs.ts")]));
    expect(findings).toEqual([]);
    expect(schema).toEqual({
      type: "object",
      additionalProperties: false,
      required: ["counts", "list", "maybe", "share"],
      properties: {
        share: { description: "Share of what is kept.", type: "number", minimum: 0.1, maximum: 1, default: 0.5 },
        counts: { type: "array", items: { type: "integer", minimum: 1 } },
        name: {
          description: "A name.",
          type: "string",
          pattern: "^[a-z]+$",
          minLength: 2,
          maxLength: 8,
          default: "none",
        },
        list: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
        maybe: { type: ["integer", "null"] },
        old: { type: "string" },
      },
    });
  });
});

describe("what is no JSON", () => {
  it.each([
    ["Date", "is a `Date`, which is no JSON"],
    ["Map<string, number>", "is a `Map`, which is no JSON"],
    ["() => void", "is a function, which is no JSON"],
    ["new () => object", "is a class, which is no JSON"],
    ["bigint", "is a BigInt, which is no JSON"],
    ["symbol", "is a symbol, which is no JSON"],
    ["never", "is `never`, which is no JSON"],
    ["undefined", "is `undefined`, which is no JSON"],
    ["Widget", "is an instance of the class `Widget`, which is no JSON"],
    ["Uint8Array", "is a `Uint8Array`, which is no JSON"],
    ["T", "is the open type parameter `T`, which is no JSON"],
    ["T extends string ? 1 : 2", "is `T extends string ? 1 : 2`, which depends on an open type parameter"],
  ])("%s is told at its property", async (type, found) => {
    write(
      "wrong.ts",
      `class Widget { x = 1 } export function make<T>() { declare function typed<A>(): A;\n;typed<{ ok: Widget["x"]; deep: { wrong: ${type} } }>(); return 1 as unknown as T; }\n`,
    );
    const program = await loadTypeProgram(null, [join(folder, "wrong.ts")]);
    const { findings } = schemaOf("wrong.ts", program);
    expect(findings.map(({ code, data, at }) => ({ code, data, at }))).toEqual([
      {
        code: "plugin/type-not-json",
        data: { path: "deep.wrong", found },
        at: { kind: "span", span: { file: "wrong.ts", line: 2, column: 35, length: "wrong".length } },
      },
    ]);
  });

  it("is told all at once", async () => {
    write("all.ts", "declare function typed<A>(): A;\n;typed<{ a: Date; b: (string | undefined)[]; c: bigint }>();\n");
    const { findings } = schemaOf("all.ts", await loadTypeProgram(null, [join(folder, "all.ts")]));
    expect(findings.map(({ data }) => data["path"])).toEqual(["a", "b[]", "c"]);
  });

  it("is a type that goes on without end", async () => {
    write(
      "nest.ts",
      "declare function typed<A>(): A;\n;typed<Nest<string>>();\ninterface Nest<T> { inner?: Nest<T[]> }\n",
    );
    const { findings } = schemaOf("nest.ts", await loadTypeProgram(null, [join(folder, "nest.ts")]));
    expect(findings.map(({ message }) => message)[0]).toContain("goes on without end");
  });
});
