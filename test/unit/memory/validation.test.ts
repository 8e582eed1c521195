import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { recipeRows, recipeTable, tableOf, validationRows } from "./validation.ts";

const PAGE = readFileSync(new URL("../../../docs/memory.md", import.meta.url), "utf8");

describe.each(Object.entries(validationRows()))("published figures: %s", (heading, rows) => {
  it.each(rows.map((row) => [row.what, row] as const))("%s", (_, { figure, estimate, digits }) => {
    // As exact as the figure was published.
    expect(Math.abs(estimate - figure)).toBeLessThanOrEqual(0.5 * 10 ** -digits + 0.05 * 10 ** -digits);
  });

  it("stand in the page as they are worked out", () => {
    expect(PAGE).toContain(`### ${heading}\n`);
    expect(PAGE).toContain(tableOf(rows));
  });
});

describe("published runs on GPUs of 80 GiB", () => {
  it("fit", () => {
    const rows = recipeRows();
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.filter(([, , gib]) => gib > 80 || gib <= 2)).toEqual([]);
  });

  it("stand in the page as they are worked out", () => {
    expect(PAGE).toContain(recipeTable());
  });
});
