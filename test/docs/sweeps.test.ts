import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandLine } from "../../src/cli/command-line.ts";
import { parseSweep } from "../../src/cli/sweep/points.ts";
import { blocksOf, pageText, testBlocks, tourProject, writeBlock } from "./tour.ts";

const project = tourProject();
afterAll(() => project.remove());

describe("the page on sweeps", () => {
  // It stands on the project of the README, as that is in the end.
  beforeAll(() => {
    for (const block of blocksOf("README.md")) if ("file" in block.info) writeBlock(project, block);
  });

  const blocks = blocksOf("docs/sweeps.md");

  it("has commands", () => expect(blocks.filter(({ language }) => language === "console").length).toBeGreaterThan(3));

  testBlocks(project, blocks);

  const rows = [...pageText("docs/sweeps.md").matchAll(/^\| `(\w+=[^|]*)` \| (one|two|the)\b/gm)];

  it("has examples of values", () => expect(rows.length).toBeGreaterThan(4));

  it.each(rows.map(([, argument = "", count = ""]) => [argument, count === "two" ? 2 : 1] as const))(
    "%s has values: %i",
    (argument, count) => {
      const { stdout } = spawnSync("bash", ["--norc", "-c", `printf %s ${argument}`], { encoding: "utf8" });
      const { axes, findings } = parseSweep([stdout], new CommandLine(["check", stdout]));
      expect(findings).toEqual([]);
      expect(axes.map(({ values }) => values.length)).toEqual([count]);
    },
  );
});
