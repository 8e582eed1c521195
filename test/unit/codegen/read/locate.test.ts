import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { LocateRequest, SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE, marked } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

type Path = LocateRequest["path"];
type Row = readonly [title: string, source: string, path: Path, range?: readonly [offset: number, length: number]];

function named(rows: readonly Row[]) {
  return rows.map(([title, source, path, range]) => ({ title, source, path, range }));
}

/** Locates from where `▸` stands in a source; the expected span is marked. */
function located(source: string, path: Path, range?: readonly [number, number]) {
  const position = source.replaceAll(/[«»]/g, "").indexOf("▸");
  const { text, spans } = marked(source.replace("▸", ""));
  const before = text.slice(0, position).split("\n");
  const request: LocateRequest = {
    line: before.length,
    column: (before.at(-1) ?? "").length + 1,
    path,
    ...(range === undefined ? {} : { range: { offset: range[0], length: range[1] } }),
  };
  return { ...reader.locate(FILE, text, request), expected: spans[0] };
}

describe("exact places", () => {
  const rows: readonly Row[] = [
    // Which call
    ["the call itself", "«▸f(1)»;", []],
    ["a function's argument", "▸f(«1», 2);", [0]],
    ["the second argument", "▸f(1, «x.y»);", [1]],
    ["the last argument", "▸f(1, 2, «3»);", [-1]],
    ["the last but one", "▸f(1, «2», 3);", [-2]],
    ["a method, at its name", "a.b.▸c(«1»);", [0]],
    ["a method over several lines", "a\n  .b(0)\n  .▸c(«1»);", [0]],
    ["an optional call", "a?.▸b(«1»);", [0]],
    ["new", "▸new X(«1»);", [0]],
    ["new with a qualified name", "▸new a.X<string>(«1»);", [0]],
    ["new, at the class's name", "new ▸X(«1»);", [0]],
    ["type arguments", "▸f<string>(«1»);", [0]],
    ["super", "class A extends B { constructor() { ▸super(«1»); } }", [0]],
    ["a called result, at its parenthesis", "f(1)▸(«2»);", [0]],
    ["the first call of a called result", "▸f(«1»)(2);", [0]],
    ["the inner of two", "f(▸f(«1»), 2);", [0]],
    ["the outer of two", "▸f(f(1), «2»);", [1]],
    ["a call in a call's callback", "f(() => { ▸g(«1»); });", [0]],
    ["a decorator", "▸@P(«1») class A {}", [0]],
    ["a decorator, at its name", "@O() @▸P(«1») class A {}", [0]],
    ["a decorator of a namespace", "@assay.▸P(«1») class A {}", [0]],
    ["a property's decorator", "class A { @▸O(«1») a = f(2); }", [0]],
    ["the surrounding call, from the middle of it", "f(1, «{ a: ▸2 }»);", [1]],
    ["the next call of the line, from in front of it", "re▸turn; f(«1»);", [0]],
    // Properties and elements
    ["a property", "▸f({ a: 1, b: «2» });", [0, "b"]],
    ["a nested property", "▸f(0, { a: { b: { c: «1» } } });", [1, "a", "b", "c"]],
    ["an element", "▸f([1, «2»]);", [0, 1]],
    ["an element's property", "▸f([{ a: 1 }, { a: «2» }]);", [0, 1, "a"]],
    ["an element by its number as a text", "▸f([1, «2»]);", [0, "1"]],
    ["a quoted property", '▸f({ "a-b": «1» });', [0, "a-b"]],
    ["a computed constant property", '▸f({ ["a"]: «1» });', [0, "a"]],
    ["a numeric property", "▸f({ 4: «1» });", [0, 4]],
    ["a shorthand property", "▸f({ «a» });", [0, "a"]],
    ["the last of two", "▸f({ a: 1, a: «2» });", [0, "a"]],
    ["a method", "▸f({ «a»() {} });", [0, "a"]],
    ["through as const", "▸f({ a: [«1»] } as const);", [0, "a", 0]],
    ["through satisfies and parentheses", "▸f(({ a: «1» } satisfies T));", [0, "a"]],
    ["through a type assertion and !", "▸f((<T>{ a: «1» })!);", [0, "a"]],
    ["through Object.freeze", "▸f(Object.freeze({ a: «1» }));", [0, "a"]],
    ["the value with its assertion", "▸f({ a: «1 as number» });", [0, "a"]],
    // Names
    ["a name stands for itself at the end", "const x = 1;\n▸f(«x»);", [0]],
    ["a helper's parameter", "function h(x) { return ▸f({ a: «x» }); }", [0, "a"]],
    ["through a const", "const x = { a: «1» };\n▸f(x);", [0, "a"]],
    ["through a const of a const", "const y = { a: «1» };\nconst x = y;\n▸f(x);", [0, "a"]],
    ["through a const that is frozen and asserted", "const x = Object.freeze({ a: «1» } as const);\n▸f(x);", [0, "a"]],
    ["through a const declared later", "function h() { ▸f(x); }\nconst x = { a: «1» };", [0, "a"]],
    ["through the nearest const", "const x = { a: 1 };\n{ const x = { a: «2» }; ▸f(x); }", [0, "a"]],
    ["through a property of a const", "const x = { y: { a: «1» } };\n▸f(x.y);", [0, "a"]],
    ["through an element of a const", 'const x = { y: [{ a: «1» }] };\n▸f(x["y"][0]);', [0, "a"]],
    ["through a shorthand", "const a = { b: «1» };\n▸f({ a });", [0, "a", "b"]],
    ["one branch of a condition has it", "▸f(c ? { a: «1» } : { b: 2 });", [0, "a"]],
    // Spreads
    ["a spread", "const x = { a: «1» };\n▸f({ ...x, b: 2 });", [0, "a"]],
    ["a spread that is overwritten", "const x = { a: 1 };\n▸f({ ...x, a: «2» });", [0, "a"]],
    ["a spread that overwrites", "const x = { a: «1» };\n▸f({ a: 2, ...x });", [0, "a"]],
    ["an unknown spread in front", "▸f({ ...x(), a: «1» });", [0, "a"]],
    ["a spread literal", "▸f({ ...{ a: «1» } });", [0, "a"]],
    ["a spread of a spread", "const x = { a: «1» };\nconst y = { ...x };\n▸f({ ...y });", [0, "a"]],
    ["a conditional spread", "▸f({ ...(c ? { a: «1» } : {}) });", [0, "a"]],
    ["a spread behind &&", "▸f({ ...(c && { a: «1» }) });", [0, "a"]],
    ["a spread of null", "▸f({ a: «1», ...(c ? null : undefined) });", [0, "a"]],
    ["an element behind a spread", 'const x = ["a", "b"];\n▸f([...x, «"c"»]);', [0, 2]],
    ["an element of a spread", 'const x = ["a", «"b"»];\n▸f(["z", ...x, "c"]);', [0, 2]],
    ["an element of a spread of a spread", "const y = [«1»];\nconst x = [0, ...y];\n▸f([...x]);", [0, 1]],
    ["spread arguments", "const x = [1, «2»];\n▸f(0, ...x);", [2]],
    ["the last of spread arguments", "const x = [1, «2»];\n▸f(0, ...x);", [-1]],
    ["an argument behind spread ones", "const x = [1, 2];\n▸f(...x, «3»);", [2]],
    // Names of properties
    ["a property's name", "▸f({ «a»: 1 });", [0, "a", "#key"]],
    ["a nested property's name", "▸f({ a: { «b»: 1 } });", [0, "a", "b", "#key"]],
    ["a quoted name", '▸f({ «"a-b"»: 1 });', [0, "a-b", "#key"]],
    ["a shorthand's name", "▸f({ «a» });", [0, "a", "#key"]],
    ["a name in a spread const", "const x = { «a»: 1 };\n▸f({ ...x });", [0, "a", "#key"]],
    [
      "a preset's misspelt option",
      '@▸Preset("x", { model: { «optimzer»: 1 } })\nclass A {}',
      [-1, "model", "optimzer", "#key"],
    ],
    ["the name over the call", "const x = { «a»: ▸f(1) };", ["#key"]],
    ["the quoted name over the call", 'const x = { «"a"»: ▸f(1) };', ["#key"]],
    ["the name over a call in a call", "const x = { «a»: when(c, ▸f(1)) };", ["#key"]],
    ["the name over a conditional call", "const x = { «a»: c ? ▸f(1) : undefined };", ["#key"]],
    ["the name over an asserted call", "const x = { «a»: (▸f(1) as T) };", ["#key"]],
    ["the name for a const", "const gen = ▸f(1);\nflow({ calls: { «a»: gen } });", ["#key"]],
    ["the shorthand for a const", "const gen = ▸f(1);\nflow({ calls: { «gen» } });", ["#key"]],
    ["the name for a const in a call", "const gen = ▸f(1);\nflow({ calls: { «a»: when(c, gen) } });", ["#key"]],
    ["an assigned property", "calls.«a» = ▸f(1);", ["#key"]],
    ["an assigned element", 'calls[«"a"»] = ▸f(1);', ["#key"]],
  ];
  it.each(named(rows))("$title", ({ source, path, range }) => {
    const { span, exact, expected } = located(source, path, range);
    expect({ span, exact }).toEqual({ span: expected, exact: true });
  });
});

