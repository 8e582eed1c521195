import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const text = readFileSync(`${docs}rules-catalogue.md`, "utf8");
const rows = [...text.matchAll(/^\| ([A-Z]\d+) \| [^|]+ \| ([^|]+) \|$/gm)].map(([, id = "", codes = ""]) => ({
  id,
  codes,
}));
const COUNTS = { P: 10, A: 9, B: 11, L: 5, D: 7, S: 3, X: 5 };

describe("the catalogue of rules", () => {
  it("has a row for each rule", () => {
    const ids = Object.entries(COUNTS).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it("names codes that have a page, or says why there is none", () => {
    for (const { id, codes } of rows) {
      const named = [...codes.matchAll(/\(codes\/([a-z/-]+)\.md\)/g)].map(([, code = ""]) => code);
      expect(
        named.filter((code) => !existsSync(`${docs}codes/${code}.md`)),
        id,
      ).toEqual([]);
      expect(named.length > 0 || /can't occur:|not checked:/.test(codes), id).toBe(true);
    }
  });
});
