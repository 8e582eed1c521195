import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, compile, testBlocks, tourProject, writeBlock } from "./tour.ts";

const project = tourProject();
afterAll(() => project.remove());

describe("the page on rules and mutators", () => {
  // It stands on the project of the README, as that is in the end.
  beforeAll(() => {
    for (const block of blocksOf("README.md")) if ("file" in block.info) writeBlock(project, block);
  });

  const blocks = blocksOf("docs/rules.md").filter(({ language, info }) => language === "console" || "file" in info);

  it("has a rule, its descriptor, a config and commands", () => expect(blocks.length).toBeGreaterThan(6));

  testBlocks(project, blocks);

  it("compiles", () => expect(compile(project)).toBe(""));
});