describe("characters", () => {
  const rows: readonly Row[] = [
    ["of a string", '▸f("ab«cd»e");', [0], [2, 2]],
    ["of a whole string", '▸f("«abc»");', [0], [0, 3]],
    ["none, in the middle", '▸f("ab«»c");', [0], [2, 0]],
    ["none, at the end", '▸f("abc«»");', [0], [3, 0]],
    ["beyond the end", '▸f("ab«c»");', [0], [2, 5]],
    ["of an empty string", '▸f("«»");', [0], [0, 0]],
    ["of single quotes", "▸f('a\"«b»');", [0], [2, 1]],
    ["behind an escape", String.raw`▸f("a\n«b»");`, [0], [2, 1]],
    ["an escape itself", String.raw`▸f("a«\n»b");`, [0], [1, 1]],
    ["behind a quote's escape", String.raw`▸f("\"«b»");`, [0], [1, 1]],
    ["behind a hexadecimal escape", String.raw`▸f("\x41«b»");`, [0], [1, 1]],
    ["behind a unicode escape", String.raw`▸f("\u0041«b»");`, [0], [1, 1]],
    ["behind a code point in braces", String.raw`▸f("\u{41}«b»");`, [0], [1, 1]],
    ["behind a code point of two units", String.raw`▸f("\u{1F600}«b»");`, [0], [2, 1]],
    ["the code point of two units", String.raw`▸f("«\u{1F600}»b");`, [0], [0, 2]],
    ["behind a character of two units", '▸f("😀«b»");', [0], [2, 1]],
    ["behind a continued line", '▸f("a\\\n«b»c");', [0], [1, 1]],
    ["in front of a continued line", '▸f("«a»\\\nbc");', [0], [0, 1]],
    ["behind a continued line of Windows", '▸f("a\\\r\n«b»c");', [0], [1, 1]],
    ["of a template", "▸f(`a«b»`);", [0], [1, 1]],
    ["of a template over lines", "▸f(`a\n«b»`);", [0], [2, 1]],
    ["of a template over lines of Windows", "▸f(`a\r\n«b»`);", [0], [2, 1]],
    ["through a const", 'const s = "d4p1«m2»";\n▸f({ a: s });', [0, "a"], [4, 2]],
    ["through a shorthand", 'const a = "x«y»";\n▸f({ a });', [0, "a"], [1, 1]],
    ["through a const's property", 'const s = { t: "x«y»" };\n▸f(s.t);', [0], [1, 1]],
    ["of a sum", '▸f("ab" + "c«d»e");', [0], [3, 1]],
    ["over the parts of a sum", '▸f("a«b" + "c»de");', [0], [1, 2]],
    ["behind a constant hole", "const n = 16;\n▸f(`d${n}p«1»`);", [0], [4, 1]],
    ["of a hole's constant", "const n = 16;\n▸f(`d${«n»}p1`);", [0], [1, 2]],
    ["in front of an unknown hole", "▸f(`d«4»${n}`);", [0], [1, 1]],
    [
      "of a nested value",
      '@▸Preset("x", { allocationMode: "d4p1m2,«x»:d1" }) class A {}',
      [-1, "allocationMode"],
      [7, 1],
    ],
    ["of a name", "▸f({ ab«cd»e: 1 });", [0, "abcde", "#key"], [2, 2]],
    ["of a shorthand's name", 'const abc = "xyz";\n▸f({ a«b»c });', [0, "abc", "#key"], [1, 1]],
    ["of a quoted name", '▸f({ "a-«b»": 1 });', [0, "a-b", "#key"], [2, 1]],
  ];
  it.each(named(rows))("$title", ({ source, path, range }) => {
    const { span, exact, expected } = located(source, path, range);
    expect({ span, exact }).toEqual({ span: expected, exact: true });
  });

  it("are found whatever escapes stand in front", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ["\\n", "\n"],
        ["\\\\", "\\"],
        ['\\"', '"'],
        ["\\u{1F600}", "😀"],
        ["\\u00e9", "é"],
        ["\\x7e", "~"],
        ["\\\n", ""],
        ["\\0", "\0"],
        ["\\q", "q"],
      ),
      fc.constantFrom("a", "é", "😀", " ", ".", ":").map((text) => [text, text] as const),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(piece), (before, after) => {
        const raw = (pieces: readonly (readonly [string, string] | readonly string[])[]) =>
          pieces.map(([text]) => text).join("");
        const offset = before.map(([, value]) => value).join("").length;
        const { span, exact, expected } = located(`▸f("${raw(before)}«!»${raw(after)}");`, [0], [offset, 1]);
        expect({ span, exact }).toEqual({ span: expected, exact: true });
      }),
    );
  });
});

