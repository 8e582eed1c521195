import { readFileSync } from "node:fs";
import { join } from "node:path";
import { outputsOfOneBuild } from "../../codes/outputs.ts";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

const build = outputsOfOneBuild();

/** Values of the second in place of those of the first, element by element and property by property. */
function edited(value: unknown, change: unknown): unknown {
  if (!isObject(value) || !isObject(change) || Array.isArray(value) !== Array.isArray(change)) return change;
  const copy = structuredClone(value);
  for (const [key, own] of Object.entries(change)) Reflect.set(copy, key, edited(Reflect.get(copy, key), own));
  return copy;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A manifest in which the example stands for what a build wrote there. */
export default {
  before: async (project, { text }) => {
    await build(project);
    const manifest = readFileSync(join(project.root, ".assay/my-run.one-node.manifest.json"), "utf8");
    project.write({ "edited.json": JSON.stringify(edited(JSON.parse(manifest), JSON.parse(text))) });
  },
  command: ["resolve", "--json", "edited.json"],
} satisfies ProjectScaffold;
