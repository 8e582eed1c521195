import "assay/plugins";
import { loadedPlugins } from "assay/plugin";
import { h800x256 } from "assay/experiments";
import { expect, it } from "vitest";

it("the shipped cluster's checkpoints have architectures that are in the catalogue", () => {
  const known = loadedPlugins().flatMap((plugin) => (plugin.kind === "modelFamily" ? plugin.cards : []));
  const ids = new Set(known.map(({ id }) => id));
  const unknown = Object.entries(h800x256.models).filter(([, id]) => !ids.has(id));
  expect(unknown).toEqual([]);
  expect(Object.keys(h800x256.models)).toContain("/storage/models/DeepSeek-R1-Distill-Qwen-14B");
});
