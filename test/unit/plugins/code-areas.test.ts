import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ASSAY_AREAS, codeProblem } from "../../../src/plugin/code-areas.ts";

it("areas of Assay's codes are those that it documents", () => {
  const areas = readdirSync(fileURLToPath(new URL("../../../docs/codes", import.meta.url)));
  expect([...ASSAY_AREAS].sort()).toEqual(areas.sort());
});

it.each([
  ["site/too-many-gpus", null],
  ["graph/mine", "area"],
  ["graphs/mine", null],
  ["Site/x", "form"],
  ["site", "form"],
  ["site/x/y", "form"],
  ["site/2x", "form"],
])("%s: %s", (code, problem) => {
  expect(codeProblem(code)).toBe(problem);
});
