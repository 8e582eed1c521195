import { describe, expect, it } from "vitest";
import { sampleOf } from "../../../src/manifest/sample.ts";

const read = (lines: readonly string[], listed: readonly string[] = []) =>
  sampleOf(lines.map((line) => `${line}\n`).join(""), { file: "data/x.jsonl", isWhole: true, listed: new Set(listed) });

describe("a sample", () => {
  it("counts its rows, and the types of each column with the first place of each", () => {
    const { rows, columns, firstRow, fault } = read([
      '{"prompt": "a b", "score": 1}',
      '{"prompt": null, "score": 0.5}',
      '{"score": 2}',
    ]);
    expect({ rows, fault, firstRow }).toEqual({ rows: 3, fault: null, firstRow: { line: 1, column: 1, length: 29 } });
    expect(columns["prompt"]).toEqual({
      rows: 2,
      lacking: { line: 3, column: 1, length: 12 },
      types: {
        string: { count: 1, first: { line: 1, column: 12, length: 5 } },
        null: { count: 1, first: { line: 2, column: 12, length: 4 } },
      },
      items: {},
      values: null,
      largest: { size: 2, of: "words", at: { line: 1, column: 12, length: 5 } },
    });
    expect(Object.entries(columns["score"]?.types ?? {}).map(([type, { count }]) => [type, count])).toEqual([
      ["integer", 2],
      ["number", 1],
    ]);
    expect(columns["score"]?.largest).toMatchObject({ size: 2, of: "number", at: { line: 3 } });
  });

  it("keeps texts of listed columns only, with what rows of each lack", () => {
    const { columns } = read(
      ['{"task": "math", "solutions": ["1", 2]}', '{"task": "math"}', '{"task": "code", "solutions": []}'],
      ["task"],
    );
    expect(columns["task"]?.values).toEqual({
      math: {
        count: 2,
        first: { line: 1, column: 10, length: 6 },
        lacking: { solutions: { count: 1, first: { line: 2, column: 1, length: 16 } } },
      },
      code: { count: 1, first: { line: 3, column: 10, length: 6 }, lacking: {} },
    });
    expect(columns["solutions"]?.values).toBe(null);
    expect(Object.keys(columns["solutions"]?.items ?? {})).toEqual(["string", "integer"]);
    expect(columns["solutions"]?.largest).toMatchObject({ size: 2, of: "items", at: { line: 1 } });
  });

  it.each([
    ["{broken}", 2, 'there must be no "b" here'],
    ['{"a": 1', 8, "it ends too early"],
    ["[1]", 1, "it is an array"],
    ["null", 1, "it is null"],
    ['"text"', 1, "it is a string"],
    ["", 1, "it is blank"],
    ["  ", 1, "it is blank"],
    ['{"a": NaN}', 7, 'there must be no "N" here'],
  ])("tells %j with its column, and counts the others", (line, column, problem) => {
    const { rows, fault } = read(['{"a": 1}', line, "[]", '{"a": 2}']);
    expect({ rows, fault }).toMatchObject({ rows: 2, fault: { line: 2, column, problem } });
  });

  it("needs no end of the last line, and takes those of other systems", () => {
    const text = '{"a": 1}\r\n{"a": 2}';
    const { rows, fault } = sampleOf(text, { file: "x", isWhole: false, listed: new Set() });
    expect({ rows, fault }).toEqual({ rows: 2, fault: null });
    expect(sampleOf("", { file: "x", isWhole: true, listed: new Set() })).toMatchObject({ rows: 0, firstRow: null });
  });

  it.each([
    ["one two  three", 3],
    ["a \n \n b", 2],
    ["x, - + y", 2],
    ["one\ntwo\tthree", 1],
    ["汉字没有空格", 1],
    ["", 0],
    ["- -", 1],
    ["1 2 3", 3],
  ])("counts words of %j that can't share a token", (text, size) => {
    const { columns } = read([JSON.stringify({ text })]);
    expect(columns["text"]?.largest?.size).toBe(size);
  });

  it.each([
    ["x".repeat(256), 1, "words"],
    ["x".repeat(257), 2, "characters"],
    ["汉".repeat(25_600), 100, "characters"],
    ["- ".repeat(2560), 20, "characters"],
    ["ab ".repeat(2560), 2560, "words"],
  ])("counts texts without words by their characters", (text, size, of) => {
    const { columns } = read([JSON.stringify({ text })]);
    expect(columns["text"]?.largest).toMatchObject({ size, of });
  });

  it("has columns of any name", () => {
    const { columns } = read(['{"__proto__": 1, "a/b": "x", "constructor": 2}']);
    expect(Object.keys(columns).sort()).toEqual(["__proto__", "a/b", "constructor"]);
    expect(columns["a/b"]?.largest?.at).toEqual({ line: 1, column: 25, length: 3 });
  });

  it("looks at no more rows than it must", () => {
    const text = '{"a":1}\n'.repeat(100_001);
    expect(sampleOf(text, { file: "x", isWhole: true, listed: new Set() })).toMatchObject({
      rows: 100_000,
      isCut: true,
    });
  });
});
