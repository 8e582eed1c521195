import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { tuning } from "./experiments.ts";

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

it("ends by itself after experiments that had to be stopped, and tells of each", () => {
  const project = temporaryProject({
    "assay.config.ts": `export default { clusters: [{ name: "one", nodes: 1 }], limits: { timeoutMs: 1500, heapMiB: 96 } };`,
    "experiments/loops.ts": tuning("loops", { statements: "for (;;);" }),
    "experiments/fills.ts": tuning("fills", { statements: "const all: object[] = [];\n    for (;;) all.push({});" }),
    "experiments/loads.ts": tuning("loads", { before: "for (;;);" }),
    "experiments/sound.ts": tuning("sound"),
  });
  projects.push(project);
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const { status, signal, stdout } = spawnSync(process.execPath, [bin, "check", "--json"], {
    cwd: project.root,
    encoding: "utf8",
    timeout: 30_000,
  });
  expect({ status, signal }).toEqual({ status: 1, signal: null });
  for (const code of ["evaluate/time-limit", "evaluate/heap-limit"]) expect(stdout).toContain(code);
});
