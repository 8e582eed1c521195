import { afterAll, describe, expect, it } from "vitest";
import { blocksOf, compile, testBlocks, tourProject } from "./tour.ts";

const project = tourProject();
afterAll(() => project.remove());

describe("the README's tour", () => {
  const blocks = blocksOf("README.md");

  it("has blocks of all kinds", () => {
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(["sh", "json", "ts", "console"]));
  });

  testBlocks(project, blocks);

  it("leaves a project that compiles", () => expect(compile(project)).toBe(""));
});
