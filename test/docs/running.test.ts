import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLACEHOLDERS } from "../../src/spec/runtime.ts";
import { blocksOf, pageText, testBlocks, tourProject, writeBlock } from "./tour.ts";

const project = tourProject();
afterAll(() => project.remove());

describe("the page on running", () => {
  // It stands on the project of the README, as that is in the end.
  beforeAll(() => {
    for (const block of blocksOf("README.md")) if ("file" in block.info) writeBlock(project, block);
  });

  const blocks = blocksOf("docs/running.md");

  it("has commands", () => expect(blocks.filter(({ language }) => language === "console").length).toBeGreaterThan(3));

  testBlocks(project, blocks);

  it("knows all placeholders", () => {
    const rows = [...pageText("docs/running.md").matchAll(/^\| `\{(\w+)\}` \| (.*) \|$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(PLACEHOLDERS));
    for (const [, name, text = ""] of rows) expect(text).toContain(PLACEHOLDERS[name as keyof typeof PLACEHOLDERS]);
  });
});
