import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiff } from "../../../src/cli/fix/diff.ts";
import { PLAIN } from "../../../src/diagnostics/render/style.ts";

const diff = (before: string, after: string) => renderDiff("a.ts", before, after, PLAIN);

/** Lines with their ends. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Applies a diff as `patch` does. */
function patched(before: string, shown: string): string {
  const source = linesOf(before);
  const result: string[] = [];
  let next = 0;
  const lines = shown.split("\n").slice(2, -1);
  for (const [index, line] of lines.entries()) {
    const [, from = "", count] = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line) ?? [];
    if (from !== "") {
      const start = Number(from) - (count === "0" ? 0 : 1);
      while (next < start) result.push(source[next++] ?? "");
    } else if (!line.startsWith("\\")) {
      const text = `${line.slice(1)}${lines[index + 1]?.startsWith("\\") === true ? "" : "\n"}`;
      if (line[0] !== "+") expect(text).toBe(source[next++]);
      if (line[0] !== "-") result.push(text);
    }
  }
  return [...result, ...source.slice(next)].join("");
}

/** Length of the longest common subsequence, the slow and plain way. */
function common(before: readonly string[], after: readonly string[]): number {
  const table = before.map(() => after.map(() => 0));
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (const [i, line] of before.entries()) {
    for (const [j, other] of after.entries()) {
      const row = table[i] ?? [];
      row[j] = line === other ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  }
  return at(before.length - 1, after.length - 1);
}

describe("diffs", () => {
  it("look like those of `diff -u`", () => {
    const lines = Array.from({ length: 30 }, (_line, index) => `line ${index + 1}`);
    const before = `${lines.join("\n")}\n`;
    const after = before.replace("line 5\n", "LINE 5\n").replace("line 20\n", "").replace("line 30\n", "line 30");
    expect(`\n${diff(before, after)}`).toMatchInlineSnapshot(`
      "
      --- a.ts
      +++ a.ts
      @@ -2,7 +2,7 @@
       line 2
       line 3
       line 4
      -line 5
      +LINE 5
       line 6
       line 7
       line 8
      @@ -17,7 +17,6 @@
       line 17
       line 18
       line 19
      -line 20
       line 21
       line 22
       line 23
      @@ -27,4 +26,4 @@
       line 27
       line 28
       line 29
      -line 30
      +line 30
      \\ No newline at end of file
      "
    `);
    expect(diff("a\n", "a\n")).toBe("");
    expect(diff("", "a\n")).toBe("--- a.ts\n+++ a.ts\n@@ -0,0 +1 @@\n+a\n");
  });

  it("show another line end as another line, and steer no terminal", () => {
    expect(diff("a\r\n\u001B[2J\r\n", "b\r\n\u001B[2J\r\n")).toBe(
      "--- a.ts\n+++ a.ts\n@@ -1,2 +1,2 @@\n-a\n+b\n \u241B[2J\n",
    );
  });

  it("turn the old text into the new one, by the fewest lines", () => {
    const text = fc
      .tuple(fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 14 }), fc.boolean())
      .map(([lines, ends]) =>
        lines.length === 0 ? "" : `${lines.join("\n")}${ends || lines.at(-1) === "" ? "\n" : ""}`,
      );
    fc.assert(
      fc.property(text, text, (before, after) => {
        const shown = diff(before, after);
        if (before === after) return;
        expect(patched(before, shown)).toBe(after);
        const [old, made] = [linesOf(before), linesOf(after)];
        const changed = shown
          .split("\n")
          .slice(2)
          .filter((line) => /^[-+]/.test(line)).length;
        expect(changed).toBe(old.length + made.length - 2 * common(old, made));
      }),
      { numRuns: 400 },
    );
  });
});
