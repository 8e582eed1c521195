import { describe, expect, it } from "vitest";
import type { Diagnostic, Span } from "../../../../src/diagnostics/finding.ts";
import { type PrettyOptions, renderPretty } from "../../../../src/diagnostics/render/pretty.ts";
import { PLAIN } from "../../../../src/diagnostics/render/style.ts";

function spanOf(text: string, marked: string, file = "experiments/a.ts"): Span {
  const offset = text.indexOf(marked);
  if (offset < 0) throw new Error(`no ${marked}`);
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: marked.length };
}

function diagnostic(input: Partial<Diagnostic>): Diagnostic {
  return {
    code: "graph/unproduced-key",
    severity: "error",
    message: "call `a` reads `k`, which nothing yields",
    data: {},
    experiment: null,
    primary: null,
    related: [],
    notes: [],
    help: null,
    fix: null,
    ...input,
  };
}

function render(diagnostics: readonly Diagnostic[], sources: Record<string, string>, options?: Partial<PrettyOptions>) {
  const sourceOf = (file: string) => sources[file] ?? null;
  return `\n${renderPretty(diagnostics, { style: PLAIN, width: 80, sourceOf, pageOf: () => null, ...options })}`;
}

/** Text under the carets of the first excerpt, read off by columns. */
function underCarets(text: string): string {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /\| +\^/.test(line));
  const marks = lines[at] ?? "";
  const from = marks.indexOf("^");
  return (lines[at - 1] ?? "").slice(from, marks.lastIndexOf("^") + 1);
}

const A = "experiments/a.ts";

