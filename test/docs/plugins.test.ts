import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PLUGIN_KINDS } from "../../src/spec/plugin-kinds.ts";
import { EmptyProject, packAssay } from "../e2e/project.ts";
import { blocksOf, pageText, runLine, testBlocks } from "./tour.ts";

const PAGE = "docs/plugins.md";
const folder = mkdtempSync(join(tmpdir(), "assay-plugins-page-"));
// What the first block installs: from a tarball, as there may be no registry.
const lab = new EmptyProject([packAssay(folder).tarball]);
afterAll(() => {
  lab.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("the page on plugins", () => {
  const blocks = blocksOf(PAGE);

  it("has nothing but what is executed, after what installs Assay", () => {
    const [install, ...rest] = blocks;
    expect(install?.language).toBe("sh");
    expect(rest.length).toBeGreaterThan(15);
    for (const { language, info } of rest) expect(language === "console" || "file" in info).toBe(true);
  });

  testBlocks(lab, blocks, (project, line) => {
    lab.linkTools();
    return runLine(project, line, { npm_config_offline: "true" });
  });

  it("has a line for every kind", () => {
    const rows = pageText(PAGE)
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    for (const kind of PLUGIN_KINDS) expect(rows.some((row) => row.split("|")[1]?.includes(`\`${kind}\``))).toBe(true);
  });
});
