import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { experiment, rulePackage } from "./project.ts";

const CONFIG = `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  plugins: ["./rules/assay-plugin.json"],
  rules: [{ type: "mine", args: { most: 4 } }],
});
`;
const RULES = rulePackage(
  `yield { code: "my/code", message: words + args.most, at: "experiment" };
    yield { code: "my/other", message: "none" };`,
  "rules",
);
const FILES = {
  "assay.config.ts": CONFIG,
  "experiments/tune.ts": experiment(),
  ...RULES,
  "rules/index.js": `import { words } from "./words.js";\n${RULES["rules/index.js"]}`,
  "rules/words.js": `export const words = "at most ";\n`,
};

let project: TemporaryProject;
const build = () => compiledBuild(project.root, { cache: true });
const read = (file: string) => readFileSync(join(project.root, file), "utf8");

beforeEach(async () => {
  project = temporaryProject(FILES);
  const first = await build();
  expect(first.diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["plugin/rule-answer", expect.stringContaining("`my/other`") as string],
    ["my/code", "at most 4"],
  ]);
  expect((await build()).cached).toBe(true);
});
afterEach(() => project.remove());

/** What each change makes of the rule's finding: its message and severity, and the line of its entry. */
const CHANGES: readonly (readonly [part: string, change: () => void, found: readonly [string, string, number]])[] = [
  [
    "the module of a rule",
    () => project.write({ "rules/index.js": read("rules/index.js").replace("words + args.most", `"none of it"`) }),
    ["none of it", "error", 6],
  ],
  [
    "what that module imports",
    () => project.write({ "rules/words.js": `export const words = "up to ";\n` }),
    ["up to 4", "error", 6],
  ],
  [
    "its arguments",
    () => project.write({ "assay.config.ts": CONFIG.replace("most: 4", "most: 5") }),
    ["at most 5", "error", 6],
  ],
  [
    "the severities",
    () =>
      project.write({ "assay.config.ts": CONFIG.replace("rules:", `severities: { "my/code": "warning" }, rules:`) }),
    ["at most 4", "warning", 6],
  ],
  [
    "the descriptor",
    () =>
      project.write({
        "rules/assay-plugin.json": read("rules/assay-plugin.json").replace(
          `"severity":"error"`,
          `"severity":"warning"`,
        ),
      }),
    ["at most 4", "warning", 6],
  ],
  [
    "the line of its entry",
    () => project.write({ "assay.config.ts": `// Rules of the site.\n${CONFIG}` }),
    ["at most 4", "error", 7],
  ],
];

describe("the cache of a project with rules", () => {
  it.each(CHANGES)("sees a change of %s alone", async (_, change, [message, severity, line]) => {
    change();
    const { diagnostics, cached } = await build();
    expect(cached).toBe(false);
    const [answer, found] = diagnostics;
    expect([found?.message, found?.severity]).toEqual([message, severity]);
    expect(answer?.primary).toMatchObject({ file: "assay.config.ts", line });
    expect((await build()).diagnostics).toEqual(diagnostics);
  });

  it("does no work for a change that nothing depends on", async () => {
    project.write({ "rules/notes.js": "export {};\n" });
    expect((await build()).cached).toBe(true);
  });
});
