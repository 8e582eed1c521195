import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, testBlocks, tourProject, writeBlock } from "./tour.ts";

const project = tourProject();
afterAll(() => project.remove());

describe("the page on exports", () => {
  // It stands on the project of the README, as that is in the end.
  beforeAll(() => {
    for (const block of blocksOf("README.md")) if ("file" in block.info) writeBlock(project, block);
  });

  const blocks = blocksOf("docs/export.md");

  it("has commands", () => expect(blocks.filter(({ language }) => language === "console").length).toBe(3));

  testBlocks(project, blocks);
});
