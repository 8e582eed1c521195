import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadedPlugins } from "../../src/plugin/registry.ts";
import "assay/plugins";
import { blocksOf, compile, pageText, testBlocks, tourProject, writeBlock } from "./tour.ts";

const PAGE = "docs/datasets.md";
const project = tourProject();
afterAll(() => project.remove());

describe("the page on datasets", () => {
  // It stands on the project of the README, as that is in the end.
  beforeAll(() => {
    for (const block of blocksOf("README.md")) if ("file" in block.info) writeBlock(project, block);
  });

  const blocks = blocksOf(PAGE).filter(({ language, info }) => language === "console" || "file" in info);

  it("has samples, a plugin and commands", () => expect(blocks.length).toBeGreaterThan(8));

  testBlocks(project, blocks);

  it("leaves a project that compiles", () => expect(compile(project)).toBe(""));

  const rows = new Map(
    [...pageText(PAGE).matchAll(/^\| `(\w+)` \| ([^|]+) \|$/gm)].map(([, type = "", columns = ""]) => [type, columns]),
  );
  const datasets = loadedPlugins().filter(({ kind, facts }) => kind === "dataset" && !("stream" in facts));

  it("has a row for each shipped dataset, and no other", () =>
    expect([...rows.keys()].sort()).toEqual(datasets.map(({ type }) => type).sort()));

  it.each(datasets.map(({ type, facts }) => [type, Object.keys(facts["columns"] as object)] as const))(
    "names the columns of %s",
    (type, columns) => {
      expect(columns.length).toBeGreaterThan(1);
      for (const column of columns) expect(rows.get(type)).toContain(`\`${column}\``);
    },
  );
});
