import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { FILES } from "./project.ts";
import { isClean, type Watching, watching } from "./watching.ts";

let project: TemporaryProject;
let watch: Watching;
afterEach(async () => {
  await watch.watcher.close();
  project.remove();
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What the process holds: heap of the main thread, memory in all, threads of workers. */
function held() {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const { workers } = process.report.getReport() as unknown as { readonly workers: readonly object[] };
  return { heapMiB: heapUsed / 1024 / 1024, rssMiB: rss / 1024 / 1024, workers: workers.length };
}

it("a hundred saves take no more memory and no more workers than ten", { timeout: 300_000 }, async () => {
  project = temporaryProject(FILES);
  watch = await watching(project.root, { write: true });
  const save = (round: number) =>
    watch.after(
      () => project.write({ "lib/second.ts": `export const sequences = ${8 * (round + 9)};\n` }),
      (report) => isClean(report),
    );
  for (let round = 0; round < 10; round += 1) await save(round);
  const before = held();
  for (let round = 10; round < 110; round += 1) await save(round);
  const after = held();
  expect(before.workers).toBeGreaterThan(0);
  expect(after.workers).toBe(before.workers);
  expect(after.heapMiB - before.heapMiB).toBeLessThan(10);
  // Workers have heaps of their own.
  expect(after.rssMiB - before.rssMiB).toBeLessThan(150);
});
