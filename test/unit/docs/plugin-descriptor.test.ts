import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { shapeProblems } from "../../../codegen/plugins/check.ts";
import { PLUGIN_KINDS } from "../../../src/spec/plugin-kinds.ts";
import { PLUGIN_SCHEMA } from "../../../src/plugin/schema.ts";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), "utf8");
const PACKAGE = "test/fixtures/packages/assay-dataset-chat";
const page = read("docs/plugin-descriptor.md");
const blocks = [...page.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, block = ""]) => block);

describe("the page of descriptors", () => {
  it.each([
    ...["package.json", "index.js", "index.d.ts", "assay-plugin.json"].map((file) => `${PACKAGE}/${file}`),
    ...["assay.config.ts", "experiments/chat-sft.ts"].map((file) => `test/fixtures/projects/chat-sft/${file}`),
  ])("shows %s as it is", (file) => {
    expect(blocks).toContain(read(file));
  });

  it("has a line for every property of the format, and every kind", () => {
    const { types } = PLUGIN_SCHEMA.properties as {
      readonly types: { readonly items: { readonly properties: object } };
    };
    const lines = page.split("\n").filter((line) => line.startsWith("| `"));
    const named = new Set(lines.flatMap((line) => line.split(" | ")[0]?.match(/[$\w]+/g) ?? []));
    expect([...named]).toEqual(
      expect.arrayContaining([...Object.keys(PLUGIN_SCHEMA.properties ?? {}), ...Object.keys(types.items.properties)]),
    );
    for (const kind of PLUGIN_KINDS) expect(page).toContain(`\`${kind}\``);
  });

  it("links to pages that are there", () => {
    const slugs = [...page.matchAll(/codes\/plugin\/([\w-]+\.md)/g)].map(([, slug]) => slug);
    expect(slugs.length).toBeGreaterThanOrEqual(6);
    expect(readdirSync(fileURLToPath(new URL("../../../docs/codes/plugin", import.meta.url)))).toEqual(
      expect.arrayContaining(slugs),
    );
  });
});

describe("the package of the page", () => {
  const descriptor = JSON.parse(read(`${PACKAGE}/assay-plugin.json`)) as unknown;

  it("holds to the format", () => {
    expect(shapeProblems(descriptor)).toEqual([]);
  });
});
