import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { shapeProblems } from "../../../../codegen/plugins/check.ts";
import { PLUGIN_SCHEMA } from "../../../../src/plugin/schema.ts";

const read = (path: string) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), "utf8")) as unknown;

describe("the schema of descriptors", () => {
  it("is the one of the docs", () => {
    expect(read("docs/plugin.schema.json")).toEqual(PLUGIN_SCHEMA);
  });

  it("holds for what the library says of its own plugins", () => {
    expect(shapeProblems(read("assay-plugin.json"))).toEqual([]);
  });
});
