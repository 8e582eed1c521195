import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { temporaryProject } from "../compiled-build.ts";
import { descriptorOf } from "../contract/broken.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { nohup } from "../fixtures/launchers/nohup/plugin.ts";
import { assay, EXPERIMENT, PATIENCE_MS, recordOf } from "./project.ts";

const project = temporaryProject({
  "experiments/answers.ts": EXPERIMENT,
  "assay.config.ts": `import { clusterSpec, defineConfig } from "assay";
import { nohup } from "assay-broken";

export default defineConfig({
  plugins: ["assay-broken"],
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  launchers: { site: nohup({ graceSeconds: 1 }) },
  runtimes: { failing: { command: ["bash", "-c", "exit 7"], resources: "none" } },
});
`,
  "node_modules/assay-broken/package.json": JSON.stringify({
    name: "assay-broken",
    version: "1.0.0",
    type: "module",
    exports: { ".": { types: "./index.d.ts", import: "./index.js" } },
  }),
  "node_modules/assay-broken/index.js": `export { nohup } from ${JSON.stringify(join(compiledFolder(), "test/fixtures/launchers/nohup/plugin.js"))};\n`,
  "node_modules/assay-broken/assay-plugin.json": JSON.stringify(descriptorOf(nohup.definition)),
});
afterAll(() => project.remove());

it("a launcher of a package starts, tells and fails as our own does", { timeout: PATIENCE_MS }, () => {
  const fine = assay(project, ["run", "answers.small", "--on", "site", "--runtime", "rehearsal", "--trial", "fine"]);
  expect(fine.code, fine.err).toBe(0);
  expect(fine.out).toContain("modelWorker.1 | modelWorker 1 of 2: its own config has");
  expect(recordOf(project, "fine")).toMatchObject({
    status: "COMPLETE",
    launcher: { name: "site", type: "nohup", args: { graceSeconds: 1 }, package: "assay-broken" },
  });
  expect(assay(project, ["logs", "answers/fine", "--worker", "masterWorker"]).out).toContain("masterWorker 0 of 1");
  const failed = assay(project, ["run", "answers.small", "--on", "site", "--runtime", "failing", "--trial", "failed"]);
  expect([failed.code, failed.err]).toEqual([1, expect.stringMatching(/worker \w+Worker\.\d ended with exit code 7/)]);
});