describe("diagnostics for people", () => {
  it("show all parts of a diagnostic", () => {
    const text = ["export class A {", "  lr = 1;", "  flow() {", "    return { a: call(this.lr) };", "  }", "}"].join(
      "\n",
    );
    const found = diagnostic({
      experiment: "a.one-node",
      primary: spanOf(text, "call(this.lr)"),
      related: [
        { span: spanOf(text, "lr = 1"), message: "the option is set here" },
        { span: { file: "experiments/b.ts", line: 1, column: 7, length: 3 }, message: "the dataset yields `x`" },
      ],
      notes: ["first line\nsecond line"],
      help: "add a call that yields `k`",
    });
    expect(render([found], { [A]: text, "experiments/b.ts": "const set = 1;" })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:4:17
         |
       2 |   lr = 1;
         |   ------ the option is set here
       3 |   flow() {
       4 |     return { a: call(this.lr) };
         |                 ^^^^^^^^^^^^^
        ::: experiments/b.ts:1:7
         |
       1 | const set = 1;
         |       --- the dataset yields \`x\`
         note: first line
               second line
         help: add a call that yields \`k\`
         in: experiment \`a.one-node\`
      "
    `);
  });

  it("count a tab as one character and show it as blanks", () => {
    const text = "\t\tconst\tname = broken;";
    const shown = render([diagnostic({ primary: spanOf(text, "broken") })], { [A]: text });
    expect(underCarets(shown)).toBe("broken");
    expect(shown).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:16
         |
       1 |         const   name = broken;
         |                        ^^^^^^
      "
    `);
  });

  it("put carets under what follows wide and astral characters", () => {
    const text = 'const 数据 = "👩‍👩‍👧 é 😀"; broken;';
    expect(render([diagnostic({ primary: spanOf(text, "broken") })], { [A]: text })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:29
         |
       1 | const 数据 = "👩‍👩‍👧 é 😀"; broken;
         |                         ^^^^^^
      "
    `);
    expect(render([diagnostic({ primary: spanOf(text, "😀") })], { [A]: text })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:24
         |
       1 | const 数据 = "👩‍👩‍👧 é 😀"; broken;
         |                    ^^
      "
    `);
    expect(render([diagnostic({ primary: spanOf(text, "数据") })], { [A]: text })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:7
         |
       1 | const 数据 = "👩‍👩‍👧 é 😀"; broken;
         |       ^^^^
      "
    `);
  });

  it("cut long lines around the span", () => {
    const text = `const a = "${"x".repeat(300)}", broken = 1, b = "${"y".repeat(300)}";`;
    const shown = render([diagnostic({ primary: spanOf(text, "broken = 1") })], { [A]: text });
    expect(underCarets(shown)).toBe("broken = 1");
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(shown).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:315
         |
       1 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxx", broken = 1, b = "yyyyyyyyyyyyyyyyyyyyyyy…
         |                                  ^^^^^^^^^^
      "
    `);
  });

  it("cut a span that is longer than the terminal is wide", () => {
    const text = `f("${"x".repeat(300)}")`;
    const shown = render([diagnostic({ primary: spanOf(text, `"${"x".repeat(300)}"`) })], { [A]: text });
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(shown).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:3
         |
       1 | f("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
         |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      "
    `);
  });

  it("show the end of a long line", () => {
    const text = `${"x".repeat(300)} end`;
    expect(underCarets(render([diagnostic({ primary: spanOf(text, "end") })], { [A]: text }))).toBe("end");
  });

  it("show the first line of a span of several", () => {
    const text = "const a = {\n  b: 1,\n  c: 2,\n};\nlast();";
    const primary = spanOf(text, "{\n  b: 1,\n  c: 2,\n}");
    expect(render([diagnostic({ primary })], { [A]: text })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:11
         |
       1 | const a = {
         |           ^ … and 3 more lines
      "
    `);
  });

  it("merge near lines and keep far ones apart", () => {
    const text = Array.from({ length: 40 }, (_, index) => `line${index + 1}();`).join("\n");
    const at = (line: number) => ({ file: A, line, column: 1, length: 5 });
    const related = [
      { span: at(8), message: "near" },
      { span: at(10), message: "" },
      { span: at(31), message: "far" },
    ];
    expect(render([diagnostic({ primary: at(10), related })], { [A]: text })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:10:1
         |
       8 | line8();
         | ----- near
       9 | line9();
      10 | line10();
         | ^^^^^
         | -----
        ::: experiments/a.ts:31:1
         |
      31 | line31();
         | ----- far
      "
    `);
  });

  it("show the command line that was typed", () => {
    const text = "assay check sft model.optimizer.lr=x";
    const primary = spanOf(text, "x", "<command line>");
    const found = diagnostic({ code: "option/type", message: "`x` is no number", primary });
    expect(render([found], { "<command line>": text })).toMatchInlineSnapshot(`
      "
      error[option/type]: \`x\` is no number
        --> command line
         |
       1 | assay check sft model.optimizer.lr=x
         |                                    ^
      "
    `);
  });

  it("name the place alone where there is no source, or none at that line", () => {
    const span = { file: "gone.ts", line: 3, column: 7, length: 2 };
    const related = [{ span: { file: "gone.ts", line: 90, column: 1, length: 0 }, message: "set here" }];
    expect(render([diagnostic({ primary: span, related })], {})).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> gone.ts:3:7
        ::: gone.ts:90:1 set here
      "
    `);
    expect(render([diagnostic({ primary: span })], { "gone.ts": "one line" })).toContain("--> gone.ts:3:7\n");
    expect(render([diagnostic({ nowhere: "it was given by the program" })], {})).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> no source: it was given by the program
      "
    `);
  });

  it("mark a point by one caret, at the end of a line too", () => {
    const text = "ab";
    const at = (column: number) => ({ file: A, line: 1, column, length: 0 });
    expect(render([diagnostic({ primary: at(2) })], { [A]: text })).toContain(" |  ^\n");
    expect(render([diagnostic({ primary: at(3) })], { [A]: text })).toContain(" |   ^\n");
  });

  it("show one mistake of many experiments once", () => {
    const primary = { file: A, line: 1, column: 1, length: 2 };
    const names = Array.from({ length: 9 }, (_, index) => `sft.p${index}`);
    const all = names.map((experiment) => diagnostic({ experiment, primary }));
    const other = diagnostic({ experiment: "sft.p0", primary, message: "another one", severity: "warning" });
    expect(render([...all, other], { [A]: "ab" })).toMatchInlineSnapshot(`
      "
      error[graph/unproduced-key]: call \`a\` reads \`k\`, which nothing yields
        --> experiments/a.ts:1:1
         |
       1 | ab
         | ^^
         in: experiments \`sft.p0\`, \`sft.p1\`, \`sft.p2\`, \`sft.p3\`, \`sft.p4\`, \`sft.p5\` and 3 more

      warning[graph/unproduced-key]: another one
        --> experiments/a.ts:1:1
         |
       1 | ab
         | ^^
         in: experiment \`sft.p0\`
      "
    `);
  });

  it("colour only if asked, and link codes only where terminals can", () => {
    const primary = { file: A, line: 1, column: 1, length: 2 };
    const style = { color: true, hyperlinks: true };
    const shown = render([diagnostic({ primary })], { [A]: "ab" }, { style, pageOf: (code) => `file:///docs/${code}` });
    expect(shown).toContain(
      "\u001B]8;;file:///docs/graph/unproduced-key\u001B\\\u001B[1;31merror[graph/unproduced-key]\u001B[0m\u001B]8;;\u001B\\",
    );
    expect(shown).toContain("\u001B[1;31m^^\u001B[0m");
    expect(render([diagnostic({ primary })], { [A]: "ab" })).not.toContain("\u001B");
  });

  it("let no source or message steer the terminal", () => {
    const text = "a\u001B[2Jb\u202Ec";
    const found = diagnostic({ message: text, primary: { file: A, line: 1, column: 6, length: 1 }, notes: [text] });
    const shown = render([found], { [A]: text });
    expect(shown).not.toMatch(/[\u001B\u202E]/);
    expect(underCarets(shown)).toBe("b");
  });
});
