import { afterAll, expect, it } from "vitest";
import { temporaryProject } from "../compiled-build.ts";
import { tuning } from "./experiments.ts";
import { compiledPool, jobOf, prepare } from "./pool.ts";

const NAMES = ["a", "b", "c", "d", "e"];
const project = temporaryProject({
  ...Object.fromEntries(NAMES.map((name) => [`experiments/${name}.ts`, tuning(name)])),
  "experiments/slow.ts": tuning("slow", {
    statements: "let sum = 0;\n    for (let index = 0; index < 3e8; index += 1) sum += index % 7;\n    void sum;",
  }),
});
project.write({
  "experiments/churns.ts": tuning("churns", {
    statements:
      "let last: object[] = [];\n    for (let round = 0; round < 150; round += 1) last = new Array(200_000).fill(0).map(() => ({ round }));\n    void last;",
  }),
});
afterAll(() => project.remove());

it("counts the time of a job from where it starts, not from where it waits", async () => {
  const pool = await compiledPool(project.root);
  try {
    await prepare(pool, project.root, { limits: { timeoutMs: 1500 } });
    const asked = ["slow", ...NAMES, "slow"].map((name) => pool.evaluate(jobOf(name)));
    // Nothing is heard of workers meanwhile.
    const until = Date.now() + 2500;
    while (Date.now() < until);
    for (const outcome of await Promise.all(asked)) {
      expect(outcome.findings).toEqual([]);
      expect(outcome.builds[0]?.parts).not.toBeNull();
    }
  } finally {
    await pool.close();
  }
});

it("counts the memory that an experiment needs, not what it has thrown away", async () => {
  const pool = await compiledPool(project.root);
  try {
    await prepare(pool, project.root, { limits: { heapMiB: 64 } });
    const outcome = await pool.evaluate(jobOf("churns"));
    expect(outcome.findings).toEqual([]);
    expect(outcome.builds[0]?.parts).not.toBeNull();
  } finally {
    await pool.close();
  }
});

it("rejects for what is wrong with Assay itself, and goes on", async () => {
  const pool = await compiledPool(project.root);
  try {
    await prepare(pool, project.root, { facts: null as never });
    await expect(pool.evaluate(jobOf("a"))).rejects.toThrow(TypeError);
    await prepare(pool, project.root);
    expect((await pool.evaluate(jobOf("a"))).builds[0]?.parts).not.toBeNull();
  } finally {
    await pool.close();
  }
});
