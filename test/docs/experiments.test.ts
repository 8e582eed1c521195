import "assay/experiments";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { presetsOf } from "../../src/dsl/experiment.ts";
import { authorExperiment } from "../../src/dsl/author.ts";
import { allOf } from "../../src/realm/realm.ts";
import { blocksOf, compile, pageText, testBlocks, tourProject, writeBlock } from "./tour.ts";

const PAGE = "docs/experiments.md";
const project = tourProject();
afterAll(() => project.remove());

describe("the page on shipped experiments", () => {
  // It stands on the project of the README, as that is in the end.
  beforeAll(() => {
    for (const block of blocksOf("README.md")) if ("file" in block.info) writeBlock(project, block);
  });

  testBlocks(project, blocksOf(PAGE));

  it("leaves a project that compiles", () => expect(compile(project)).toBe(""));

  const rows = new Map(
    [...pageText(PAGE).matchAll(/^\| `([\w-]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)].map(
      ([, name = "", calls = "", needs = ""]) => [name, { calls: named(calls), needs: named(needs) }] as const,
    ),
  );
  const registered = allOf((realm) => realm.experiments);

  it("has a row for each, and no other", () => expect([...rows.keys()].sort()).toEqual([...registered.keys()].sort()));

  it.each([...rows])("says what %s needs", (name, { needs }) => {
    const { needs: found } = authorExperiment({ name, preset: null, overrides: [], optional: true });
    expect(found).toEqual(needs);
  });

  it.each([...rows])("names calls of %s", (name, { calls }) => {
    const target = registered.get(name)?.target;
    const presets = target?.kind === "class" ? presetsOf(target.type).map((preset) => preset.name) : [];
    const found = presets.flatMap((preset) => {
      const { authored } = authorExperiment({ name, preset, overrides: [] });
      return (authored?.setups ?? []).flatMap(({ modelRpcs }) => modelRpcs.map((call) => call.name));
    });
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((call) => !calls.includes(call))).toEqual([]);
  });
});

/** What stands in ticks. */
function named(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}
