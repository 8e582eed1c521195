import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { shapeProblems } from "../../../codegen/plugins/check.ts";
import { describePlugins } from "../../../src/plugin/descriptor.ts";
import { PLUGIN_KINDS } from "../../../src/plugin/kinds.ts";
import { PLUGIN_SCHEMA } from "../../../src/plugin/schema.ts";
import * as chat from "../../fixtures/packages/assay-dataset-chat/index.js";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), "utf8");
const PACKAGE = "test/fixtures/packages/assay-dataset-chat";
const page = read("docs/plugins.md");
const blocks = [...page.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, block = ""]) => block);

describe("the page of plugins", () => {
  it.each([
    ...["package.json", "index.js", "index.d.ts", "assay-plugin.json"].map((file) => `${PACKAGE}/${file}`),
    ...["assay.config.ts", "experiments/chat-sft.ts"].map((file) => `test/fixtures/projects/chat-sft/${file}`),
  ])("shows %s as it is", (file) => {
    expect(blocks).toContain(read(file));
  });

  it("has a line for every property of the format, and every kind", () => {
    const { properties: ofType } = PLUGIN_SCHEMA.properties?.["types"]?.items as { readonly properties: object };
    const lines = page.split("\n").filter((line) => line.startsWith("| `"));
    const named = new Set(lines.flatMap((line) => line.split(" | ")[0]?.match(/[$\w]+/g) ?? []));
    expect([...named]).toEqual(
      expect.arrayContaining([...Object.keys(PLUGIN_SCHEMA.properties ?? {}), ...Object.keys(ofType)]),
    );
    for (const kind of PLUGIN_KINDS) expect(page).toContain(`\`${kind}\``);
  });

  it("links to pages that are there", () => {
    const slugs = [...page.matchAll(/codes\/plugin\/([\w-]+\.md)/g)].map(([, slug]) => slug);
    expect(slugs.length).toBe(6);
    expect(readdirSync(fileURLToPath(new URL("../../../docs/codes/plugin", import.meta.url)))).toEqual(
      expect.arrayContaining(slugs),
    );
  });
});

describe("the package of the page", () => {
  const descriptor = JSON.parse(read(`${PACKAGE}/assay-plugin.json`)) as unknown;

  it("describes its own definitions", () => {
    const { name, version } = JSON.parse(read(`${PACKAGE}/package.json`)) as {
      readonly name: string;
      readonly version: string;
    };
    const definitions = Object.values(chat).map(({ definition }) => definition);
    expect(definitions.length).toBe(1);
    expect(descriptor).toEqual(describePlugins(definitions, { package: name, version }));
  });

  it("holds to the format", () => {
    expect(shapeProblems(descriptor)).toEqual([]);
  });

  it("makes pairs of its type", () => {
    expect(chat.chatMessages({ path: "a.jsonl", maxLength: 8 })).toMatchObject({
      type: "chat_messages",
      args: { path: "a.jsonl", maxLength: 8 },
    });
  });
});
