import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { CHECKOUT, compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { foundIn, statuses, tuning } from "./experiments.ts";

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

/** Packages that mention `process`, clocks, timers and buffers, and can do without. */
const PACKAGES = [
  {
    name: "lodash",
    imports: `import lodash from "lodash";`,
    path: `lodash.template("/data/<%= name %>.jsonl")({ name: lodash.kebabCase("One Two") })`,
  },
  {
    name: "zod",
    imports: `import { z } from "zod";`,
    path: `z.object({ path: z.string().min(1) }).parse({ path: "/data/one-two.jsonl" }).path`,
  },
  {
    name: "yaml",
    imports: `import { parse } from "yaml";`,
    path: `(parse("path: /data/one-two.jsonl") as { path: string }).path`,
  },
];

it("ordinary packages run, as far as they use nothing that is refused", async () => {
  const project = temporaryProject({
    "experiments/random.ts": tuning("random", {
      imports: `import lodash from "lodash";`,
      statements: "void lodash.random(1, 6);",
    }),
    ...Object.fromEntries(PACKAGES.map(({ name, ...parts }) => [`experiments/${name}.ts`, tuning(name, parts)])),
  });
  projects.push(project);
  for (const { name } of PACKAGES) {
    symlinkSync(join(CHECKOUT, "node_modules", name), join(project.root, "node_modules", name), "dir");
  }
  const report = await compiledBuild(project.root);
  for (const { name } of PACKAGES) {
    expect(foundIn(report, name)).toEqual([]);
    expect(statuses(report, name)).toEqual(["needs", "proved"]);
  }
  expect(foundIn(report, "random").map(({ code }) => code)).toEqual(["evaluate/denied"]);
});