describe("the longest part of the way", () => {
  const rows: readonly Row[] = [
    ["no such argument", "«▸f(1)»;", [3]],
    ["no such last argument", "«▸f()»;", [-1]],
    ["no such property", "▸f(«{ a: 1 }»);", [0, "b"]],
    ["no such property further in", "▸f({ a: «{ b: 1 }» });", [0, "a", "c", "d"]],
    ["no such element", "▸f(«[1]»);", [0, 1]],
    ["a property of a number", "▸f({ a: «1» });", [0, "a", "b"]],
    ["an element that a map makes", "▸f({ a: «xs.map((x) => ({ b: x }))» });", [0, "a", 0, "b"]],
    ["an element that a loop makes", "const xs = [];\nfor (const y of ys) xs.push(y);\n▸f(«xs»);", [0, 2]],
    ["a helper's parameter", "function h(x) { ▸f(«x»); }", [0, "a"]],
    ["a parameter that hides a const", "const x = { a: 1 };\nfunction h(x) { ▸f(«x»); }", [0, "a"]],
    ["a destructured parameter that hides a const", "const x = { a: 1 };\nconst h = ({ x }) => ▸f(«x»);", [0, "a"]],
    ["a loop's const", "for (const x of xs) ▸f(«x»);", [0, "a"]],
    ["a let", "let x = { a: 1 };\n▸f(«x»);", [0, "a"]],
    ["an import", 'import { x } from "./x.ts";\n▸f(«x»);', [0, "a"]],
    ["a field", "class A { x = { a: 1 }; m() { ▸f(«this.x»); } }", [0, "a"]],
    ["a call's result", "▸f(«g({ a: 1 })»);", [0, "a"]],
    ["the only spread that it can come from", "▸f({ ...«x», b: 1 });", [0, "a"]],
    ["an unknown spread behind", "▸f(«{ a: 1, ...x }»);", [0, "a"]],
    ["a conditional spread behind", "▸f(«{ a: 1, ...(c ? { a: 2 } : {}) }»);", [0, "a"]],
    ["both branches", "▸f(«c ? { a: 1 } : { a: 2 }»);", [0, "a"]],
    ["a computed name", "▸f({ «[n]»: 1 });", [0, "a"]],
    ["behind a spread of unknown length", "▸f(«[...xs, 1]»);", [0, 1]],
    ["in a last spread of unknown length", "▸f([1, ...«xs»]);", [0, 1]],
    ["unknown spread arguments", "▸f(1, ...«xs»);", [1]],
    ["the last of unknown spread arguments", "▸f(1, «...xs»);", [-1]],
    ["the name of an element", "▸f([«1»]);", [0, 0, "#key"]],
    ["the name of an argument", "▸f(«1»);", [0, "#key"]],
    ["a name over the call, where there is none", "«▸f(1)»;", ["#key"]],
    ["a name over the call, through a function", "const x = { a: () => «▸f(1)» };", ["#key"]],
    ["a computed name over the call", "const x = { «[n]»: ▸f(1) };", ["#key"]],
    ["two names for a const", "const g = «▸f(1)»;\nflow({ a: g, b: g });", ["#key"]],
    ["characters of no string", "▸f(«n»);", [0], [0, 1]],
    ["characters of a const that is no string", "const n = 1;\n▸f(«n»);", [0], [0, 1]],
    ["characters behind an unknown hole", "▸f(«`d${n}p1`»);", [0], [2, 1]],
    ["characters of an unknown sum", '▸f(«a + "b"»);', [0], [0, 1]],
    ["a const of itself", "const x = { ...«x» };\n▸f(x);", [0, "a"]],
    ["consts of each other", "const x = y;\nconst y = x;\n▸f(«x»);", [0, "a"]],
  ];
  it.each(named(rows))("$title", ({ source, path, range }) => {
    const { span, exact, expected } = located(source, path, range);
    expect({ span, exact }).toEqual({ span: expected, exact: false });
  });

  it.each([
    ["no call there", "const a = 1;", 1, 1, { line: 1, column: 1, length: 5 }],
    ["a place outside the file", "f(1);", 90, 7, { line: 90, column: 7, length: 0 }],
  ])("%s", (_title, text, line, column, span) => {
    expect(reader.locate(FILE, text, { line, column, path: [0] })).toEqual({
      span: { file: FILE, ...span },
      exact: false,
    });
  });

  it("never throws and stays inside the file", () => {
    const source = `const s = { a: [1, { b: "x\\n" }], ...t };\nexport class A { @O() x = f(s, ...xs, { [k]: s.a[1] }, \`d\${n}\`); }`;
    const segment = fc.oneof(
      fc.constantFrom("a", "b", "#key", "length", "__proto__", "0"),
      fc.integer({ min: -3, max: 5 }),
    );
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.nat(80),
        fc.array(segment, { maxLength: 5 }),
        fc.option(fc.record({ offset: fc.nat(6), length: fc.nat(6) }), { nil: undefined }),
        (line, column, path, range) => {
          const { span } = reader.locate(FILE, source, {
            line,
            column,
            path,
            ...(range === undefined ? {} : { range }),
          });
          const start =
            source
              .split("\n")
              .slice(0, span.line - 1)
              .join("\n").length +
            (span.line > 1 ? 1 : 0) +
            span.column -
            1;
          expect(span.length).toBeGreaterThanOrEqual(0);
          if (span.length > 0) expect(start + span.length).toBeLessThanOrEqual(source.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
